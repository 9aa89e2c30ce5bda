"""Bookings of the demo store: days that are over, a lively today, a week to come. Made by the operations themselves."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from huichang.domains.appointments import operations
from huichang.domains.appointments.models import (
    BandDiscount,
    Booking,
    BookingBand,
    BookingStatus,
    Equipment,
    EquipmentNeed,
    JobLimit,
)
from huichang.domains.appointments.operations import SlotTaken, closing, day
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.customers.models import Car
from huichang.domains.customers.queries import owner_of
from huichang.domains.dealers import calendars
from huichang.domains.dealers import operations as dealers
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor, system
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date, local_moment

_BEFORE, _AFTER = 3, 7  # working days around today
_WISHES = 16  # tried a day; some find their slot taken, as in life
_CHANNELS = ("call", "call", "call", "desk", "wechat", "app", "portal")


def furnish(dealer: Dealer, now: datetime) -> int:
    """Rules and bookings of a store whose cars, jobs, bays and people are there; the number of bookings."""
    if Booking.objects.exists():
        return 0
    actor, chance = system("huichang demo"), random.Random(20_26)  # noqa: S311  # a demo, no secret
    _rules(dealer, actor)
    today = local_date(now)
    if not calendars.load(dealer, today, today).is_working(today):
        # Whoever tries the demo on a day of rest should see a day at work.
        dealers.set_special_day(
            dealer=dealer, day=today, is_open=True, opens_at=None, closes_at=None, reason="值班", actor=actor
        )
    calendar = calendars.load(dealer, today - timedelta(days=30), today + timedelta(days=30))
    jobs = [
        job
        for job in LabourOperation.objects.filter(is_active=True).order_by("code")
        if job.standard_hours <= 4
    ]
    cars = [car for car in Car.objects.order_by("pk")[:400] if owner_of(car)] if jobs else []
    chance.shuffle(cars)
    made = 0
    for step in range(-_BEFORE, _AFTER + 1):
        on = calendar.step(today, step) if step else (today if calendar.is_working(today) else None)
        if on is None or not cars:
            continue
        wishes = _WISHES if step <= 0 else max(4, _WISHES - 2 * step)
        made += _book_day(dealer, on, jobs, cars, wishes, chance, actor, now)
        if on <= today:
            _live_through(dealer, on, chance, actor, now)
    return made


def _rules(dealer: Dealer, actor: Actor) -> None:
    quiet = operations.save_band(
        band=BookingBand(
            dealer=dealer, name="午后优惠", starts_at=time(13), ends_at=time(15, 30), discount_percent=10
        ),
        actor=actor,
    )
    for channel, percent in (("app", 20), ("wechat", 15), ("portal", 15)):
        BandDiscount.objects.create(dealer=dealer, band=quiet, channel=channel, discount_percent=percent)
    Equipment.objects.create(dealer=dealer, name="四轮定位仪", kind="四轮定位")
    for job in LabourOperation.objects.filter(name__contains="定位"):
        EquipmentNeed.objects.create(dealer=dealer, labour=job, kind="四轮定位")
    if skill := LabourOperation.objects.filter(skill="喷漆").first():
        JobLimit.objects.create(dealer=dealer, name="喷漆", skill=skill.skill, per_day=3)


def _book_day(
    dealer: Dealer, on: date, jobs: list[LabourOperation], cars: list[Car], wishes: int, chance: random.Random,
    actor: Actor, now: datetime,
) -> int:  # fmt: skip
    """Customers who called the day before; nobody waits for a slot that is taken."""
    made, asked_at = 0, min(now, local_moment(on - timedelta(days=1), time(9, 30)))
    for _wish in range(wishes):
        car = cars.pop()
        customer = owner_of(car)
        assert customer is not None  # chosen by their owners
        clock = time(
            chance.choice((8, 9, 9, 10, 10, 11, 13, 13, 14, 14, 15, 16)), chance.choice((0, 15, 30, 45))
        )
        complains = chance.random() < 0.05
        try:
            operations.book(
                dealer=dealer, car=car, customer=customer,
                labour_ids=[job.pk for job in chance.sample(jobs, chance.choice((1, 1, 2)))],
                starts_at=local_moment(on, clock), actor=actor, now=asked_at, source=chance.choice(_CHANNELS),
                waits=chance.random() < 0.5, is_invited=chance.random() < 0.6, priority="complaint" if complains else "",
                priority_reason="上次交车晚了,客户投诉" if complains else "",
            )  # fmt: skip
        except SlotTaken:
            cars.insert(0, car)
        else:
            made += 1
        if not cars:
            break
    return made


def _live_through(dealer: Dealer, on: date, chance: random.Random, actor: Actor, now: datetime) -> None:
    """Customers come (or not), work is finished (or stays overnight), the day closes."""
    start = local_moment(on, time.min)
    rows = Booking.objects.filter(
        dealer=dealer,
        status=BookingStatus.TENTATIVE,
        starts_at__gte=start,
        starts_at__lt=start + timedelta(days=1),
    )
    for booking in rows.order_by("starts_at"):
        came_at = booking.arrive_at + timedelta(minutes=chance.randint(-12, 9))
        if came_at >= now:
            continue
        if chance.random() < 0.08:
            late = booking.arrive_at + timedelta(minutes=45)
            if late < now:
                operations.mark_no_show(booking=booking, actor=actor, now=late)
            continue
        operations.arrive(booking=booking, actor=actor, now=came_at)
        done_at = booking.ends_at - timedelta(minutes=chance.randint(0, 10))
        begun_at = max(came_at, booking.starts_at + timedelta(minutes=booking.pk % 17 - 4))
        if begun_at < min(now, done_at):
            day.begin_work(booking=booking, actor=actor, now=begun_at)
        if done_at < now and chance.random() < 0.94:
            day.finish_work(booking=booking, actor=actor, now=done_at)
    if on == local_date(now):
        return
    try:
        closing.close_day(dealer=dealer, day=on, actor=actor, now=local_moment(on, time(22)))
    except OperationRefused:  # nothing to close: the demo goes on
        return
