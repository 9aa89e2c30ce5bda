"""Forms of bays, people, labour, schedules and absences."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.appointments.models import Equipment
from huichang.domains.catalog.models import Bay, LabourOperation, ServiceSchedule, StaffMember
from huichang.domains.dealers.queries import people_of
from huichang.interfaces.forms import RowForm

_CLOCK = {"type": "time"}


class SkillsField(forms.CharField):
    """Skills as people write them: separated by commas, semicolons, 、 or spaces."""

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        found = [part for part in re.split(r"[,,;;、\s]+", str(super().clean(value))) if part]
        if any(len(part) > 20 for part in found):
            raise forms.ValidationError(_("一个资质最多 20 个字"))
        return list(dict.fromkeys(found))


class BayForm(RowForm):
    also_skills = SkillsField(
        label=gettext_lazy("也可以做"), required=False, help_text=gettext_lazy("用、隔开")
    )

    class Meta:
        model = Bay
        fields = ("name", "skill", "also_skills", "opens_at", "closes_at", "is_active")
        widgets = {  # noqa: RUF012  # Django's own form of Meta
            "opens_at": forms.TimeInput(attrs=_CLOCK, format="%H:%M"),
            "closes_at": forms.TimeInput(attrs=_CLOCK, format="%H:%M"),
        }


class PersonForm(RowForm):
    skills = SkillsField(
        label=gettext_lazy("资质"), required=False, help_text=gettext_lazy("用、隔开,如:机修、变速箱")
    )

    class Meta:
        model = StaffMember
        fields = ("name", "duty", "post_title", "team", "skills", "user", "is_active")
        labels = {"user": gettext_lazy("登录账号")}  # noqa: RUF012  # Django's own form of Meta
        help_texts = {  # noqa: RUF012  # as above
            "user": gettext_lazy("选了账号,本人登录后先看到自己的客户和任务。")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = self.fields["user"]
        assert isinstance(people, forms.ModelChoiceField)
        people.queryset = people_of(self.instance.dealer)
        people.empty_label = _("不登录系统")


class LabourForm(RowForm):
    class Meta:
        model = LabourOperation
        fields = ("code", "name", "standard_hours", "skill", "hourly_rate", "is_active")


class ScheduleForm(RowForm):
    class Meta:
        model = ServiceSchedule
        fields = (
            "series", "first_months", "first_km", "interval_months", "interval_km", "warranty_months", "warranty_km",
        )  # fmt: skip
        help_texts = {"series": gettext_lazy("留空表示本店其他车系都用它")}  # noqa: RUF012  # as above


class AbsenceForm(forms.Form):
    """`who` is `staff:ID`, `bay:ID` or `equipment:ID`. Make it inside the person's scope."""

    who = forms.ChoiceField(label=gettext_lazy("人员、工位或设备"))
    starts_at = forms.DateTimeField(
        label=gettext_lazy("开始"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    ends_at = forms.DateTimeField(
        label=gettext_lazy("结束"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=100, required=False)

    def __init__(
        self,
        *args: Any,
        people: QuerySet[StaffMember],
        bays: QuerySet[Bay],
        equipment: QuerySet[Equipment],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["who"]
        field.choices = [
            (
                _("人员"),
                [(f"staff:{person.pk}", f"{person.name} · {person.get_duty_display()}") for person in people],
            ),
            (_("工位"), [(f"bay:{bay.pk}", bay.name) for bay in bays]),
            (_("设备"), [(f"equipment:{piece.pk}", piece.name) for piece in equipment]),
        ]

    def for_absence(self) -> dict[str, Any]:
        """Who or what, from when to when and why, as `absences.put_away` takes it."""
        kind, pk = self.cleaned_data["who"].split(":")
        start: datetime = self.cleaned_data["starts_at"]
        return {
            "kind": kind, "pk": int(pk), "starts_at": start, "ends_at": self.cleaned_data["ends_at"],
            "reason": self.cleaned_data["reason"],
        }  # fmt: skip
