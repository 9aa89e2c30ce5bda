"""`/slots` and `/bookings`: what can be kept, and what is promised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import Booking
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.planning.offers import Slot
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.catalog.permissions import P as CatalogP
from huichang.domains.customers.duplicates import standing
from huichang.domains.customers.models import Car
from huichang.interfaces.api.cursors import Page, PagingQuery, page
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.problems import Problem, conflict
from huichang.interfaces.api.types import (
    Day,
    Filled200,
    Given,
    Id,
    Line20,
    Line40,
    Line200,
    Line400,
    Moment,
    PathId,
    QueryTruth,
    Truth,
    in_reach,
)
from huichang.kernel.worktime import day_bounds

router = Router()
Priority = Literal["", "safety", "comeback", "complaint"]
OwnChannel = Literal[
    "api", "app", "web"
]  # a program; the store's app; its website (APT-02): the discount follows
BookingStatus = Literal[
    "held", "tentative", "prepared", "confirmed", "arrived", "no_show", "cancelled", "expired"
]
Jobs = Annotated[list[Id], Field(min_length=1, max_length=20)]
AHEAD_YEARS = 3


class LabourOut(Schema):
    """A job of the catalogue: hours and the skill it needs."""

    id: int
    code: str
    name: str
    standard_hours: Decimal
    skill: str


@route(
    router, "GET", "/labour-operations", needs=CatalogP.SEE, response=Page[LabourOut], summary=_("工时项目")
)
def list_labour(request: ApiRequest, paging: PagingQuery) -> dict[str, Any]:
    """The jobs that can be booked."""
    rows = LabourOperation.objects.filter(is_active=True)
    return page(rows, paging, _labour, of="labour")


def _labour(row: LabourOperation) -> LabourOut:
    return LabourOut(**{name: getattr(row, name) for name in LabourOut.model_fields})


class SlotOut(Schema):
    """A start on the grid. `refusals` say why it cannot be kept; empty when it can."""

    starts_at: Moment
    ends_at: Moment | None
    arrive_at: Moment
    is_free: bool
    discount_percent: int
    refusals: list[str]


class SlotDay(Schema):
    """One day: is the store open, how many starts can be kept."""

    day: Day
    is_open: bool
    why_closed: str
    free: int
    load_percent: int


class SlotsOut(Schema):
    """`slots` are those of `day`. `alternatives` are the nearest to `wanted` that can be kept."""

    hours: Decimal
    day: Day | None
    days: list[SlotDay]
    slots: list[SlotOut]
    wanted: SlotOut | None
    alternatives: list[SlotOut]


class SlotQuery(Schema):
    labour_id: Annotated[list[PathId], Field(min_length=1, max_length=20)]
    day: Day | None = None
    wanted: Moment | None = None
    priority: Priority = ""
    channel: OwnChannel = "api"
    first_service: QueryTruth = False


@route(router, "GET", "/slots", needs=P.SEE, response=SlotsOut, summary=_("可约时段"))
def list_slots(request: ApiRequest, asked: Annotated[SlotQuery, Query()]) -> SlotsOut:
    """The slots that can be kept for these jobs: bay, technician, advisor and hours are all free."""
    _near(request, asked.wanted, "wanted")
    _near(request, day_bounds(asked.day)[0] if asked.day and _known(asked.day) else None, "day")
    _jobs(request, asked.labour_id, "labour_id")
    offers = queries.offers(
        dealer=request.auth.dealer, labour_ids=asked.labour_id, now=request.now, day=asked.day, wanted=asked.wanted,
        priority=asked.priority, first_service=asked.first_service, channel=asked.channel,
    )  # fmt: skip
    return SlotsOut(
        hours=offers.hours,
        day=offers.day,
        days=[SlotDay(**{n: getattr(one, n) for n in SlotDay.model_fields}) for one in offers.days],
        slots=[_slot(one) for one in offers.slots],
        wanted=_slot(offers.wanted_slot) if offers.wanted_slot else None,
        alternatives=[_slot(one.slot) for one in offers.alternatives],
    )


def _slot(slot: Slot) -> SlotOut:
    return SlotOut(
        starts_at=slot.starts_at, ends_at=slot.ends_at, arrive_at=slot.arrive_at, is_free=slot.is_free,
        discount_percent=slot.discount_percent, refusals=list(slot.refusals),
    )  # fmt: skip


def _known(day: Any) -> bool:
    in_reach(day, "day")
    return day is not None


def _near(request: ApiRequest, moment: datetime | None, field: str) -> None:
    """Refuse moments so far away that planning them would plan years of empty days."""
    if moment is None:
        return
    in_reach(moment.date(), field)
    if abs((moment - request.now).days) > AHEAD_YEARS * 366:
        raise conflict(gettext("时间离现在太远。"), field)


def _jobs(request: ApiRequest, ids: list[int], field: str) -> list[int]:
    """The ids, when all are jobs of the store's catalogue. Raises Problem 409."""
    known = {job.labour_id for job in queries.jobs_of(request.auth.dealer, ids)}
    if unknown := [pk for pk in ids if pk not in known]:
        raise conflict(gettext("工时目录里没有编号 {ids}。").format(ids="、".join(map(str, unknown))), field)
    return ids


@contextmanager
def _alternatives() -> Iterator[None]:
    """Tell the nearest slots that can be kept with the refusal."""
    try:
        yield
    except operations.SlotTaken as refusal:
        nearest = [_slot(one.slot).model_dump(mode="json") for one in refusal.alternatives]
        raise Problem(
            409, str(refusal), errors=[("starts_at", reason) for reason in refusal.reasons],
            extra={"alternatives": nearest},
        ) from refusal  # fmt: skip


