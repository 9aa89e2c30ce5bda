"""Re-planning a day by page: say what happened, read the proposal, accept or leave it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from huichang.domains.appointments import queries
from huichang.domains.appointments.away import name_of
from huichang.domains.appointments.models import Away, Replan, ReplanStatus
from huichang.domains.appointments.operations import replanning
from huichang.domains.appointments.operations.day import CONSENTS
from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.models import Duty
from huichang.domains.customers.models import Car, Customer
from huichang.domains.customers.queries import owner_of
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments.boards import shown_day
from huichang.interfaces.staff.catalog.absences import put_away
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date, local_moment

_WITHIN = 120  # minutes in which an emergency's work begins, unless the form says otherwise


def replan(request: StaffRequest) -> HttpResponse:
    """What broke the day: somebody or a bay is away, or a car must come in; then the proposal is worked out."""
    data = request.POST if request.method == "POST" else request.GET
    day = _day(request, data.get("day", ""))
    car = Car.objects.select_related("vehicle").filter(pk=_number(data.get("car"))).first()
    refusal: OperationRefused | None = None
    if request.method == "POST":
        try:
            found = _propose(request, day, car)
        except OperationRefused as error:
            refusal = error
        else:
            return redirect("staff:replan-proposal", found.pk)
    start, end = day_bounds(day)
    context = {
        "day": day, "car": car, "customer": owner_of(car) if car else None, "refusal": refusal,
        "bays": catalog.active_bays(request.dealer),
        "people": catalog.active_staff(request.dealer, (Duty.TECHNICIAN, Duty.ADVISOR)),
        "equipment": queries.active_equipment(request.dealer), "from": data.get("from", ""), "until": data.get("until", ""),
        "labour": catalog.labour(request.dealer), "away": _away(request, max(start, request.now), end),
        "chosen": [_number(pk) for pk in data.getlist("labour")], "who": data.get("who", ""),
        "reason": data.get("reason", ""), "within": data.get("within") or str(_WITHIN),
        "latest": Replan.objects.filter(day=day).order_by("-created_at")[:5],
    }  # fmt: skip
    return render(request, "staff/appointments/replan.html", context, status=409 if refusal else 200)


def _propose(request: StaffRequest, day: date, car: Car | None) -> Replan:
    data = request.POST
    reason = data.get("reason", "").strip()
    asked = [reason] if reason else []
    if who := data.get("who", ""):
        asked.insert(0, _put_away(request, day, who, reason))
    emergency = None
    if car is not None:
        customer = Customer.objects.filter(pk=_number(data.get("customer"))).first() or owner_of(car)
        if customer is None:
            raise OperationRefused(_("这辆车还没有登记车主。请先在客户档案里补上。"))
        labour = tuple(pk for pk in map(_number, data.getlist("labour")) if pk)
        emergency = replanning.Emergency(
            car, customer, labour, min(480, _number(data.get("within")) or _WITHIN)
        )
        asked.insert(0, _("急修 {plate}").format(plate=car.plate))
    return replanning.propose(
        dealer=request.dealer, day=day, asked=";".join(asked) or _("当天安排不能兑现"), actor=request.actor,
        now=request.now, emergency=emergency,
    )  # fmt: skip


def _put_away(request: StaffRequest, day: date, who: str, reason: str) -> str:
    """Register that a bay, person or piece of equipment is away, from now to the day's end unless said; its name."""
    start, end = day_bounds(day)
    kind, _sep, raw = who.partition("-")
    begins = max(_clock(day, request.POST.get("from", "")) or start, start, request.now)
    row = put_away(
        request, kind=kind if kind in {"bay", "equipment"} else "staff", pk=_number(raw), starts_at=begins,
        ends_at=_clock(day, request.POST.get("until", "")) or end, reason=reason,
    )  # fmt: skip
    return name_of(row)


def _clock(day: date, raw: str) -> datetime | None:
    try:
        return local_moment(day, time.fromisoformat(raw))
    except ValueError:
        return None


def _away(request: StaffRequest, start: datetime, end: datetime) -> list[tuple[str, Away]]:
    rows: list[Away] = [
        *catalog.absences(request.dealer, start, end), *queries.outages(request.dealer, start, end),
    ]  # fmt: skip
    return [(name_of(row), row) for row in rows]


def proposal(request: StaffRequest, pk: int) -> HttpResponse:
    """What would move and why; the customers' answers; accept or leave."""
    return _show(request, get_object_or_404(Replan.objects.all(), pk=pk))


def _show(
    request: StaffRequest, found: Replan, *, refusal: OperationRefused | None = None, status: int = 200
) -> HttpResponse:
    rows = [_row(move) for move in found.moves]
    context = {
        "replan": found, "moves": rows, "consents": CONSENTS.items(), "refusal": refusal,
        "is_open": found.status == ReplanStatus.PROPOSED,
        "promises": sum(row["kind"] in {"time", "out"} for row in rows), "seconds": found.took_ms / 1000,
        "can_accept": not any(row["kind"] == "out" and not row["booking"] for row in rows),
    }  # fmt: skip
    return render(request, "staff/appointments/proposal.html", context, status=status)


def _row(move: dict[str, Any]) -> dict[str, Any]:
    """A move with its times as times."""
    row = dict(move)
    for side in ("was", "will"):
        row[side] = {**move[side]}
        for name in ("start", "end"):
            if name in row[side]:
                row[side][name] = datetime.fromisoformat(row[side][name])
    row["alternatives"] = [(text, datetime.fromisoformat(text)) for text in move.get("alternatives", ())]
    return row


def accept(request: StaffRequest, pk: int) -> HttpResponse:
    """Do it all at once, or nothing."""
    found = get_object_or_404(Replan.objects.all(), pk=pk)
    told = {_number(name[5:]): str(value) for name, value in request.POST.items() if name.startswith("told-")}
    choices = {}
    for name, value in request.POST.items():
        if name.startswith("choice-") and (moment := parse_datetime(str(value))):
            choices[_number(name[7:])] = moment
    try:
        count = replanning.accept(
            replan=found, told=told, choices=choices, actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        return _show(request, get_object_or_404(Replan.objects.all(), pk=pk), refusal=refusal, status=409)
    messages.success(request, _("已按方案调整 {count} 台车。").format(count=count))
    return redirect(f"{reverse('staff:bookings')}?day={found.day:%Y-%m-%d}")


def reject(request: StaffRequest, pk: int) -> HttpResponse:
    """Leave the day as it is."""
    found = get_object_or_404(Replan.objects.all(), pk=pk)
    try:
        replanning.reject(replan=found, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        return _show(request, found, refusal=refusal, status=409)
    return redirect(f"{reverse('staff:replan')}?day={found.day:%Y-%m-%d}")


def _day(request: StaffRequest, raw: str) -> date:
    try:
        return max(date.fromisoformat(raw), local_date(request.now))
    except ValueError:
        return max(shown_day(request), local_date(request.now))


def _number(raw: Any) -> int:
    return int(raw) if raw and str(raw).isdecimal() and len(str(raw)) < 18 else 0
