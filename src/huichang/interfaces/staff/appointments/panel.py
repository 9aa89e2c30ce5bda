"""The booking panel: jobs, days, slots, the checklist, the hold. One partial for the desk, the 360° page and its own page.

Everything the panel knows travels in its form, so that any page can include it and any view can answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huichang.domains.appointments import queries
from huichang.domains.appointments.models import Booking, BookingStatus, Channel, Priority
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.queries import Check, Offers, Slot
from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.suggestions import suggest
from huichang.domains.customers.models import Car, Customer
from huichang.domains.reminders.models import CarForecast, Due, DueStatus
from huichang.domains.workshop.models import Finding
from huichang.interfaces.priorities import claims_of
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.preparation.quotes import quote_of
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date
from huichang.ui import formats

TEMPLATE = "staff/appointments/panel.html"
_KEYS = 9  # free slots get the number keys
_SHORT = {
    "bay": gettext_noop("工位满"), "technician": gettext_noop("技师满"), "advisor": gettext_noop("接待满"),
    "hours": gettext_noop("产能满"), "peak": gettext_noop("高峰"), "notice": gettext_noop("太近"),
    "equipment": gettext_noop("设备满"), "parts": gettext_noop("等配件"), "kind": gettext_noop("限额满"),
    "waiters": gettext_noop("等候满"), "arrivals": gettext_noop("到店满"), "open": gettext_noop("休息"),
    "fit": gettext_noop("排不完"),
}  # fmt: skip


@dataclass(slots=True)
class PanelState:
    """What the panel's form carries. Ids are as sent: whoever uses them looks them up in the scope."""

    car: Car
    customer: Customer
    case: str = ""
    kinds: tuple[str, ...] = ()
    labour_ids: list[int] = field(default_factory=list)
    chosen: bool = False  # the agent has touched the jobs: no more suggestions
    day: date | None = None
    starts_at: datetime | None = None
    post: str = ""
    priority: str = ""
    priority_reason: str = ""
    first_service: bool = False
    advisor: str = ""
    note: str = ""
    waits: bool = False
    fault: str = ""
    special_needs: str = ""
    reason: str = ""
    drop_off_name: str = ""
    drop_off_phone: str = ""
    hold: Booking | None = None
    moves: Booking | None = None

    @property
    def channel(self) -> str:
        """How the booking comes (APT-03): by telephone from the call desk, else at the counter; moved, as it came."""
        if self.moves:
            return self.moves.source
        return Channel.CALL if self.post.startswith(reverse("staff:desk-book")) else Channel.DESK


def read_state(request: StaffRequest, data: QueryDict) -> PanelState:
    """The state a request carries. Raises Car.DoesNotExist or Customer.DoesNotExist for unknown ids."""
    car = Car.objects.select_related("vehicle").get(pk=_number(data.get("car")))
    kinds = tuple(data.getlist("kind"))
    state = PanelState(
        car=car,
        customer=Customer.objects.get(pk=_number(data.get("customer"))),
        case=data.get("case", ""),
        kinds=kinds,
        labour_ids=[number for number in map(_number, data.getlist("labour")) if number],
        chosen=bool(data.get("chosen")),
        day=_day(data.get("day", "")),
        starts_at=_moment(data.get("starts_at", "") or data.get("starts", "")),
        post=_own_path(request, data.get("post", "")),
        priority=data.get("priority", "") if data.get("priority", "") in Priority.values else "",
        priority_reason=data.get("priority_reason", "")[:200],
        first_service=bool(data.get("first_service")),
        advisor=data.get("advisor", ""),
        note=data.get("note", ""),
        waits=bool(data.get("waits")),
        fault=data.get("fault", ""),
        special_needs=data.get("special_needs", ""),
        reason=data.get("reason", ""),
        drop_off_name=data.get("drop_off_name", ""),
        drop_off_phone=data.get("drop_off_phone", ""),
    )
    state.hold = _hold(request, data.get("hold", ""))
    state.moves = Booking.objects.filter(pk=_number(data.get("moves"))).first()
    if not state.labour_ids and not state.chosen:
        _suggest(state)
    return state


