"""The visit behind a reference: the booking's car, customer and technician, for the parts pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from huichang.domains.appointments.models import Booking


@dataclass(frozen=True, slots=True)
class Visit:
    """What a clerk wants to know of a booking."""

    pk: int
    number: str
    plate: str
    customer: str
    arrive_at: datetime
    technician: str
    status: str
    lacks_deposit: bool = False


def visits_of(references: Iterable[str]) -> dict[str, Visit]:
    """The bookings with these numbers; a reference that is no booking is not there. Two queries."""
    wanted = {reference for reference in references if reference}
    if not wanted:
        return {}
    rows = Booking.objects.filter(number__in=wanted).select_related("car", "customer", "preparation")
    return {row.number: _visit(row) for row in rows.prefetch_related("blocks__staff")}


def _visit(row: Booking) -> Visit:
    workers = [block.staff.name for block in row.blocks.all() if block.kind == "work" and block.staff]
    said = getattr(row, "preparation", None)
    return Visit(
        pk=row.pk, number=row.number, plate=row.car.plate, customer=row.customer.name, arrive_at=row.arrive_at,
        technician="、".join(dict.fromkeys(workers)), status=str(row.get_status_display()),
        lacks_deposit=said is not None and said.lacks_deposit,
    )  # fmt: skip
