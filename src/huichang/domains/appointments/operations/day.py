"""Steering the day: walk-ins dropped in, cars put elsewhere, work finished, hours lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.appointments import batch, handing, queries
from huichang.domains.appointments.events import Arrived
from huichang.domains.appointments.models import (
    ACTIVE,
    PROMISED,
    BlockKind,
    Booking,
    BookingBlock,
    BookingStatus,
    Channel,
    ReservePurpose,
    ReserveUse,
)
from huichang.domains.appointments.operations import changing
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.lasting import work_at
from huichang.domains.appointments.planning.plans import Ask, PlannedBlock
from huichang.domains.appointments.planning.search import Search
from huichang.domains.appointments.taking import EXCLUSION_VIOLATION, SlotTaken, Wish, take
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import TransitionRefused, move
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date, next_grid

# How the customer was told of a new time; `later` leaves the booking tentative, to be called.
CONSENTS = {
    "phone": gettext_lazy("电话里同意"),
    "wechat": gettext_lazy("微信里同意"),
    "in_person": gettext_lazy("当面同意"),
    "later": gettext_lazy("还没告知,稍后联系"),
}


@operation(P.ARRIVE)
def drop_in(
    *,
    dealer: Dealer,
    car: Car,
    customer: Customer,
    labour_ids: Sequence[int],
    actor: Actor,
    now: datetime,
    purpose: str = ReservePurpose.QUICK,
    starts_at: datetime | None = None,
    bay_id: int | None = None,
    priority: str = "",
    note: str = "",
    override_reason: str = "",
) -> Booking:
    """A customer without a booking is here: the first place today, or the one asked for. Publishes Arrived.

    Ordinary hours are used first, then the seats of the reserve for `purpose` (quick or urgent). Raises SlotTaken.
    """
    if purpose not in {ReservePurpose.QUICK, ReservePurpose.URGENT}:
        raise OperationRefused(_("直接到店请选快修或急修"), field="purpose")
    wish = Wish(
        dealer, tuple(labour_ids), starts_at or now, now, priority, channel=Channel.WALK_IN, bay_id=bay_id,
        purpose=purpose, walks_in=True, override_reason=override_reason.strip(), waits=False,
    )  # fmt: skip
    if starts_at is None:
        wish = _first_today(wish)
    booking = take(
        wish, BookingStatus.TENTATIVE, actor=actor,
        columns={
            "car": car, "customer": customer, "source": Channel.WALK_IN, "note": note,
            "priority_reason": note[:200] if priority else "",
        },
    )  # fmt: skip
    move(booking, BookingStatus.ARRIVED, actor=actor, now=now, reason=_("直接到店"))
    publish(Arrived(dealer_id=dealer.pk, booking_id=booking.pk, car_id=car.pk))
    return booking


def _first_today(wish: Wish) -> Wish:
    """The wish at the first start of today that can be kept; at the next grid point when there is none."""
    facts = planning.load(wish.dealer, local_date(wish.now), 1, wish.now)
    search = Search(facts, queries.jobs_of(wish.dealer, wish.labour_ids), wish.ask)
    start = next((start for start in search.starts(0) if search.plan(start)), None)
    if start is None:
        return replace(wish, starts_at=next_grid(wish.now + timedelta(minutes=1), facts.grid))
    return replace(wish, starts_at=facts.moment(start))


@operation(P.RUN_DAY)
def place(
    *,
    booking: Booking,
    starts_at: datetime,
    actor: Actor,
    now: datetime,
    bay_id: int | None = None,
    technician_id: int | None = None,
    consent: str = "",
    reason: str = "",
    override_reason: str = "",
) -> Booking:
    """Put a car elsewhere: another bay or technician, or another time.

    Another time of a promised visit is a change of the promise: it needs how the customer agreed (`CONSENTS`) and goes
    the way of every change. Raises SlotTaken, OperationRefused (field `consent`), TransitionRefused.
    """
    if booking.status not in ACTIVE or booking.status == BookingStatus.HELD:
        raise TransitionRefused(_("这个预约已经不占工位了。"))
    if booking.status in PROMISED and starts_at != booking.starts_at:
        if consent not in CONSENTS:
            raise OperationRefused(_("改变约定时间要先征得客户同意:请选择怎样告知的"), field="consent")
        told = ";".join(filter(None, (reason.strip() or _("看板改期"), str(CONSENTS[consent]))))
        return changing.change(
            booking=booking, starts_at=starts_at, bay_id=bay_id, technician_id=technician_id, reason=told[:200],
            override_reason=override_reason, actor=actor, now=now,
        )  # fmt: skip
    before = handing.hands_of(booking)
    _put(booking, starts_at, bay_id, technician_id, now)
    handing.changed(booking, before, actor=actor, now=now)
    return booking


def _put(
    booking: Booking, starts_at: datetime, bay_id: int | None, technician_id: int | None, now: datetime
) -> None:
    """Other blocks for the same work; the hours are counted already, so only what is taken stands against it."""
    day = local_date(starts_at)
    if day != local_date(booking.starts_at):
        raise OperationRefused(_("已到店的车只能在当天移动"), field="starts_at")
    batch.lock_day(dealer_id=booking.dealer_id, day=day)
    before = [block for block in booking.blocks.filter(is_active=True) if block.kind == BlockKind.WORK]
    if not before or any(block.finished_at for block in before):
        raise TransitionRefused(_("作业已经完工,不能再移动。"))
    facts = planning.load(booking.dealer, day, 1, now, ignore=booking)
    jobs = queries.jobs_of(booking.dealer, [item.labour_id for item in booking.items.order_by("pk")])
    search = Search(facts, jobs, Ask(bay_id=bay_id, technician_id=technician_id, override=True))
    start = facts.minute(starts_at)
    blocks = work_at(search, start) if start % facts.grid == 0 else None
    if blocks is None:
        raise SlotTaken((_("那里这段时间被占用,或者做不了这些项目"),))
    begun = min((block.started_at for block in before if block.started_at), default=None)
    _replace_work(booking, blocks, facts, purpose=before[0].purpose, begun=begun)
    booking.starts_at, booking.ends_at = facts.moment(start), facts.moment(blocks[-1].end)
    booking.arrive_at = min(booking.arrive_at, booking.starts_at)
    booking.save(update_fields=["starts_at", "ends_at", "arrive_at"])


def _replace_work(
    booking: Booking,
    blocks: Sequence[PlannedBlock],
    facts: planning.Facts,
    *,
    purpose: str,
    begun: datetime | None,
) -> None:
    """Write other work and equipment blocks in place of the ones a booking has. Raises SlotTaken.

    `begun` is when the work was begun in truth; the first block keeps it.
    """
    rows = []
    for number, block in enumerate(blocks, start=1):
        span = {"starts_at": facts.moment(block.start), "ends_at": facts.moment(block.end)}
        rows.append(
            BookingBlock(
                dealer_id=booking.dealer_id, booking=booking, kind=BlockKind.WORK, position=number, bay=block.bay,
                staff=block.technician, skill=block.group.jobs[0].skill, purpose=purpose,
                planned_hours=Decimal(str(round(block.group.hours, 2))), started_at=begun if number == 1 else None,
                **span,
            )
        )  # fmt: skip
        rows += [
            BookingBlock(
                dealer_id=booking.dealer_id, booking=booking, kind=BlockKind.EQUIPMENT, position=number,
                equipment=piece, **span,
            )
            for piece in block.equipment
        ]  # fmt: skip
    try:
        with transaction.atomic():
            booking.blocks.exclude(kind=BlockKind.RECEPTION).delete()
            BookingBlock.objects.bulk_create(rows)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") != EXCLUSION_VIOLATION:
            raise
        raise SlotTaken((_("那里刚刚被别人占用"),)) from error


@operation(P.ARRIVE)
def begin_work(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """Work on a car that is here begins in truth: what the waiting of customers is measured by (`figures`).

    The workshop's orders call it too when their clock starts. Said twice for the same work nothing changes. Raises
    TransitionRefused when the car is not here or nothing is left to begin.
    """
    if booking.status != BookingStatus.ARRIVED:
        raise TransitionRefused(_("客户还没到店,不能登记开工。"))
    work = booking.blocks.filter(is_active=True, kind=BlockKind.WORK, finished_at=None).order_by(
        "position", "pk"
    )
    block = work.select_for_update().first()
    if block is None:
        raise TransitionRefused(_("作业已经完工。"))
    if block.started_at is None:
        block.started_at = now
        block.save(update_fields=["started_at"])


@operation(P.ARRIVE)
def finish_work(*, booking: Booking, actor: Actor, now: datetime) -> int:
    """The work on a car is done: what was still set aside for it is free at once. The number of blocks ended.

    The workshop's orders call it too when they close. Raises TransitionRefused when the car is not here.
    """
    if booking.status != BookingStatus.ARRIVED:
        raise TransitionRefused(_("客户还没到店,不能登记完工。"))
    batch.lock_day(dealer_id=booking.dealer_id, day=local_date(now))
    work = booking.blocks.filter(is_active=True, finished_at=None).exclude(kind=BlockKind.RECEPTION)
    work.filter(starts_at__gte=now).update(is_active=False)
    running = work.filter(is_active=True)
    ended = running.filter(kind=BlockKind.WORK).count()
    running.filter(ends_at__gt=now, starts_at__lt=now).update(ends_at=now, finished_at=now)
    booking.blocks.filter(is_active=True, finished_at=None, ends_at__lte=now).update(finished_at=now)
    return ended


@operation(P.RUN_DAY)
def lose_hours(
    *, dealer: Dealer, day: date, skill: str, hours: Decimal, reason: str, actor: Actor, now: datetime
) -> ReserveUse:
    """Book hours lost to a mishap (a waiting lift, a missing tool) against the reserve, with the reason."""
    if hours <= 0:
        raise OperationRefused(_("工时要大于 0"), field="hours")
    if not reason.strip():
        raise OperationRefused(_("请写明原因"), field="reason")
    batch.lock_day(dealer_id=dealer.pk, day=day)
    return ReserveUse.objects.create(
        dealer=dealer, day=day, skill=skill, purpose=ReservePurpose.UNFORESEEN, hours=hours, reason=reason.strip()[:200],
        created_by_id=actor.user_id, created_by_name=actor.name, created_at=now,
    )  # fmt: skip
