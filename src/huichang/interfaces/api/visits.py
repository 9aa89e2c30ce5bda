"""`/visits`: closed orders with their lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from huichang.domains.customers.models import Car
from huichang.domains.workshop.models import LineKind, ServiceOrder
from huichang.domains.workshop.operations import Line, record_visit
from huichang.domains.workshop.permissions import P
from huichang.interfaces.api.cursors import Page, PagingQuery, page
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.problems import conflict
from huichang.interfaces.api.types import (
    Count,
    Day,
    Filled30,
    Filled80,
    Given,
    Id,
    Line20,
    Line30,
    Line40,
    Moment,
    PathId,
    in_reach,
)
from huichang.kernel.worktime import day_bounds, local_date

router = Router()
# Amounts are text with two decimals on the way out and in: no float ever touches them.
Amount = Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?$")]


class LineIn(Given):
    """A job or a part: quantity in hours or pieces, price of one in yuan."""

    kind: Literal["labour", "part", "other"]
    code: Line40 = ""
    name: Filled80
    quantity: Annotated[str, Field(pattern=r"^(0|[1-9][0-9]{0,5})(\.[0-9]{1,2})?$")] = "1"
    unit_price: Amount = "0"


class VisitIn(Given):
    """A finished visit. `number` is yours: sending it again changes nothing."""

    number: Filled30
    car_id: Id
    arrived_at: Moment
    left_at: Moment | None = None
    km: Count | None = None
    business_type: Line20 = ""
    advisor_name: Line40 = ""
    technician_name: Line40 = ""
    payment_method: Line20 = ""
    discount: Amount = "0"
    paid: Amount | None = None
    lines: Annotated[list[LineIn], Field(max_length=200, default_factory=list)]


class LineOut(Schema):
    position: int
    kind: str
    code: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    payer: str


class VisitOut(Schema):
    """Amounts in yuan as recorded; `flags` tell what is doubted about the record."""

    id: int
    number: str
    car_id: int
    customer_id: int | None
    arrived_at: Moment
    left_at: Moment | None
    km: int | None
    business_type: str
    advisor_name: str
    technician_name: str
    labour_amount: Decimal
    parts_amount: Decimal
    discount_amount: Decimal
    paid_amount: Decimal
    payment_method: str
    flags: list[str]
    lines: list[LineOut]


ORDER_COLUMNS = tuple(name for name in VisitOut.model_fields if name != "lines")


def show(order: ServiceOrder) -> VisitOut:
    """An order with `lines` prefetched."""
    lines = sorted(order.lines.all(), key=lambda one: one.position)
    return VisitOut(
        **{name: getattr(order, name) for name in ORDER_COLUMNS},
        lines=[LineOut(**{name: getattr(one, name) for name in LineOut.model_fields}) for one in lines],
    )


class VisitFilter(Schema):
    """Days are the store's; `arrived_before` is exclusive."""

    car_id: PathId | None = None
    number: Line30 = ""
    arrived_from: Day | None = None
    arrived_before: Day | None = None


@route(router, "GET", "/visits", needs=P.SEE, response=Page[VisitOut], summary=_("进厂记录"))
def list_visits(
    request: ApiRequest, wanted: Annotated[VisitFilter, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """Closed orders with their lines, by id."""
    rows = ServiceOrder.objects.prefetch_related("lines")
    if wanted.car_id:
        rows = rows.filter(car_id=wanted.car_id)
    if wanted.number:
        rows = rows.filter(number=wanted.number)
    for day, lookup in ((wanted.arrived_from, "gte"), (wanted.arrived_before, "lt")):
        in_reach(day, "arrived_from" if lookup == "gte" else "arrived_before")
        if day:
            rows = rows.filter(**{f"arrived_at__{lookup}": day_bounds(day)[0]})
    return page(rows, paging, show, of="visits")


@route(router, "GET", "/visits/{visit_id}", needs=P.SEE, response=VisitOut, summary=_("一次进厂"))
def get_visit(request: ApiRequest, visit_id: PathId) -> VisitOut:
    """One closed order."""
    return show(ServiceOrder.objects.prefetch_related("lines").get(pk=visit_id))


@route(router, "POST", "/visits", needs=P.RECORD_VISIT, response=VisitOut, status=201, summary=_("登记进厂"))
def add_visit(request: ApiRequest, visit: VisitIn) -> VisitOut:
    """Record a finished visit; its reading goes the way of all readings, its cases close."""
    for moment, field in ((visit.arrived_at, "arrived_at"), (visit.left_at, "left_at")):
        in_reach(moment.date() if moment else None, field)
    if local_date(visit.arrived_at) > local_date(request.now):
        raise conflict(gettext("进厂时间在将来。"), "arrived_at")
    car = Car.objects.select_related("vehicle").filter(pk=visit.car_id).first()
    if car is None:
        raise conflict(gettext("本店没有编号为 {id} 的车辆。").format(id=visit.car_id), "car_id")
    lines = [
        Line(LineKind(one.kind), one.code, one.name, Decimal(one.quantity), Decimal(one.unit_price))
        for one in visit.lines
    ]
    facts = visit.model_dump(
        include={"number", "km", "business_type", "advisor_name", "technician_name", "payment_method"}
    )
    order = record_visit(
        car=car, arrived_at=visit.arrived_at, left_at=visit.left_at, lines=lines, discount=Decimal(visit.discount),
        paid=None if visit.paid is None else Decimal(visit.paid), actor=request.auth.actor, now=request.now, **facts,
    )  # fmt: skip
    return show(ServiceOrder.objects.prefetch_related("lines").get(pk=order.pk))
