"""Set-based statements of bookings."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, CharField, ForeignKey, IntegerField, JSONField, Model

from huichang.domains.appointments.models import (
    BandDiscount,
    BookingBand,
    EquipmentNeed,
    EquipmentOutage,
    JobLimit,
    ReserveUse,
)
from huichang.domains.catalog.models import Absence, Bay, StaffMember
from huichang.kernel import sql
from huichang.kernel.actors import Actor
from huichang.kernel.worktime import day_bounds

_PACKAGE = "huichang.domains.appointments"
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Resources:
    """What a store plans with: `staff` are its technicians and advisors, `discounts` those of its bands.

    `jobs` are [id, name, skill, hours] in no order; `taken` [id, kind, bay, staff, equipment, hours, purpose, start, end,
    channel] by start, with minutes since the first day.
    """

    jobs: list[list[Any]]
    bays: Sequence[Bay]
    staff: Sequence[StaffMember]
    bands: Sequence[BookingBand]
    discounts: Sequence[BandDiscount]
    limits: Sequence[JobLimit]
    needs: Sequence[EquipmentNeed]
    uses: Sequence[ReserveUse]
    absences: Sequence[Absence]
    outages: Sequence[EquipmentOutage]
    taken: list[list[Any]]


def facts(
    *, dealer_id: int, labour_ids: Sequence[int], first: date, last: date, now: datetime, ignore: int | None
) -> Resources:
    """What a store plans with from `first` to `last` (inclusive) without the booking `ignore`; one query."""
    start, end = day_bounds(first)[0], day_bounds(last)[1]
    parameters = {
        "dealer_id": dealer_id, "labour_ids": list(labour_ids), "first": first, "last": last, "start": start,
        "end": end, "now": now, "ignore": ignore or 0,
    }  # fmt: skip
    (row,) = sql.rows(_PACKAGE, "facts", parameters)
    bays, staff = _read(Bay, row["bays"]), _read(StaffMember, row["staff"])
    return Resources(
        jobs=json.loads(row["jobs"] or "[]"),
        bays=bays,
        staff=staff,
        bands=_read(BookingBand, row["bands"]),
        discounts=_read(BandDiscount, row["discounts"]),
        limits=_read(JobLimit, row["limits"]),
        needs=_read(EquipmentNeed, row["needs"]),
        uses=_read(ReserveUse, row["uses"]),
        absences=_with_names(_read(Absence, row["absences"]), bays, staff),
        outages=_read(EquipmentOutage, row["outages"]),
        taken=json.loads(row["taken"] or "[]"),
    )


def _with_names(rows: list[Absence], bays: Sequence[Bay], staff: Sequence[StaffMember]) -> list[Absence]:
    """The absences with the people and bays at hand, whose names are shown."""
    bay_by_id, person_by_id = {bay.pk: bay for bay in bays}, {person.pk: person for person in staff}
    for row in rows:
        if row.bay_id in bay_by_id:
            row.bay = bay_by_id[row.bay_id]
        if row.staff_id in person_by_id:
            row.staff = person_by_id[row.staff_id]
    return rows


def _read(model: type[M], text: str | None) -> list[M]:
    """Rows of a table sent as a JSON array (None: no rows), as its objects."""
    if text is None:
        return []
    names, columns = _columns(model)
    return [
        model.from_db(
            connection.alias, names, [read(row[name]) if read else row[name] for name, read in columns]
        )
        for row in json.loads(text, parse_float=Decimal)
    ]


@cache
def _columns(model: type[Model]) -> tuple[list[str], list[tuple[str, Callable[[Any], Any] | None]]]:
    """The attributes of a model, and per column how its JSON becomes a value (None: it is one)."""
    fields = model._meta.concrete_fields
    plain = (CharField, BooleanField, IntegerField, ForeignKey, JSONField, ArrayField)
    return [field.attname for field in fields], [
        (str(field.column), None if isinstance(field, plain) else field.to_python) for field in fields
    ]


def lock_day(*, dealer_id: int, day: date) -> None:
    """Wait until no other transaction books on the day, and keep others out until this one ends."""
    sql.rows(_PACKAGE, "lock_day", {"dealer_id": dealer_id, "day": day})


def expire_holds(*, dealer_id: int, start: datetime, end: datetime, actor: Actor, now: datetime) -> int:
    """End the holds over by `now` whose work begins in [start, end); the number of holds ended."""
    parameters = {
        "dealer_id": dealer_id, "start": start, "end": end, "now": now,
        "actor_id": actor.user_id, "actor_name": actor.name,
    }  # fmt: skip
    return sql.execute(_PACKAGE, "expire_holds", parameters)
