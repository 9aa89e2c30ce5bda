"""The tables of the first three services, and the card of one car (TSP-12…15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.appointments.permissions import P as AppointmentsP
from huichang.domains.customers.models import Car
from huichang.domains.customers.queries import owner_of
from huichang.domains.dealers.permissions import P as DealersP
from huichang.domains.reminders import programme
from huichang.domains.reminders.models import ProgrammeCard
from huichang.domains.reminders.operations import programme as operations
from huichang.domains.reminders.programme import FIRST, SECOND, THIRD, Row, Step
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.programme.forms import AskForm, HeardForm, UseForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

TABLES = ((FIRST, gettext_lazy("首保")), (SECOND, gettext_lazy("二保")), (THIRD, gettext_lazy("三保")))
_STEPS = {
    Step.BOOKED: ("ok", gettext_lazy("已预约")), Step.ASKED: ("accent", gettext_lazy("等预约专员答复")),
    Step.REFUSED: ("warn", gettext_lazy("换个时间再问")), Step.FIX: ("warn", gettext_lazy("定下到店时间")),
    Step.TALK: ("warn", gettext_lazy("了解用车习惯")), Step.WAIT: ("", gettext_lazy("还不用联系")),
}  # fmt: skip


def waiting_times(request: StaffRequest) -> int:
    """The rail's count: times asked of the appointment specialist, for those who answer."""
    if not request.actor.can(AppointmentsP.CHECK):
        return 0
    rows = ProgrammeCard.objects.filter(dealer=request.dealer, asked_at__isnull=False, answered_at=None)
    return rows.count()


def table(request: StaffRequest) -> HttpResponse:
    """One of the three tables, by the day the next service is due; sellers see their own customers first."""
    done = int(request.GET.get("table", "") in {"1", "2"} and request.GET["table"])
    names = programme.advisors(request.dealer)
    given = request.GET.get("advisor")
    advisor = given if given in names else (request.actor.name if given is None else "")
    advisor = advisor if advisor in names else ""
    rows = programme.rows(
        request.dealer, done, today=local_date(request.now), advisor=advisor,
        after=_after(request.GET.get("after", "")), most=programme.PAGE + 1,
    )  # fmt: skip
    shown = [_shown(row) for row in rows[: programme.PAGE]]
    last = rows[programme.PAGE - 1] if len(rows) > programme.PAGE else None
    context = {
        "rows": shown, "done": done, "tables": TABLES, "advisors": names, "advisor": advisor,
        "next": f"{last.facts['service_due_date']:%Y-%m-%d}.{last.facts['id']}" if last else "",
        "paged": bool(request.GET.get("after")), "asked": _asked(request),
        "sellers": sorted(programme.seller_ids(request.dealer, local_date(request.now)))
        if request.actor.can(DealersP.DELEGATE) else [],
    }  # fmt: skip
    return render(request, "staff/programme/table.html", context)


def _asked(request: StaffRequest) -> list[ProgrammeCard]:
    return programme.times_asked(request.dealer) if request.actor.can(AppointmentsP.CHECK) else []


def _after(raw: str) -> tuple[date, int] | None:
    day, _dot, number = raw.partition(".")
    try:
        found = parse_date(day)
    except ValueError:
        return None
    return (found, int(number)) if found and number.isdecimal() and len(number) < 18 else None


def _shown(row: Row) -> dict[str, Any]:
    tone, words = _STEPS[row.step]
    return {"row": row, "facts": row.facts, "tone": "bad" if row.is_late else tone, "step": words}


def hand_over(request: StaffRequest) -> HttpResponse:
    """Give everything one sales advisor follows to another."""
    giver, taker = request.POST.get("giver", ""), request.POST.get("taker", "")
    try:
        count = operations.hand_over(
            dealer=request.dealer, giver=giver, taker=taker, actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        said = _("{count} 位客户从 {giver} 交给 {taker}").format(count=count, giver=giver, taker=taker)
        messages.success(request, said)
    return redirect("staff:programme")


def _car(pk: int) -> Car:
    found = Car.objects.select_related("vehicle", "dealer").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def card(request: StaffRequest, pk: int) -> HttpResponse:
    """One car: where it stands, what was learned, the time to be fixed, what the follow-up said."""
    return _card(request, _car(pk))


def _card(request: StaffRequest, car: Car, failed: forms.Form | None = None) -> HttpResponse:
    found = programme.of_car(request.dealer, car, today=local_date(request.now))
    kept = programme.cards_of(request.dealer, car)
    row = found[1] if found else None
    may_answer = kept.waits_for_answer and request.actor.can(AppointmentsP.CHECK)
    context = {
        "car": car, "owner": owner_of(car), "card": kept, "done": found[0] if found else None, "row": row,
        "table": dict(TABLES)[found[0]] if found else "", "shown": _shown(row) if row else None,
        "use": _form(failed, UseForm, {"place": car.place_of_use, "planned_date": kept.planned_date, "note": kept.note}),
        "ask": _form(failed, AskForm, {"wanted_at": kept.wanted_at}),
        "heard": _form(failed, HeardForm, {
            "satisfaction": kept.satisfaction, "note": kept.satisfaction_note, "next_reminder_date": kept.next_reminder_date,
        }),
        "may_answer": may_answer, "may_book": request.actor.can(AppointmentsP.BOOK) and row and not row.facts["booking_id"],
    }  # fmt: skip
    return render(request, "staff/programme/card.html", context, status=422 if failed else 200)


def _form(failed: forms.Form | None, kind: type[forms.Form], initial: dict[str, Any]) -> forms.Form:
    return failed if isinstance(failed, kind) else kind(initial=initial)


def _kept(
    request: StaffRequest, pk: int, form: forms.Form, write: Callable[..., object], said: str
) -> HttpResponse:
    """Write what a form holds and show the card again; a refusal stands at its field."""
    car = _car(pk)
    if form.is_valid():
        try:
            write(car=car, actor=request.actor, now=request.now, **form.cleaned_data)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, said)
            return redirect("staff:programme-card", pk)
    return _card(request, car, failed=form)


def note_use(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep what was learned about the use of the car."""
    return _kept(request, pk, UseForm(request.POST), operations.note_use, _("已登记"))


def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask the appointment specialist for a time."""
    return _kept(request, pk, AskForm(request.POST), operations.ask_for_time, _("已转给预约专员"))


def heard(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep what the follow-up said."""
    return _kept(request, pk, HeardForm(request.POST), operations.note_satisfaction, _("已登记"))


def answer(request: StaffRequest, pk: int) -> HttpResponse:
    """The specialist says that the time cannot be had, and what can."""
    car = _car(pk)
    try:
        operations.answer_time(
            car=car, answer=request.POST.get("answer", ""), actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:programme-card", pk)
    messages.success(request, _("已答复销售顾问"))
    return redirect("staff:programme")


def sample() -> dict[str, int]:
    """A car for the pictures and the permission matrix: one that is followed, where there is one."""
    kept = ProgrammeCard.objects.order_by("-pk").values_list("car_id", flat=True).first()
    return {"pk": kept or Car.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}