def _suggest(state: PanelState) -> None:
    """Choose the jobs that answer the case's reasons (or the kinds given), and whether it is a first service."""
    kinds = set(state.kinds)
    if state.case and not kinds:
        of_case = Due.objects.filter(case_id=_number(state.case), status=DueStatus.OPEN)
        kinds = set(of_case.values_list("kind", flat=True))
    due_km = CarForecast.objects.filter(car=state.car).values_list("service_due_km", flat=True).first()
    findings: Sequence[str] = ()
    if "deferred_repair" in kinds:
        still_open = Finding.objects.filter(car=state.car, status__in=("untold", "postponed"))
        findings = list(still_open.values_list("text", flat=True))
    jobs = suggest(catalog.labour(state.car.dealer), kinds=kinds, due_km=due_km, findings=findings)
    state.labour_ids = [job.pk for job in jobs]
    state.first_service = state.first_service or "first_service" in kinds


def show(
    request: StaffRequest, state: PanelState, *, refusal: OperationRefused | None = None, status: int = 200
) -> HttpResponse:
    """The panel for a state, with a refusal on top when there is one."""
    ignore = state.hold or state.moves
    offers = queries.offers(
        dealer=request.dealer, labour_ids=state.labour_ids, now=request.now, day=state.day, wanted=state.starts_at,
        priority=state.priority, first_service=state.first_service, ignore_booking=ignore,
        advisor_id=_number(state.advisor) or None, waits=state.waits,
        channel=state.channel,
    )  # fmt: skip
    labour = catalog.labour(request.dealer)
    chosen = [row for row in labour if row.pk in state.labour_ids]
    slot = offers.wanted_slot
    at = slot.starts_at if slot else None
    may_prefer = request.actor.can(P.USE_PRIORITY)
    claims = claims_of(
        state.car, state.customer, request.now, jobs=[row.name for row in chosen], fault=state.fault
    )
    if state.priority and (not state.priority_reason or state.priority_reason in {one.why for one in claims}):
        state.priority_reason = next((one.why for one in claims if one.priority == state.priority), "")
    context = {
        "over": _beyond_rules(request, state, slot), "claims": claims, "may_prefer": may_prefer,
        "state": state, "offers": offers, "labour": [row for row in labour if row.pk not in state.labour_ids],
        "chosen_labour": chosen, "quoted": quote_of(request, state.car, state.labour_ids, at, state.channel),
        "slot": slot, "checks": _checks(state, slot), "refusal": refusal,
        "days": _days(offers, local_date(request.now)), "slots": _slots(offers, state, request.now),
        "alternatives": _alternatives(refusal, offers), "priorities": Priority.choices if may_prefer else Priority.choices[:1],
        "advisors": catalog.active_staff(request.dealer, ("advisor",)), "may_keep": bool(state.hold or state.moves),
    }  # fmt: skip
    return render(request, TEMPLATE, context, status=status)


def _beyond_rules(request: StaffRequest, state: PanelState, slot: Slot | None) -> Slot | None:
    """The refused slot as it would be with the right to pass over what is only counted; None when that does not help."""
    if slot is None or slot.is_free or state.moves or not request.actor.can(P.OVERBOOK):
        return None
    found = queries.offers(
        dealer=request.dealer, labour_ids=state.labour_ids, now=request.now, wanted=slot.starts_at, days=1,
        advisor_id=_number(state.advisor) or None, ignore_booking=state.hold, override=True,
    ).wanted_slot  # fmt: skip
    return found if found is not None and found.is_free else None


def again(request: StaffRequest, refusal: OperationRefused) -> HttpResponse:
    """The panel after a refused booking: why, the alternatives, and everything that was typed; status 409."""
    state = read_state(request, request.POST)
    if isinstance(refusal, SlotTaken):
        state.hold = None
    return show(request, state, refusal=refusal, status=409)


