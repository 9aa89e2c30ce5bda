"""What a booking asks of parts: can they be there, from when, and are they."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from huichang.domains.catalog.models import LabourOperation
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.parts import policies
from huichang.domains.parts.models import PackagePart, Part, PartUse
from huichang.domains.parts.settling import awaited_free
from huichang.kernel import sql

_PACKAGE = "huichang.domains.parts"

Lines = Sequence[tuple[int, Decimal]]


def slowest_lead_days(labour: Iterable[LabourOperation | int]) -> int:
    """Lead time in days of the slowest part these jobs (or their ids) usually take; 0 when none is known.

    Learned from the store's receipts where there are enough, else as the catalogue states.
    """
    ids = [one if isinstance(one, int) else one.pk for one in labour]
    (row,) = sql.rows(_PACKAGE, "slowest_lead", {"labour_ids": ids})
    return int(row["days"] or 0)


def parts_for(labour_ids: Iterable[int]) -> list[tuple[int, Decimal]]:
    """What these jobs usually take, as (part id, quantity), learned from closed orders."""
    uses = PartUse.objects.filter(labour__in=list(labour_ids), part__is_active=True)
    rows = uses.values_list("part_id").annotate(quantity=Sum("quantity")).order_by("part_id")
    return list(rows)


def priced_parts_for(labour_ids: Iterable[int]) -> list[tuple[int, str, Decimal, Decimal]]:
    """As `parts_for`, with names and prices: (part id, name, price, quantity); one query."""
    uses = PartUse.objects.filter(labour__in=list(labour_ids), part__is_active=True)
    rows = uses.values_list("part_id", "part__name", "part__price").annotate(quantity=Sum("quantity"))
    return list(rows.order_by("part_id"))


@dataclass(frozen=True, slots=True)
class Availability:
    """How a wanted quantity of one part can be had.

    `free` is on the shelves and promised to nobody; `incoming` is on its way and promised to nobody, as (expected date,
    quantity); `ready_date` the first day on which all of it can be fitted, None for a part that is not traded any more.
    """

    part: Part
    quantity: Decimal
    free: Decimal
    reserved: Decimal
    incoming: tuple[tuple[date, Decimal], ...]
    lead_days: int
    ready_date: date | None
    need_date: date

    @property
    def is_in_time(self) -> bool:
        return self.ready_date is not None and self.ready_date <= self.need_date


def availability(dealer: Dealer, lines: Lines, need_date: date, *, today: date) -> list[Availability]:
    """Each part of `lines` (part id, quantity; packages are opened) for a visit on `need_date`. Four queries.

    What free pieces and orders cannot give is bought today and comes after the part's usual time; parts that come can be
    fitted after the store's days of buffer.
    """
    wanted = _opened(lines)
    parts = Part.objects.filter(pk__in=wanted).select_related("total").order_by("code")
    coming: dict[int, list[tuple[date, Decimal]]] = {}
    for line, left in awaited_free(wanted):
        coming.setdefault(line.part_id, []).append((line.expected_date, left))
    buffer = timedelta(days=policy(policies.BUFFER, dealer, today))
    return [
        _available(part, wanted[part.pk], tuple(coming.get(part.pk, ())), need_date, today, buffer)
        for part in parts
        if part.is_stocked
    ]


def _opened(lines: Lines) -> dict[int, Decimal]:
    """Quantities by part id, packages replaced by what is in them."""
    inside = PackagePart.objects.filter(package__in=[pk for pk, _quantity in lines])
    contents: dict[int, list[tuple[int, Decimal]]] = {}
    for package_id, part_id, each in inside.values_list("package_id", "part_id", "quantity"):
        contents.setdefault(package_id, []).append((part_id, each))
    wanted: dict[int, Decimal] = {}
    for pk, quantity in lines:
        for part_id, each in contents.get(pk, [(pk, Decimal(1))]):
            wanted[part_id] = wanted.get(part_id, Decimal(0)) + quantity * each
    return wanted


def _available(
    part: Part, quantity: Decimal, incoming: tuple[tuple[date, Decimal], ...], need_date: date, today: date,
    buffer: timedelta,
) -> Availability:  # fmt: skip
    total = getattr(part, "total", None)
    on_hand, reserved = (total.on_hand, total.reserved) if total else (Decimal(0), Decimal(0))
    free = max(on_hand - reserved, Decimal(0))
    return Availability(
        part=part, quantity=quantity, free=free, reserved=reserved, incoming=incoming, need_date=need_date,
        lead_days=part.usual_lead_days,
        ready_date=_ready(part, quantity - free, incoming, today, buffer),
    )  # fmt: skip


def _ready(
    part: Part, lacking: Decimal, incoming: tuple[tuple[date, Decimal], ...], today: date, buffer: timedelta
) -> date | None:
    if lacking <= 0:
        return today
    for expected, quantity in incoming:
        lacking -= quantity
        if lacking <= 0:
            return (expected if expected >= today else today + timedelta(days=1)) + buffer
    if not part.is_active:
        return None
    return today + timedelta(days=part.usual_lead_days) + buffer


def ready_date(dealer: Dealer, lines: Lines, today: date) -> date | None:
    """First day on which all these parts can be fitted: today when all are free (or none is wanted).

    None when one of them is not there and not traded any more.
    """
    dates = [one.ready_date for one in availability(dealer, lines, today, today=today)]
    known = [day for day in dates if day is not None]
    return max(known, default=today) if len(known) == len(dates) else None


@dataclass(frozen=True, slots=True)
class Readiness:
    """How a visit's parts stand.

    `state`: `drawn` all in the basket (or handed out), `ready` all there, `ordered` all on their way in time with `eta`
    the day of the last, `short` something must be bought, `late` something cannot be there on the day. A visit
    without parts is `ready` with `parts` 0.
    """

    state: str
    eta: date | None = None
    parts: int = 0


NO_PARTS = Readiness("ready")


def readiness(dealer: Dealer, references: Iterable[str]) -> dict[str, Readiness]:
    """How the parts of each of these visits stand, by reference; one query."""
    wanted = list(references)
    rows = sql.rows(_PACKAGE, "readiness", {"dealer_id": dealer.pk, "references": wanted})
    found = {row["reference"]: Readiness(row["state"], row["eta"], row["parts"]) for row in rows}
    return {reference: found.get(reference, NO_PARTS) for reference in wanted}
