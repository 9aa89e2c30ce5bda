"""What a page sends about a booking, checked and looked up in the open scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.appointments.models import Booking, BookingBand, Priority
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.customers.models import Car, Customer
from huichang.interfaces.forms import RowForm

WEEKDAYS: list[tuple[int | str, Any]] = [
    ("", gettext_lazy("每天")), (0, gettext_lazy("周一")), (1, gettext_lazy("周二")), (2, gettext_lazy("周三")),
    (3, gettext_lazy("周四")), (4, gettext_lazy("周五")), (5, gettext_lazy("周六")), (6, gettext_lazy("周日")),
]  # fmt: skip


class MomentField(forms.CharField):
    """An aware ISO datetime, as the panel's slots carry it."""

    def clean(self, value: Any) -> datetime:
        try:
            moment = parse_datetime(str(super().clean(value)))
        except ValueError:
            moment = None
        if moment is None or not is_aware(moment):
            raise forms.ValidationError(_("请选择一个时段"))
        return moment


class JobsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    """The chosen jobs; the panel's "add a job" list sends an empty one along, which is none."""

    def clean(self, value: Any) -> Any:
        return super().clean([one for one in value or () if one])


class BookingForm(forms.Form):
    """The fields of the booking panel. `for_book()` and `for_hold()` are arguments of the operations.

    Make it inside the person's scope: another store's car or job is an error like any unknown one.
    """

    car: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None)
    customer: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None)
    labour = JobsField(None, label=gettext_lazy("项目"))
    starts_at = MomentField(label=gettext_lazy("时段"))
    hold: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, required=False)
    priority = forms.ChoiceField(choices=Priority.choices, required=False)
    priority_reason = forms.CharField(max_length=200, required=False, label=gettext_lazy("优先的原因"))
    first_service = forms.BooleanField(required=False)
    advisor = forms.IntegerField(required=False)
    note = forms.CharField(max_length=400, required=False, label=gettext_lazy("备注"))
    waits = forms.BooleanField(required=False)
    override_reason = forms.CharField(max_length=200, required=False, label=gettext_lazy("超出规则的理由"))
    fault = forms.CharField(max_length=400, required=False, label=gettext_lazy("故障描述"))
    special_needs = forms.CharField(max_length=200, required=False, label=gettext_lazy("特殊需要"))
    drop_off_name = forms.CharField(max_length=40, required=False, label=gettext_lazy("送修人"))
    drop_off_phone = forms.CharField(max_length=20, required=False, label=gettext_lazy("送修人电话"))

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        sent = data.copy()
        sent.setlist(
            "labour", [value for value in data.getlist("labour") if value]
        )  # the “add a job” list is one too
        super().__init__(sent, **kwargs)
        for name, model in (("car", Car), ("customer", Customer), ("hold", Booking)):
            self.fields[name].queryset = model.objects.all()  # type: ignore[attr-defined]  # a scope is open only now
        self.fields["labour"].queryset = LabourOperation.objects.filter(is_active=True)  # type: ignore[attr-defined]

    def for_hold(self) -> dict[str, Any]:
        """Arguments of `operations.hold` but dealer, actor, now and replaces."""
        data = self.cleaned_data
        return {
            "car": data["car"], "customer": data["customer"], "starts_at": data["starts_at"],
            "labour_ids": [row.pk for row in data["labour"]], "priority": data["priority"],
            "first_service": data["first_service"], "advisor_id": data["advisor"], "note": data["note"],
            "waits": data["waits"],
        }  # fmt: skip

    def for_book(self) -> dict[str, Any]:
        """Arguments of `operations.book` but dealer, actor and now."""
        data = self.cleaned_data
        return {
            **self.for_hold(), "hold": data["hold"], "drop_off_name": data["drop_off_name"],
            "drop_off_phone": data["drop_off_phone"], "fault": data["fault"],
            "special_needs": data["special_needs"], "priority_reason": data["priority_reason"],
            "override_reason": data["override_reason"],
        }  # fmt: skip


class BandForm(RowForm):
    """A booking band; weekday empty means every day."""

    weekday = forms.TypedChoiceField(
        label=gettext_lazy("星期"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=WEEKDAYS,
    )

    class Meta:
        model = BookingBand
        fields = ("name", "weekday", "starts_at", "ends_at", "is_peak", "discount_percent")
        widgets = {  # noqa: RUF012  # Django's own form of Meta
            "starts_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "ends_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