def booked(request: StaffRequest, booking: Booking) -> HttpResponse:
    """What the panel becomes after a booking. Sends the event `booking:done` to the page."""
    response = render(request, "staff/appointments/booked.html", {"booking": queries.get(booking.pk)})
    response.headers["HX-Trigger"] = "booking:done"
    return response


@dataclass(frozen=True, slots=True)
class SlotButton:
    """A slot as the grid shows it."""

    slot: Slot
    label: str
    key: str
    is_chosen: bool
    why: str


def _slots(offers: Offers, state: PanelState, now: datetime) -> list[SlotButton]:
    buttons, number = [], 0
    for slot in offers.slots:
        if slot.starts_at <= now:
            continue
        number += slot.is_free
        buttons.append(
            SlotButton(
                slot,
                label=_label(slot),
                key=str(number) if slot.is_free and number <= _KEYS else "",
                is_chosen=slot.starts_at == state.starts_at,
                why=";".join(slot.refusals),
            )
        )
    return buttons


def _label(slot: Slot) -> str:
    if not slot.is_free:
        kind = next(check.kind for check in slot.checks if check.tone == "bad")
        return _(_SHORT.get(kind, "已满"))
    if slot.discount_percent:
        share = (100 - slot.discount_percent) / 10
        return (
            _("工时 {share} 折").format(share=f"{share:g}")
            if formats.chinese()
            else f"-{slot.discount_percent}%"
        )
    return _("推荐") if slot.is_recommended else _("可约")


@dataclass(frozen=True, slots=True)
class DayButton:
    """A day of the strip as the panel shows it."""

    day: date
    is_active: bool
    is_open: bool
    load: int
    free: int
    note: str
    is_today: bool


def _days(offers: Offers, today: date) -> list[DayButton]:
    return [
        DayButton(
            row.day, row.day == offers.day, row.is_open, row.load_percent, row.free,
            note=_("休") if not row.is_open else "" if row.free else _("满"), is_today=row.day == today,
        )
        for row in offers.days
    ]  # fmt: skip


def _checks(state: PanelState, slot: Slot | None) -> list[Check]:
    """The checklist; of a hold, what it really keeps rather than what would be chosen now."""
    if slot is None:
        return []
    if state.hold is None or state.hold.starts_at != slot.starts_at:
        return list(slot.checks)
    held = queries.get(state.hold.pk)
    if {item.labour_id for item in held.items.all()} != set(state.labour_ids):
        return list(slot.checks)
    lines = []
    for block in queries.work_blocks(held):
        span = f"{formats.clock(block.starts_at)}–{formats.clock(block.ends_at)}"
        lines.append(Check("bay", "ok", _("工位 {bay} {span}").format(bay=block.bay, span=span)))
        text = _("技师 {name}({skill}资质)").format(name=block.staff, skill=block.skill)
        lines.append(Check("technician", "ok", text))
    advisor = queries.advisor_of(held)
    if advisor:
        text = _("服务顾问 {name} {time} 接待").format(name=advisor, time=formats.clock(held.arrive_at))
        lines.append(Check("advisor", "ok", text))
    return lines + [check for check in slot.checks if check.kind in {"hours", "parts"}]


def _alternatives(refusal: OperationRefused | None, offers: Offers) -> Sequence[Any]:
    return refusal.alternatives if isinstance(refusal, SlotTaken) else offers.alternatives


def _hold(request: StaffRequest, raw: str) -> Booking | None:
    """The person's own hold while it is in force."""
    return Booking.objects.filter(
        pk=_number(raw),
        status=BookingStatus.HELD,
        hold_until__gt=request.now,
        created_by_id=request.actor.user_id,
    ).first()


def _own_path(request: StaffRequest, path: str) -> str:
    """Where 临时预约 posts: a path of this site, else the panel's own view."""
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts={request.get_host()}):
        return path
    return reverse("staff:booking-create")


def _number(raw: str | None) -> int:
    return int(raw) if raw and raw.isdecimal() and len(raw) < 18 else 0


def _day(raw: str) -> date | None:
    try:
        return parse_date(raw)
    except ValueError:
        return None


def _moment(raw: str) -> datetime | None:
    try:
        moment = parse_datetime(raw)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
