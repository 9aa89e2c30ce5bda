"""What else the car could have done at this visit: the file's open findings and what is due (EST-08)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from huichang.domains.appointments.models import Booking, Grade, LineKind, Supplier
from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.catalog.suggestions import suggest
from huichang.domains.parts import queries as parts
from huichang.domains.parts.models import Part
from huichang.domains.reminders import why
from huichang.domains.reminders.models import CarForecast, Due, DueStatus
from huichang.domains.workshop.models import Finding, FindingStatus

_WORK = (
    "first_service",
    "scheduled_service",
    "warranty_end",
)  # kinds that a visit to the workshop can settle at once


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to recommend: `key` names it, `title` says what, `reason` why, `job` the catalogue's answer if any."""

    key: str
    title: str
    reason: str
    job: LabourOperation | None


def advices(booking: Booking) -> list[Advice]:
    """Open findings first, then what is due and not booked; what the visit already does is left out."""
    labour = catalog.labour(booking.dealer)
    booked = {item.labour_id for item in booking.items.all()}
    found = [*_findings(booking, labour), *_dues(booking, labour)]
    return [one for one in found if one.job is None or one.job.pk not in booked]


def _findings(booking: Booking, labour: Sequence[LabourOperation]) -> list[Advice]:
    rows = Finding.objects.filter(
        car=booking.car_id, status__in=(FindingStatus.UNTOLD, FindingStatus.POSTPONED)
    )
    return [
        Advice(
            f"finding-{row.pk}", row.text, f"{row.found_date:%Y-%m-%d} · {row.get_status_display()}",
            next(iter(suggest(labour, kinds=["deferred_repair"], findings=[row.text])), None),
        )
        for row in rows.order_by("-found_date", "pk")[:8]
    ]  # fmt: skip


def _dues(booking: Booking, labour: Sequence[LabourOperation]) -> list[Advice]:
    rows = Due.objects.filter(car=booking.car_id, status=DueStatus.OPEN, kind__in=_WORK, booking=None)
    due_km = CarForecast.objects.filter(car=booking.car_id).values_list("service_due_km", flat=True).first()
    return [
        Advice(
            f"due-{row.pk}", str(row.get_kind_display()), why.text(row),
            next(iter(suggest(labour, kinds=[row.kind], due_km=due_km)), None),
        )
        for row in rows.order_by("due_date", "pk")
    ]  # fmt: skip


def rows_for(booking: Booking, key: str) -> list[dict[str, Any]]:
    """The rows of an estimate for one advice: its job with the parts it usually takes, or its words to be priced."""
    advice = next((one for one in advices(booking) if one.key == key), None)
    if advice is None:
        return []
    if advice.job is None:
        return [_row(LineKind.LABOUR, None, advice.title[:80], "", "")]
    job = advice.job
    wanted = dict(parts.parts_for([job.pk]))
    pieces = Part.objects.in_bulk(wanted)
    return [
        _row(LineKind.LABOUR, job.pk, job.name, job.standard_hours, job.hourly_rate),
        *(_row(LineKind.PART, pk, pieces[pk].name, wanted[pk], pieces[pk].price) for pk in sorted(pieces)),
    ]


def _row(kind: str, item: int | None, name: str, quantity: Any, price: Any) -> dict[str, Any]:
    return {
        "kind": kind, "item": item, "name": name, "quantity": quantity, "unit_price": price,
        "supplied_by": Supplier.SHOP, "grade": Grade.GENUINE, "is_key_place": False,
    }  # fmt: skip
