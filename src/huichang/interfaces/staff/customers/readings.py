"""Odometer readings in the file of a car: record, and judge a doubtful one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from huichang.domains.customers.models import Car
from huichang.domains.customers.queries import cars
from huichang.domains.vehicles.models import OdometerReading, ReadingSource
from huichang.domains.vehicles.operations import judge_reading, record_reading
from huichang.domains.vehicles.permissions import P
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

MOST_KM = 9_999_999


class ReadingForm(forms.Form):
    km = forms.IntegerField(min_value=1, max_value=MOST_KM)


def record(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep what the owner says the odometer shows today (CUS-06)."""
    car = get_object_or_404(cars(), pk=pk)
    form = ReadingForm(request.POST)
    if not form.is_valid():
        return _panel(request, car, error=_("请填写里程,只用数字"))
    try:
        record_reading(
            dealer=request.dealer, vehicle=car.vehicle, km=form.cleaned_data["km"], read_on=local_date(request.now),
            source=ReadingSource.OWNER, actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        return _panel(request, car, error=str(refusal))
    return _panel(request, car)


def judge(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm a doubtful reading or set it aside."""
    reading = get_object_or_404(OdometerReading.objects.select_related("vehicle"), pk=pk)
    car = get_object_or_404(cars(), vehicle=reading.vehicle)
    is_right = request.POST.get("right") == "yes"
    reason = _("已向客户核实") if is_right else _("核实后认为不可信")
    try:
        judge_reading(reading=reading, is_right=is_right, reason=reason, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        return _panel(request, car, error=str(refusal))
    return _panel(request, car)


def _panel(request: StaffRequest, car: Car, error: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "car": car, "error": error, "may_read": request.actor.can(P.RECORD_READING),
        "may_judge": request.actor.can(P.JUDGE_READING),
        "readings": list(OdometerReading.objects.filter(vehicle=car.vehicle).order_by("-read_on", "-pk")[:6]),
    }  # fmt: skip
    return render(request, "staff/customers/_readings.html", context, status=422 if error else 200)
