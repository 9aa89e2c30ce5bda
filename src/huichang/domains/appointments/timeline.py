"""One time line of a booking: what led to it, every touch planned, made or skipped, with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from huichang.domains.appointments.models import Booking, SkipCause, Touch, TouchKind, TouchStatus
from huichang.domains.contacts.models import Call, Message, MessageStatus

_BEFORE = timedelta(days=30)  # a reminder longer ago did not lead to this booking
_REACHED = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ)


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry. `status` is a TouchStatus; `proof` names what shows it (`call:ID`, `message:ID`, `person`)."""

    at: datetime
    kind: str
    title: str
    status: str
    status_label: str
    who: str = ""
    why: str = ""
    proof: str = ""
    touch: Touch | None = None

    @property
    def is_done(self) -> bool:
        return self.status == TouchStatus.DONE


def timeline(booking: Booking) -> list[Moment]:
    """The touches of a booking and what led to it, by time; three queries."""
    found = [*_led_to(booking), *(_moment(touch) for touch in booking.touches.all())]
    return sorted(found, key=lambda one: (one.at, one.touch.pk if one.touch else 0))


def _moment(touch: Touch) -> Moment:
    status = TouchStatus(touch.status)
    why = str(SkipCause(touch.cause).label) if touch.cause else ""
    return Moment(
        at=touch.settled_at if touch.settled_at and status == TouchStatus.DONE else touch.planned_at,
        kind=touch.kind, title=str(TouchKind(touch.kind).label), status=status, status_label=str(status.label),
        who=touch.settled_by, why=" ".join(filter(None, (why, touch.note))), proof=touch.proof, touch=touch,
    )  # fmt: skip


def _led_to(booking: Booking) -> list[Moment]:
    """The reminder message and calls before the booking (T−13, T−11, second call): they belong to the reminders."""
    since, until = booking.created_at - _BEFORE, booking.created_at + timedelta(hours=1)
    calls = Call.objects.filter(
        customer_id=booking.customer_id, started_at__gte=since, started_at__lt=until
    ).select_related("agent", "outcome")
    messages = Message.objects.filter(
        customer_id=booking.customer_id, created_at__gte=since, created_at__lt=booking.created_at,
        status__in=_REACHED, counts=True,
    )  # fmt: skip
    done: dict[str, Any] = {"status": TouchStatus.DONE, "status_label": str(TouchStatus.DONE.label)}
    return [
        *(
            Moment(
                at=row.started_at, kind="reminder_call", title=_("招揽电话"), who=row.agent.name if row.agent else "",
                why=row.outcome.label if row.outcome else "", proof=f"call:{row.pk}", **done,
            )
            for row in calls
        ),
        *(
            Moment(at=row.created_at, kind="reminder_message", title=_("招揽信息"), proof=f"message:{row.pk}", **done)
            for row in messages
        ),
    ]  # fmt: skip