class BookingIn(Given):
    """A booking of a car at a start that `/slots` offered. The owner's customer is taken when none is named."""

    car_id: Id
    customer_id: Id
    labour_ids: Jobs
    starts_at: Moment
    priority: Priority = ""
    priority_reason: Line200 = ""
    channel: OwnChannel = "api"
    first_service: Truth = False
    note: Line400 = ""
    drop_off_name: Line40 = ""
    drop_off_phone: Line20 = ""


class BookingChange(Given):
    """Another start, other jobs, another note; what is left out stays."""

    starts_at: Moment | None = None
    labour_ids: Jobs | None = None
    note: Line400 | None = None
    reason: Line200 = ""


class Cancellation(Given):
    reason: Filled200


class JobOut(Schema):
    labour_id: int
    name: str
    hours: Decimal


class BookingOut(Schema):
    id: int
    number: str
    status: str
    car_id: int
    customer_id: int
    arrive_at: Moment
    starts_at: Moment
    ends_at: Moment
    planned_hours: Decimal
    priority: str
    priority_reason: str
    is_first_service: bool
    discount_percent: int
    source: str
    note: str
    drop_off_name: str
    drop_off_phone: str
    jobs: list[JobOut]


BOOKING_COLUMNS = tuple(name for name in BookingOut.model_fields if name != "jobs")


def show(booking: Booking) -> BookingOut:
    """A booking of `queries.whole()`."""
    jobs = [
        JobOut(labour_id=item.labour_id, name=item.labour.name, hours=item.hours)
        for item in booking.items.all()
    ]
    return BookingOut(**{name: getattr(booking, name) for name in BOOKING_COLUMNS}, jobs=jobs)


class BookingFilter(Schema):
    """Days are the store's; `starts_before` is exclusive."""

    car_id: PathId | None = None
    customer_id: PathId | None = None
    status: BookingStatus | None = None
    starts_from: Day | None = None
    starts_before: Day | None = None


@route(router, "GET", "/bookings", needs=P.SEE, response=Page[BookingOut], summary=_("预约列表"))
def list_bookings(
    request: ApiRequest, wanted: Annotated[BookingFilter, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """Bookings by id."""
    rows = queries.whole()
    for field in ("car_id", "customer_id", "status"):
        if value := getattr(wanted, field):
            rows = rows.filter(**{field: value})
    for day, field, lookup in (
        (wanted.starts_from, "starts_from", "gte"), (wanted.starts_before, "starts_before", "lt"),
    ):  # fmt: skip
        in_reach(day, field)
        if day:
            rows = rows.filter(**{f"starts_at__{lookup}": day_bounds(day)[0]})
    return page(rows, paging, show, of="bookings")


@route(router, "GET", "/bookings/{booking_id}", needs=P.SEE, response=BookingOut, summary=_("一个预约"))
def get_booking(request: ApiRequest, booking_id: PathId) -> BookingOut:
    """One booking with its jobs."""
    return show(queries.get(booking_id))


@route(router, "POST", "/bookings", needs=P.BOOK, response=BookingOut, status=201, summary=_("新建预约"))
def add_booking(request: ApiRequest, booking: BookingIn) -> BookingOut:
    """Promise a slot. When it cannot be kept the answer is 409 with the reasons and the nearest that can."""
    _near(request, booking.starts_at, "starts_at")
    car = Car.objects.select_related("vehicle").filter(pk=booking.car_id).first()
    customer = standing(booking.customer_id)
    if car is None:
        raise conflict(gettext("本店没有编号为 {id} 的车辆。").format(id=booking.car_id), "car_id")
    if customer is None:
        raise conflict(gettext("本店没有编号为 {id} 的客户。").format(id=booking.customer_id), "customer_id")
    facts = booking.model_dump(
        include={"priority", "priority_reason", "first_service", "note", "drop_off_name", "drop_off_phone"}
    )
    jobs = _jobs(request, booking.labour_ids, "labour_ids")
    with _alternatives():
        made = operations.book(
            dealer=request.auth.dealer, car=car, customer=customer, starts_at=booking.starts_at, labour_ids=jobs,
            source=booking.channel, actor=request.auth.actor, now=request.now, **facts,
        )  # fmt: skip
    return show(queries.get(made.pk))


@route(router, "PATCH", "/bookings/{booking_id}", needs=P.CHANGE, response=BookingOut, summary=_("修改预约"))
def change_booking(request: ApiRequest, booking_id: PathId, change: BookingChange) -> BookingOut:
    """Move a promised booking or give it other jobs; it keeps its number."""
    _near(request, change.starts_at, "starts_at")
    booking = queries.get(booking_id)
    jobs = _jobs(request, change.labour_ids, "labour_ids") if change.labour_ids else None
    with _alternatives():
        operations.change(
            booking=booking, starts_at=change.starts_at or booking.starts_at, labour_ids=jobs, note=change.note,
            reason=change.reason, actor=request.auth.actor, now=request.now,
        )  # fmt: skip
    return show(queries.get(booking_id))


@route(
    router,
    "POST",
    "/bookings/{booking_id}/cancel",
    needs=P.CHANGE,
    response=BookingOut,
    summary=_("取消预约"),
)
def cancel_booking(request: ApiRequest, booking_id: PathId, cancellation: Cancellation) -> BookingOut:
    """Cancel a promise; its bay and people are free at once."""
    operations.cancel(
        booking=queries.get(booking_id), reason=cancellation.reason, actor=request.auth.actor, now=request.now
    )
    return show(queries.get(booking_id))
