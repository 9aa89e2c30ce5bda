"""How time is taken: lock the day, end what is over, plan on fresh facts, write what the plan says.

Only the operations call this. The exclusion constraints stand behind it for whatever goes round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.appointments import batch, policies
from huichang.domains.appointments.models import (
    BlockKind,
    Booking,
    BookingBlock,
    BookingItem,
    BookingOverride,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.offers import Alternative, Presenter
from huichang.domains.appointments.planning.plans import Ask, Plan
from huichang.domains.appointments.planning.search import Search
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move, record
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date

EXCLUSION_VIOLATION = "23P01"
_SEARCHED_BEFORE, _SEARCHED_DAYS = 4, 16  # how far alternatives to a refused slot are looked for


class SlotTaken(OperationRefused):
    """The slot cannot be kept (any more): `reasons` say why."""

    def __init__(self, reasons: tuple[str, ...], look: Callable[[], tuple[Alternative, ...]] = tuple) -> None:
        why = ";".join(reasons)
        super().__init__(_("这个时段不能兑现:{why}。请选择别的时段。").format(why=why), field="starts_at")
        self.reasons = reasons
        self._look = look

    @cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The nearest that can be kept, looked for when they are asked for: by then the day is not locked any more.

        Needs the scope of the store.
        """
        return self._look()


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of a slot; `planning.plans.Ask` says what the last group of fields means.

    `override_reason` promises beyond what is only counted (hours, limits, bands): it needs P.OVERBOOK and is kept.
    """

    dealer: Dealer
    labour_ids: tuple[int, ...]
    starts_at: datetime
    now: datetime
    priority: str = ""
    first_service: bool = False
    advisor_id: int | None = None
    ignore: Booking | None = None
    channel: str = "desk"
    waits: bool = False
    ready_date: date | None = None
    bay_id: int | None = None
    technician_id: int | None = None
    purpose: str = ""
    walks_in: bool = False
    override_reason: str = ""

    @property
    def ask(self) -> Ask:
        return Ask(
            priority=self.priority, first_service=self.first_service, channel=self.channel, waits=self.waits,
            ready=self.ready_date, advisor_id=self.advisor_id, bay_id=self.bay_id,
            technician_id=self.technician_id, purpose=self.purpose, walks_in=self.walks_in,
            override=bool(self.override_reason),
        )  # fmt: skip


def plan_of(wish: Wish, actor: Actor) -> tuple[Plan, Search]:
    """A plan for the wish, on facts read under the lock of every day it touches. Raises SlotTaken."""
    if wish.priority and (wish.ignore is None or wish.ignore.priority != wish.priority):
        actor.require(P.USE_PRIORITY)
    if wish.override_reason:
        actor.require(P.OVERBOOK)
    first = local_date(wish.starts_at)
    locked = first
    batch.lock_day(dealer_id=wish.dealer.pk, day=first)
    while True:
        start, end = day_bounds(first)[0], day_bounds(locked)[1]
        batch.expire_holds(dealer_id=wish.dealer.pk, start=start, end=end, actor=actor, now=wish.now)
        search = _search(wish, first, days=1)
        minute = search.facts.minute(wish.starts_at)
        plan = search.plan(minute) if minute % search.facts.grid == 0 else None
        if plan is None:
            raise _refusal(wish, search)
        last = search.facts.day(plan.end - 1)
        if last <= locked:
            return plan, search
        while locked < last:  # long work reaches days not locked yet: lock them, in order, and look again
            locked += timedelta(days=1)
            batch.lock_day(dealer_id=wish.dealer.pk, day=locked)


def _search(wish: Wish, first: date, days: int) -> Search:
    facts = planning.load(wish.dealer, first, days, wish.now, ignore=wish.ignore, labour_ids=wish.labour_ids)
    if not facts.jobs or len(facts.jobs) != len(set(wish.labour_ids)):
        raise OperationRefused(_("请选择要做的项目"), field="labour")
    return Search(facts, facts.jobs, wish.ask)


def _refusal(wish: Wish, search: Search) -> SlotTaken:
    """Why not, by a search of the day itself, and what instead."""
    minute = search.facts.minute(wish.starts_at)
    grid = search.facts.grid
    if minute % grid:
        reasons: tuple[str, ...] = (_("开始时间要在 {grid} 分钟的格子上").format(grid=grid),)
    else:
        reasons = Presenter(search).slot(minute).refusals
    return SlotTaken(reasons, partial(_alternatives, wish))


def _alternatives(wish: Wish) -> tuple[Alternative, ...]:
    """The nearest starts that can be kept on the days around."""
    asked, today = local_date(wish.starts_at), local_date(wish.now)
    first = min(asked, max(today, asked - timedelta(days=_SEARCHED_BEFORE)))
    show = Presenter(_search(wish, first, _SEARCHED_DAYS))
    count = int(show.facts.rule(policies.ALTERNATIVES))
    return show.alternatives(show.facts.minute(wish.starts_at), count)


def columns_of(plan: Plan, search: Search, wish: Wish) -> dict[str, Any]:
    moment = search.facts.moment
    return {
        "arrive_at": moment(plan.arrive),
        "starts_at": moment(plan.start),
        "ends_at": moment(plan.end),
        "planned_hours": _hours(search.hours),
        "priority": wish.priority,
        "is_first_service": wish.first_service,
        "discount_percent": search.facts.discount(plan.start, wish.channel),
    }


def take(wish: Wish, status: str, *, actor: Actor, columns: dict[str, Any]) -> Booking:
    """Plan the wish and write it down as a new booking. Raises SlotTaken."""
    plan, search = plan_of(wish, actor)
    number = next_number(dealer_id=wish.dealer.pk, kind="A", day=local_date(wish.now))
    booking = Booking.objects.create(
        dealer=wish.dealer, number=number, status=status, created_by_id=actor.user_id, created_at=wish.now,
        **columns, **columns_of(plan, search, wish),
    )  # fmt: skip
    set_aside(booking, plan, search, wish, actor)
    record(booking, before="", after=status, actor=actor, now=wish.now)
    return booking


def set_aside(booking: Booking, plan: Plan, search: Search, wish: Wish, actor: Actor) -> None:
    """Write the jobs and blocks of a plan; the database has the last word. Raises SlotTaken."""
    blocks = list(blocks_of(booking, plan, search))
    try:
        with transaction.atomic():
            BookingBlock.objects.bulk_create(blocks)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") != EXCLUSION_VIOLATION:
            raise
        raise _refusal(wish, _search(wish, local_date(wish.starts_at), days=1)) from error
    BookingItem.objects.bulk_create(
        BookingItem(dealer=wish.dealer, booking=booking, labour_id=job.labour_id, hours=_hours(job.hours))
        for job in search.jobs
    )
    if wish.override_reason:
        _keep_override(booking, plan, search, wish, actor)


def blocks_of(booking: Booking, plan: Plan, search: Search) -> Iterator[BookingBlock]:
    """The rows of a plan, not saved."""
    moment = search.facts.moment
    for number, block in enumerate(plan.blocks, start=1):
        times = {"starts_at": moment(block.start), "ends_at": moment(block.end)}
        yield BookingBlock(
            dealer_id=booking.dealer_id, booking=booking, kind=BlockKind.WORK, position=number, bay=block.bay,
            staff=block.technician, skill=block.group.jobs[0].skill, planned_hours=_hours(block.group.hours),
            purpose=block.purpose, **times,
        )  # fmt: skip
        for piece in block.equipment:
            yield BookingBlock(
                dealer_id=booking.dealer_id, booking=booking, kind=BlockKind.EQUIPMENT, position=number,
                equipment=piece, **times,
            )  # fmt: skip
    if plan.advisor is not None:
        yield BookingBlock(
            dealer_id=booking.dealer_id, booking=booking, kind=BlockKind.RECEPTION, staff=plan.advisor,
            starts_at=moment(plan.reception[0]), ends_at=moment(plan.reception[1]),
        )  # fmt: skip


def _keep_override(booking: Booking, plan: Plan, search: Search, wish: Wish, actor: Actor) -> None:
    """Say which rules were passed over, by whom and why; nothing when none stood against it."""
    ordinary = Search(search.facts, search.jobs, replace(wish.ask, override=False))
    broken = Presenter(ordinary).slot(plan.start).refusals
    if broken:
        BookingOverride.objects.create(
            dealer_id=booking.dealer_id, booking=booking, rules=[text[:200] for text in broken],
            reason=wish.override_reason[:200], created_by_id=actor.user_id, created_by_name=actor.name,
            created_at=wish.now,
        )  # fmt: skip


def _hours(hours: float) -> Decimal:
    return Decimal(str(round(hours, 2)))


def give_back(booking: Booking, to: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    move(booking, to, actor=actor, now=now, reason=reason)
    BookingBlock.objects.filter(booking=booking).update(is_active=False)
