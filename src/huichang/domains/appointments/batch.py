"""Set-based statements of bookings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from django.db import connection
from django.db.models import Model

from huichang.domains.appointments.models import (
    BandDiscount,
    BookingBand,
    EquipmentNeed,
    EquipmentOutage,
    JobLimit,
    ReserveUse,
)
from huichang.domains.catalog.models import Bay, StaffMember
from huichang.kernel import sql
from huichang.kernel.actors import Actor
from huichang.kernel.worktime import day_bounds

_PACKAGE = "huichang.domains.appointments"
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Resources:
    """What a store plans with; `staff` are its technicians and advisors, `discounts` those of its bands."""

    bays: Sequence[Bay]
    staff: Sequence[StaffMember]
    bands: Sequence[BookingBand]
    discounts: Sequence[BandDiscount]
    limits: Sequence[JobLimit]
    needs: Sequence[EquipmentNeed]
    uses: Sequence[ReserveUse]
    outages: Sequence[EquipmentOutage]


def resources_and_limits(*, dealer_id: int, first: date, last: date) -> Resources:
    """Bays, people, bands and limits of a store; what ate its reserve, which equipment is out from `first` to `last`."""
    start, end = day_bounds(first)[0], day_bounds(last)[1]
    parameters = {"dealer_id": dealer_id, "first": first, "last": last, "start": start, "end": end}
    (row,) = sql.rows(_PACKAGE, "resources_and_limits", parameters)
    return Resources(
        bays=_read(Bay, row["bays"]),
        staff=_read(StaffMember, row["staff"]),
        bands=_read(BookingBand, row["bands"]),
        discounts=_read(BandDiscount, row["discounts"]),
        limits=_read(JobLimit, row["limits"]),
        needs=_read(EquipmentNeed, row["needs"]),
        uses=_read(ReserveUse, row["uses"]),
        outages=_read(EquipmentOutage, row["outages"]),
    )


def _read(model: type[M], text: str | None) -> list[M]:
    """Rows of a table sent as a JSON array (None: no rows), as its objects."""
    if text is None:
        return []
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    return [
        model.from_db(connection.alias, names, [field.to_python(row[field.column]) for field in fields])
        for row in json.loads(text, parse_float=Decimal)
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
