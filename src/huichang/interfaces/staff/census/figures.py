"""The figures of a month as tables: the same rows summed for a store, a region and the manufacturer (REM-24…26)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.contacts.queries import outcome_labels
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import kinds
from huichang.domains.reminders.census import Census, cause_label
from huichang.domains.reminders.models import Bucket

TONES = {
    Bucket.RETURNED: "ok", Bucket.NOT_REMINDED: "bad", Bucket.NOT_TRACKED: "warn", Bucket.NOT_RETURNED: "",
    Bucket.NOT_DUE: "",
}  # fmt: skip
# From what to mend first to what needs nothing.
ORDER = (Bucket.NOT_REMINDED, Bucket.NOT_TRACKED, Bucket.NOT_RETURNED, Bucket.RETURNED, Bucket.NOT_DUE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number that opens the cars behind it."""

    cars: int
    url: str


@dataclass(slots=True)
class Line:
    """A row of a table: a cell for each bucket of `ORDER`, and the share that came back of those due."""

    label: str
    cells: list[Cell] = field(default_factory=list)
    due: int = 0
    returned: int = 0
    level: int = 0  # 0 a sum over others, 1 one of them
    cars: int = 0

    @property
    def share(self) -> float | None:
        return self.returned / self.due if self.due else None


def tiles(census: Census) -> list[dict[str, Any]]:
    """One tile a bucket."""
    return [
        {
            "label": bucket.label, "cars": census.by_bucket.get(bucket, 0), "tone": TONES[bucket],
            "url": cars_url(census, bucket=bucket),
            "share": census.by_bucket.get(bucket, 0) / census.base if census.base else None,
        }
        for bucket in ORDER
    ]  # fmt: skip


def causes(census: Census) -> list[dict[str, Any]]:
    """Why cars are in their buckets, the largest first within each."""
    outcomes = outcome_labels()
    ordered = sorted(census.by_cause.items(), key=lambda item: (ORDER.index(Bucket(item[0][0])), -item[1]))
    return [
        {
            "bucket": Bucket(bucket).label, "tone": TONES[Bucket(bucket)],
            "cause": cause_label(cause, outcomes) if cause else "—", "cars": cars,
            "url": cars_url(census, bucket=bucket, cause=cause),
            "share": cars / census.base if census.base else None,
        }
        for (bucket, cause), cars in ordered
    ]  # fmt: skip


def by_kind(census: Census) -> list[Line]:
    """One line a kind that was due."""
    return [
        _line(census, kinds.label(code), census.by_kind[code], kind=code)
        for code in kinds.KINDS
        if code in census.by_kind
    ]


def by_place(census: Census, stores: Iterable[Dealer]) -> list[Line]:
    """Stores under their regions, each region with its sum: the same figures at every level."""
    regions: dict[str, list[Dealer]] = {}
    for store in stores:
        if store.pk in census.by_dealer:
            regions.setdefault(store.region.name if store.region else _("没有大区"), []).append(store)
    found = []
    for name, members in regions.items():
        total: dict[str, int] = {}
        for store in members:
            for bucket, cars in census.by_dealer[store.pk].items():
                total[bucket] = total.get(bucket, 0) + cars
        found.append(_line(census, name, total, linked=False))
        found.extend(
            _line(census, store.name, census.by_dealer[store.pk], level=1, dealer=str(store.pk))
            for store in members
        )
    return found


def whole(census: Census) -> Line:
    return _line(census, _("合计"), census.by_bucket)


def _line(
    census: Census,
    label: str,
    figures: Mapping[str, int],
    *,
    linked: bool = True,
    level: int = 0,
    **filters: str,
) -> Line:
    line = Line(label, level=level, cars=sum(figures.values()))
    for bucket in ORDER:
        cars = figures.get(bucket, 0)
        line.cells.append(Cell(cars, cars_url(census, bucket=bucket, **filters) if linked and cars else ""))
    line.due = line.cars - figures.get(Bucket.NOT_DUE, 0)
    line.returned = figures.get(Bucket.RETURNED, 0)
    return line


def cars_url(census: Census, **filters: str) -> str:
    """The list of the cars behind a number."""
    url = reverse("staff:census-cars", kwargs={"month": f"{census.month:%Y-%m}"})
    asked = {name: str(value) for name, value in filters.items() if value}
    return f"{url}?{urlencode(asked)}" if asked else url
