"""The end of a day: unfinished work goes to the next open day and eats its reserve; the day's ledger is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _

from huichang.domains.appointments import batch, policies
from huichang.domains.appointments.models import (
    BlockKind,
    Booking,
    BookingBlock,
    ReserveDay,
    ReservePurpose,
    ReserveUse,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.lasting import next_place
from huichang.domains.appointments.planning.plans import PlannedBlock
from huichang.domains.appointments.planning.reserve import Reserve
from huichang.domains.appointments.unfinished import Unfinished, unfinished_on
from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.kernel.actors import Actor
from huichang.kernel.operations import operation
from huichang.kernel.worktime import local_date

_POSITION = 50  # carried-over blocks stand behind the planned ones


@operation(P.RUN_DAY)
def carry_over(
    *, dealer: Dealer, day: date, unfinished: Iterable[Unfinished], actor: Actor, now: datetime
) -> int:
    """Set time aside for unfinished work of `day` on the next open day to come; the number of jobs carried over.

    The hours come from that day's reserve. Work that finds no bay and technician is booked against the reserve all
    the same, so that nobody is promised the hours twice. Repeating it changes nothing.
    """
    last = max(day, local_date(now) - timedelta(days=1))  # closed late, it is today that has to make room
    target = calendars.load(dealer, last, last + timedelta(days=60)).step(last, 1)
    batch.lock_day(dealer_id=dealer.pk, day=target)
    carried = 0
    for one in unfinished:
        facts = planning.load(dealer, target, 1, now)
        found = next_place(facts, (_job(one),), target, bay_id=one.bay_id, technician_id=one.technician_id)
        if found is None:
            carried += _against_reserve(one, target, actor, now)
        elif facts.day(found[-1].end - 1) == target:
            _set_aside(one, found[0], facts)
            carried += 1
        else:  # long work: its later days are other people's locks
            carried += _against_reserve(one, target, actor, now)
    return carried


def _job(one: Unfinished) -> planning.Job:
    """What is left of the booking's work in the skill, as one job."""
    items = one.booking.items.select_related("labour").order_by("pk")
    item = next((row for row in items if row.labour.skill == one.skill), items[0])
    return planning.Job(item.labour_id, item.labour.name, one.skill, float(one.hours))


def _set_aside(one: Unfinished, block: PlannedBlock, facts: planning.Facts) -> None:
    span = {"starts_at": facts.moment(block.start), "ends_at": facts.moment(block.end)}
    position = one.booking.blocks.aggregate(last=Max("position"))["last"] or 0
    common = {
        "dealer_id": one.booking.dealer_id,
        "booking": one.booking,
        "position": max(position + 1, _POSITION),
    }
    BookingBlock.objects.create(
        **common, kind=BlockKind.WORK, bay=block.bay, staff=block.technician, skill=one.skill,
        planned_hours=one.hours, purpose=ReservePurpose.CARRY_OVER, **span,
    )  # fmt: skip
    for piece in block.equipment:
        BookingBlock.objects.create(**common, kind=BlockKind.EQUIPMENT, equipment=piece, **span)
    Booking.objects.filter(pk=one.booking.pk, ends_at__lt=span["ends_at"]).update(ends_at=span["ends_at"])


def _against_reserve(one: Unfinished, target: date, actor: Actor, now: datetime) -> int:
    _row, is_new = ReserveUse.objects.get_or_create(
        booking=one.booking, day=target, skill=one.skill, purpose=ReservePurpose.CARRY_OVER,
        defaults={
            "dealer_id": one.booking.dealer_id, "hours": one.hours, "reason": _("前一天未完工,没有空的工位和技师"),
            "created_by_id": actor.user_id, "created_by_name": actor.name, "created_at": now,
        },
    )  # fmt: skip
    return int(is_new)


@operation(P.RUN_DAY)
def close_day(*, dealer: Dealer, day: date, actor: Actor, now: datetime) -> bool:
    """After closing: carry unfinished work over and keep the day's ledger. False when it was closed already."""
    batch.lock_day(dealer_id=dealer.pk, day=day)
    if ReserveDay.objects.filter(dealer=dealer, day=day).exists():
        return False
    facts = planning.load(dealer, day, 1, now)
    ReserveDay.objects.bulk_create(
        ReserveDay(
            dealer=dealer, day=day, skill=line.skill, capacity=_two(line.capacity), reserve=_two(line.reserve),
            promised=_two(line.promised), released=_two(line.released), closed_at=now,
            **{purpose: _two(hours) for purpose, hours in line.eaten.items()},
        )
        for line in Reserve(facts).lines(0)
    )  # fmt: skip
    if policy(policies.CARRY_OVER, dealer, day):
        carry_over(dealer=dealer, day=day, unfinished=unfinished_on(dealer, day), actor=actor, now=now)
    return True


def _two(hours: float) -> Decimal:
    return Decimal(str(round(hours, 2)))
