"""The working calendar: the ordinary week, special days, public holidays and make-up days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.dealers import calendars, operations
from huichang.domains.dealers.models import Dealer, HolidayDay, OpeningPeriod, SpecialDay
from huichang.domains.dealers.permissions import P
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

PERIODS_A_DAY = 2  # shown for each weekday; a third appears when both are used
_SHOWN = 35  # days of the preview
_WARN_AHEAD = 365
_NAMES = [
    gettext_lazy("周一"), gettext_lazy("周二"), gettext_lazy("周三"), gettext_lazy("周四"), gettext_lazy("周五"),
    gettext_lazy("周六"), gettext_lazy("周日"),
]  # fmt: skip


class SpecialDayForm(forms.Form):
    """A day that differs from the week."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput(attrs={"type": "date"}))
    is_open = forms.TypedChoiceField(
        label=gettext_lazy("当天"), choices=[("0", gettext_lazy("休息")), ("1", gettext_lazy("营业"))],
        coerce=lambda value: value == "1",
    )  # fmt: skip
    opens_at = forms.TimeField(
        label=gettext_lazy("开门"), required=False, widget=forms.TimeInput(attrs={"type": "time"}),
        help_text=gettext_lazy("不填按平常时间"),
    )  # fmt: skip
    closes_at = forms.TimeField(
        label=gettext_lazy("关门"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=60)


class HolidayForm(forms.Form):
    """A public holiday or make-up day."""

    day = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput(attrs={"type": "date"}))
    is_working = forms.TypedChoiceField(
        label=gettext_lazy("当天"), choices=[("0", gettext_lazy("放假")), ("1", gettext_lazy("调休上班"))],
        coerce=lambda value: value == "1",
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("节日"), max_length=40)


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A weekday with its periods as the form shows them, padded with empty ones."""

    number: int
    name: Any
    periods: tuple[tuple[str, str], ...]
    error: str = ""


@dataclass(frozen=True, slots=True)
class PublicSpan:
    """Days of the public calendar that follow one another and are alike; a day entered by hand stands alone."""

    first: date
    last: date
    public: calendars.PublicDay
    row: HolidayDay | None


def calendar(
    request: StaffRequest, *, week: list[WeekRow] | None = None, special: forms.Form | None = None,
    holiday: forms.Form | None = None, refusal: OperationRefused | None = None,
) -> HttpResponse:  # fmt: skip
    """Everything about when the store is open, with the next five weeks as they come out."""
    today = local_date(request.now)
    year = _year(request, today)
    first = today - timedelta(days=today.weekday())
    loaded = calendars.load(request.dealer, first, first + timedelta(days=_SHOWN))
    context = {
        "week": week or _week(request.dealer), "special_form": special or SpecialDayForm(),
        "holiday_form": holiday or HolidayForm(), "refusal": refusal,
        "special_days": SpecialDay.objects.filter(day__gte=today).order_by("day"),
        "public_days": _spans(calendars.public_days(year)), "year": year, "today": today,
        "preview": [loaded.on(first + timedelta(days=number)) for number in range(_SHOWN)],
        "missing": calendars.missing_years(date(year, 1, 1), date(year, 12, 31)),
        "warning": calendars.warning(today, _WARN_AHEAD), "may_edit": request.actor.can(P.EDIT_CALENDAR),
        "may_public": _may_edit_public(request),
    }  # fmt: skip
    failed = refusal or (special and special.errors) or (holiday and holiday.errors)
    return render(request, "staff/catalog/calendar.html", context, status=422 if failed else 200)


def save_week(request: StaffRequest) -> HttpResponse:
    """Replace the ordinary week."""
    rows = [_posted_row(request, number) for number in range(7)]
    try:
        operations.set_week(dealer=request.dealer, periods=list(_periods(rows)), actor=request.actor)
    except OperationRefused as refusal:
        return calendar(request, week=rows, refusal=refusal)
    messages.success(request, _("营业时间已保存,新的预约按它计算。"))
    return redirect("staff:calendar")


def add_special_day(request: StaffRequest) -> HttpResponse:
    """Close or open the store on one day."""
    form = SpecialDayForm(request.POST)
    if not form.is_valid():
        return calendar(request, special=form)
    try:
        operations.set_special_day(dealer=request.dealer, actor=request.actor, **form.cleaned_data)
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return calendar(request, special=form)
    messages.success(request, _("已保存。"))
    return redirect("staff:calendar")


def remove_special_day(request: StaffRequest, pk: int) -> HttpResponse:
    """Let the day be ordinary again."""
    special = get_object_or_404(SpecialDay.objects.all(), pk=pk)
    operations.remove_special_day(special=special, actor=request.actor)
    return redirect("staff:calendar")


def add_holiday(request: StaffRequest) -> HttpResponse:
    """Correct or complete the public calendar."""
    form = HolidayForm(request.POST)
    if not form.is_valid():
        return calendar(request, holiday=form)
    try:
        operations.set_holiday(actor=request.actor, **form.cleaned_data)
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return calendar(request, holiday=form)
    messages.success(request, _("已保存。"))
    return redirect(f"{request.path.rsplit('/holidays', 1)[0]}?year={form.cleaned_data['day'].year}")


def remove_holiday(request: StaffRequest, pk: int) -> HttpResponse:
    """Let the library speak again for the day."""
    operations.remove_holiday(holiday=get_object_or_404(HolidayDay, pk=pk), actor=request.actor)
    return redirect("staff:calendar")


def _spans(days: list[calendars.ListedDay]) -> list[PublicSpan]:
    spans: list[PublicSpan] = []
    for item in days:
        before = spans[-1] if spans else None
        follows = before is not None and item.day - before.last == timedelta(days=1)
        if before and follows and before.public == item.public and before.row is None and item.row is None:
            spans[-1] = replace(before, last=item.day)
        else:
            spans.append(PublicSpan(item.day, item.day, item.public, item.row))
    return spans


def _may_edit_public(request: StaffRequest) -> bool:
    alone = Dealer.objects.filter(is_active=True).count() == 1
    return request.actor.can(P.EDIT_CALENDAR) and (alone or request.actor.can(P.EDIT_NETWORK_POLICIES))


def _year(request: StaffRequest, today: date) -> int:
    raw = request.GET.get("year", "")
    return int(raw) if raw.isdecimal() and 2004 <= int(raw) <= 2100 else today.year


def _week(dealer: Dealer) -> list[WeekRow]:
    found: dict[int, list[tuple[str, str]]] = {number: [] for number in range(7)}
    for row in OpeningPeriod.objects.filter(dealer=dealer).order_by("weekday", "opens_at"):
        found[row.weekday].append((f"{row.opens_at:%H:%M}", f"{row.closes_at:%H:%M}"))
    return [_row(number, periods) for number, periods in found.items()]


def _row(number: int, periods: list[tuple[str, str]]) -> WeekRow:
    empty = [("", "")] * max(PERIODS_A_DAY - len(periods), 1 if len(periods) == PERIODS_A_DAY else 0)
    return WeekRow(number, _NAMES[number], (*periods, *empty))


def _posted_row(request: StaffRequest, number: int) -> WeekRow:
    pairs = zip(
        request.POST.getlist(f"opens-{number}"), request.POST.getlist(f"closes-{number}"), strict=False
    )
    return _row(number, [pair for pair in pairs if any(pair)])


def _periods(rows: list[WeekRow]) -> Iterator[tuple[int, time, time]]:
    """The periods typed in. Raises OperationRefused for half a period or something that is no time."""
    for row in rows:
        for opens, closes in row.periods:
            if opens or closes:
                try:
                    yield row.number, time.fromisoformat(opens), time.fromisoformat(closes)
                except ValueError as error:
                    name = str(row.name)
                    raise OperationRefused(_("{day}的营业时间没有填完整").format(day=name)) from error
