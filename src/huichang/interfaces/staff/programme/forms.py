"""What a sales advisor writes down about a car of the first three services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from huichang.domains.reminders.models import Satisfaction


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget)


class UseForm(forms.Form):
    """The talk of about 1.5 months after delivery (TSP-12)."""

    km = forms.IntegerField(
        label=gettext_lazy("现在的里程(公里)"), required=False, min_value=1, max_value=2_000_000
    )
    place = forms.CharField(
        label=gettext_lazy("使用地点"), required=False, max_length=60,
        help_text=gettext_lazy("例如:市区上下班、经常跑高速、工地"),
    )  # fmt: skip
    planned_date = _day(gettext_lazy("约定首保日"))
    note = forms.CharField(label=gettext_lazy("备注"), required=False, max_length=200)


class AskForm(forms.Form):
    """The exact time a customer would come (TSP-13)."""

    wanted_at = forms.DateTimeField(
        label=gettext_lazy("客户想来的时间"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": "900"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )
    note = forms.CharField(label=gettext_lazy("备注"), required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "ask_%s"} | kwargs)


class HeardForm(forms.Form):
    """What the follow-up said (TSP-15)."""

    satisfaction = forms.ChoiceField(
        label=gettext_lazy("回访满意度"), choices=[choice for choice in Satisfaction.choices if choice[0]]
    )
    note = forms.CharField(
        label=gettext_lazy("再次致电备注"), required=False, max_length=200,
        help_text=gettext_lazy("不是完全满意的:一周内再打电话,写下真正的原因"),
    )  # fmt: skip
    next_reminder_date = _day(gettext_lazy("计划下次保养提醒"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "heard_%s"} | kwargs)
