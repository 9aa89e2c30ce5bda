"""What a customer is told of a booking: the values of its messages, queued once per touch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from huichang.domains.appointments.models import BlockKind, Booking, SkipCause, Touch, TouchKind, TouchStatus
from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import MessageStatus
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.worktime import CHINA

TEMPLATES: Mapping[str, str] = {
    TouchKind.RECEIVED: "booking.received",
    TouchKind.CONFIRMED: "booking.confirmed",
    TouchKind.CHANGED: "booking.changed",
    TouchKind.CANCELLED: "booking.cancelled",
    TouchKind.NAMES: "booking.tomorrow",
    TouchKind.ONE_HOUR: "booking.one_hour",
    TouchKind.NO_SHOW_MESSAGE: "booking.no_show",
    TouchKind.PARTS_LATE: "parts.late",
}
# Told at any hour until this long after the visit was to begin; what is about the visit itself, only before it.
_AFTERWARDS = {TouchKind.CANCELLED, TouchKind.NO_SHOW_MESSAGE, TouchKind.CHANGED}
_LATE = timedelta(days=1)


def spoken(moment: datetime) -> str:
    """A moment as messages tell it, exact to the minute (APT-20): 2026年11月25日 10:00."""
    local = moment.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def values_of(
    booking: Booking, *, reason: str = "", extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The variables of a booking's messages (`contacts.texts`). Five queries at most; the link is the portal's."""
    blocks = list(booking.blocks.select_related("staff").order_by("position"))
    advisor = [str(block.staff) for block in blocks if block.kind == BlockKind.RECEPTION]
    technicians = [str(block.staff) for block in blocks if block.kind == BlockKind.WORK]
    dealer, car = booking.dealer, booking.car
    estimate = getattr(booking, "estimate", None)
    return {
        "customer": booking.customer.name, "plate": car.plate, "series": car.vehicle.series,
        "store": dealer.name, "store_phone": dealer.phone, "time": spoken(booking.arrive_at),
        "advisor": "、".join(advisor), "technician": "、".join(dict.fromkeys(technicians)),
        "items": "、".join(booking.items.order_by("pk").values_list("labour__name", flat=True)),
        "amount": str(estimate.total_amount) if estimate else "", "reason": reason, **(extra or {}),
    }  # fmt: skip


def key_of(touch: Touch) -> str:
    """The key under which a touch's message is queued: the same touch asks only once."""
    return f"booking:{touch.booking_id}:{touch.kind}:{touch.round}"


def send(
    touch: Touch, *, actor: Actor, now: datetime, reason: str = "", extra: Mapping[str, str] | None = None
) -> None:
    """Queue the message of a planned touch: asked, or skipped when nothing may be sent to this customer."""
    booking = touch.booking
    key = key_of(touch)
    expires = booking.starts_at if touch.kind not in _AFTERWARDS else max(now, booking.starts_at) + _LATE
    message = contacts.queue_message(
        dealer=booking.dealer, customer=booking.customer, car=booking.car,
        purpose="parts" if touch.kind == TouchKind.PARTS_LATE else "booking", template=TEMPLATES[touch.kind],
        values=values_of(booking, reason=reason, extra=extra), key=key, expires_at=max(expires, now + _LATE / 24),
        actor=actor, now=now,
    )  # fmt: skip
    if message.status == MessageStatus.SUPPRESSED:
        also = {"cause": SkipCause.SUPPRESSED, "note": message.cause, "message_key": key, "settled_at": now}
        move(touch, TouchStatus.SKIPPED, actor=actor, now=now, also=also)
        return
    move(touch, TouchStatus.ASKED, actor=actor, now=now, also={"message_key": key})
