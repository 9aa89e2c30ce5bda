"""A due as a line of the list, on screen, paper and in the workbook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from huichang.domains.customers.queries import primary_phones
from huichang.domains.reminders import kinds, why
from huichang.domains.reminders.models import CaseStatus, Due, DueStatus
from huichang.domains.vehicles.models import Vehicle

SOON = 3  # days before the last safe day at which a line turns amber


@dataclass(frozen=True, slots=True)
class Line:
    """What a line shows. `state` with its tone says how far the case is; `days` counts from today to the due date."""

    due: Due
    kind: str
    vehicle: Vehicle
    mobile: str
    why: str
    short: str
    days: int
    safe_tone: str
    state: str
    state_tone: str


def lines(dues: Iterable[Due], today: date) -> list[Line]:
    """Lines of dues that were loaded with car, vehicle, customer and case. One query more, for the phones."""
    rows = list(dues)
    prefetch_related_objects([due.customer for due in rows if due.customer], primary_phones())
    return [_line(due, today) for due in rows]


def _line(due: Due, today: date) -> Line:
    state, tone = state_of(due)
    phones = list(due.customer.phones.all()) if due.customer else []
    mobile = phones[0].number if phones else ""
    return Line(
        due=due, kind=kinds.label(due.kind), vehicle=due.car.vehicle, mobile=mobile, why=why.text(due), short=why.short(due),
        days=(due.due_date - today).days, safe_tone=_safe_tone(due, today), state=state, state_tone=tone,
    )  # fmt: skip


def _safe_tone(due: Due, today: date) -> str:
    """Red once a promise could no longer be kept, amber shortly before; nothing when it is settled."""
    if due.status != DueStatus.OPEN or _is_booked(due):
        return ""
    left = (due.last_safe_day - today).days
    return "late" if left < 0 else "soon" if left <= SOON else ""


def _is_booked(due: Due) -> bool:
    """Whether a visit is promised for this very reason; the others of a booked case are still to be called about."""
    booked = due.case is not None and due.case.status == CaseStatus.BOOKED
    return booked and due.booking_id is not None


def state_of(due: Due) -> tuple[str, str]:
    """How far it is, in words, and the colour."""
    if due.status == DueStatus.CLOSED:
        cause = str(due.get_close_cause_display())
        return (
            cause if due.close_cause else str(due.get_status_display())
        ), "ok" if due.close_cause in _KEPT else ""
    if due.case is None:
        return _("只发消息"), ""
    if _is_booked(due):
        return _("已预约"), "ok"
    if due.calls:
        return _("已联系 {n} 次").format(n=due.calls), "accent"
    if due.messaged_on:
        return _("已发消息"), "accent"
    return _("待联系"), "warn"


_KEPT = frozenset({"returned", "done"})
