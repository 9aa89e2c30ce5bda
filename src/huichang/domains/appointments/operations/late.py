"""A part does not come in time: the booking is in doubt, the customer hears of it at once (PRE-03, CHG-09)."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from huichang.domains.appointments import following
from huichang.domains.appointments.models import PROMISED, Booking, Preparation, SkipCause, TouchKind
from huichang.domains.appointments.operations.preparing import settle
from huichang.domains.appointments.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.operations import operation
from huichang.kernel.worktime import local_date


@operation(P.PREPARE)
def parts_late(*, booking: Booking, part_name: str, expected_date: date, actor: Actor, now: datetime) -> bool:
    """Take note that a part comes after the visit: tentative again, a message and a call to agree on another time.

    Told once for the time that is booked now; a later word only moves the expected day. False when it does not matter
    any more (the booking is over, or was moved behind that day).
    """
    if booking.status not in PROMISED or expected_date <= local_date(booking.starts_at):
        return False
    said, _made = Preparation.objects.get_or_create(
        booking=booking, defaults={"dealer_id": booking.dealer_id}
    )
    said.parts_expected_date = max(filter(None, (said.parts_expected_date, expected_date)))
    said.save()
    settle(booking=booking, actor=actor.by_rule(), now=now)
    booking.refresh_from_db(fields=["status"])
    reason = _("{part} {day} 才能到货").format(part=part_name, day=f"{expected_date:%m-%d}")
    extra = {"items": part_name, "due_date": f"{expected_date:%Y-%m-%d}"}
    following.tell(booking, TouchKind.PARTS_LATE, reason=reason, extra=extra, actor=actor, now=now)
    subject = _("配件赶不上预约 {number}:{reason},请改约").format(number=booking.number, reason=reason)
    following.call(
        booking, TouchKind.PARTS_CALL, subject=subject, until=booking.starts_at, actor=actor, now=now
    )
    return True


@operation(P.PREPARE)
def parts_in_time(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """Everything is there after all: nobody has to be called about it any more."""
    Preparation.objects.filter(booking=booking).update(parts_expected_date=None)
    if booking.status in PROMISED:
        following.skip_touches(
            booking, SkipCause.IN_TIME, kinds=(TouchKind.PARTS_CALL,), actor=actor, now=now
        )
        settle(booking=booking, actor=actor.by_rule(), now=now)
