"""Test drives and talks: agreed with a person who is free, told, reminded of, kept or not (APT-37, APT-39)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huichang.domains.appointments import batch
from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments.models import BookingBlock, Meeting, MeetingKind, MeetingStatus
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.telling import spoken
from huichang.domains.catalog import operations as catalog
from huichang.domains.catalog.models import Absence, StaffMember
from huichang.domains.contacts import operations as contacts
from huichang.domains.customers.models import Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move, record
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

_SHORTEST, _LONGEST = 10, 480  # minutes


@operation(P.BOOK)
def arrange(
    *,
    dealer: Dealer,
    customer: Customer,
    staff: StaffMember,
    kind: str,
    starts_at: datetime,
    minutes: int,
    actor: Actor,
    now: datetime,
    subject: str = "",
) -> Meeting:
    """Agree on a time with somebody who is free; the customer is told at once and reminded before it.

    Raises OperationRefused with its field: in the past, too long, the person is away or has something else then.
    """
    ends_at = starts_at + timedelta(minutes=minutes)
    if starts_at <= now:
        raise OperationRefused(_("请选择现在以后的时间。"), field="starts_at")
    if not _SHORTEST <= minutes <= _LONGEST:
        raise OperationRefused(_("时长在 10 到 480 分钟之间"), field="minutes")
    batch.lock_day(dealer_id=dealer.pk, day=local_date(starts_at))
    _is_free(staff, starts_at, ends_at)
    label = str(MeetingKind(kind).label)
    absence = Absence(
        dealer=dealer,
        staff=staff,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=f"{label}:{customer.name}"[:100],
    )
    meeting = Meeting.objects.create(
        dealer=dealer, customer=customer, staff=staff, kind=MeetingKind(kind), starts_at=starts_at, ends_at=ends_at,
        subject=subject.strip()[:60], absence=catalog.add_absence(absence=absence, actor=actor.by_rule()),
        created_by_name=actor.name, created_at=now,
    )  # fmt: skip
    record(meeting, before="", after=meeting.status, actor=actor, now=now)
    _tell(meeting, "arranged", actor=actor, now=now)
    before = starts_at - timedelta(minutes=policy(rules.ONE_HOUR, dealer, local_date(now)))
    if before < starts_at and before > now:
        _tell(meeting, "reminder", actor=actor, now=now, not_before=before)
    return meeting


def _is_free(staff: StaffMember, start: datetime, end: datetime) -> None:
    away = Absence.objects.filter(staff=staff, starts_at__lt=end, ends_at__gt=start)
    booked = BookingBlock.objects.filter(staff=staff, is_active=True, starts_at__lt=end, ends_at__gt=start)
    if not staff.is_active or away.exists() or booked.exists():
        raise OperationRefused(
            _("{name} 那时不空,请换个时间或换个人。").format(name=staff.name), field="staff"
        )


@operation(P.BOOK)
def close(*, meeting: Meeting, outcome: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """The customer came, did not come, or it is called off (with a reason); the person is free for bookings again.

    Raises OperationRefused, TransitionRefused. Who calls off is followed by a message to the customer.
    """
    if outcome == MeetingStatus.CANCELLED and not reason.strip():
        raise OperationRefused(_("请写明取消的原因"), field="reason")
    if outcome in {MeetingStatus.KEPT, MeetingStatus.MISSED} and now < meeting.starts_at:
        raise OperationRefused(_("还没到约好的时间。"))
    move(meeting, MeetingStatus(outcome), actor=actor, now=now, reason=reason.strip())
    if meeting.absence is not None and meeting.ends_at > now:
        catalog.end_absence(absence=meeting.absence, actor=actor.by_rule(), now=now)
    key = meeting.message_key("reminder")
    contacts.cancel_message(dealer=meeting.dealer, key=key, actor=actor.by_rule(), now=now)
    if outcome == MeetingStatus.CANCELLED and meeting.starts_at > now:
        _tell(meeting, "cancelled", actor=actor, now=now, reason=reason.strip())


def _tell(
    meeting: Meeting,
    what: str,
    *,
    actor: Actor,
    now: datetime,
    not_before: datetime | None = None,
    reason: str = "",
) -> None:
    items = " ".join(filter(None, (str(MeetingKind(meeting.kind).label), meeting.subject)))
    contacts.queue_message(
        dealer=meeting.dealer, customer=meeting.customer, purpose="booking", template=f"meeting.{what}",
        values={"time": spoken(meeting.starts_at), "items": items, "advisor": meeting.staff.name, "reason": reason},
        key=meeting.message_key(what), not_before=not_before, expires_at=max(meeting.starts_at, now + timedelta(hours=1)),
        actor=actor.by_rule(), now=now,
    )  # fmt: skip
