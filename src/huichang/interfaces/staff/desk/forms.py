from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.contacts.models import Channel, NextStep, OutcomeCode
from huichang.domains.customers.models import Gender, Usage
from huichang.domains.reminders.desk import Reason
from huichang.domains.reminders.operations.desk import Answer, Talk
from huichang.ui import formats

CLOCK = forms.TimeInput({"type": "time", "step": "900"}, format="%H:%M")
PURPOSES = (
    ("", gettext_lazy("所选事由")), ("all", gettext_lazy("全部事由")), ("service", gettext_lazy("保养")),
    ("warranty", gettext_lazy("保修")), ("insurance", gettext_lazy("保险")), ("inspection", gettext_lazy("年检")),
    ("repair", gettext_lazy("建议维修")), ("winback", gettext_lazy("久未进厂关怀")), ("birthday", gettext_lazy("生日祝福")),
)  # fmt: skip


class CallForm(forms.Form):
    """The outcome of a call: one for all reasons, or one for each (`reason_<id>`)."""

    outcome = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    number = forms.CharField(label=gettext_lazy("拨打的号码"), required=False, max_length=20)
    started_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("通话记录"), required=False, max_length=500,
        widget=forms.Textarea({"rows": 2, "placeholder": gettext_lazy("客户说了什么、答应了什么")}),
    )  # fmt: skip
    demand = forms.CharField(
        label=gettext_lazy("客户提到的新需求,报告主管"), required=False, max_length=200,
        widget=forms.TextInput({"placeholder": gettext_lazy("例如:想换车、加装、同事也要保养")}),
    )  # fmt: skip
    rating = forms.TypedChoiceField(
        label=gettext_lazy("对上次服务的满意度"), required=False, coerce=int, empty_value=None,
        choices=[("", "—"), *((score, str(score)) for score in range(10, 0, -1))],
    )  # fmt: skip
    call_later_at = forms.DateTimeField(
        label=gettext_lazy("约定的时间"), required=False, input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput({"type": "datetime-local", "step": "300"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip
    keep_for_me = forms.BooleanField(label=gettext_lazy("到时由我来打"), required=False)
    opt_out_purpose = forms.ChoiceField(
        label=gettext_lazy("不再为什么联系"), required=False, choices=PURPOSES
    )
    opt_out_channel = forms.ChoiceField(
        label=gettext_lazy("不再用什么方式"), required=False, choices=Channel.choices, initial=Channel.ALL
    )
    opt_out_reason = forms.CharField(label=gettext_lazy("客户的原话或原因"), required=False, max_length=200)
    override_reason = forms.CharField(label=gettext_lazy("仍要致电的原因"), required=False, max_length=200)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, reasons: Sequence[Reason], codes: Sequence[OutcomeCode],
        phones: Sequence[str], needs_override: bool,
    ) -> None:  # fmt: skip
        super().__init__(data, prefix="call", auto_id="%s")
        self.reasons = reasons
        self.codes = {code.code: code for code in codes}
        self.needs_override = needs_override
        choices = [(code.code, _name(code)) for code in codes if code.next_step != NextStep.BOOK]
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        outcome.choices = choices
        for reason in reasons:
            every = [("", "—"), *((code.code, _name(code)) for code in codes)]
            self.fields[f"reason_{reason.due.pk}"] = forms.ChoiceField(
                label=reason.label, choices=every, required=False
            )
        self.initial["number"] = phones[0] if phones else ""

    def buttons(self) -> list[tuple[OutcomeCode, str, bool]]:
        """(code, label, chosen) of each outcome button."""
        chosen = self["outcome"].value()
        return [
            (code, _name(code), code.code == chosen)
            for code in self.codes.values()
            if code.next_step != NextStep.BOOK
        ]

    def per_reason(self) -> list[tuple[Reason, forms.BoundField]]:
        """Each reason with the field for its own outcome."""
        return [(reason, self[f"reason_{reason.due.pk}"]) for reason in self.reasons]

    def outcome_code(self) -> OutcomeCode | None:
        """The outcome chosen for all reasons, if any."""
        return self.codes.get(self.cleaned_data.get("outcome", ""))

    def answers(self, *, explicit_only: bool = False) -> list[Answer]:
        """The outcome of each reason: its own, else the common one."""
        common = None if explicit_only else self.outcome_code()
        given = []
        for reason in self.reasons:
            code = self.codes.get(self.cleaned_data.get(f"reason_{reason.due.pk}", "")) or common
            if code:
                given.append(Answer(reason.due, code))
        return given

    def talk(self, *, direction: str, now: Any) -> Talk:
        """What was said besides the outcomes."""
        data = self.cleaned_data
        started = data.get("started_at")
        return Talk(
            number=data["number"], started_at=started if started and started <= now else now, direction=direction,
            note=data["note"], rating=data["rating"], call_later_at=data["call_later_at"],
            keep_for_me=data["keep_for_me"], opt_out_purpose=data["opt_out_purpose"],
            opt_out_channel=data["opt_out_channel"] or Channel.ALL, opt_out_reason=data["opt_out_reason"],
            override_reason=data["override_reason"], demand=data["demand"],
        )  # fmt: skip


def _name(code: OutcomeCode) -> str:
    return code.label if formats.chinese() else code.label_en or code.label


class OwnerForm(forms.Form):
    """The person spoken to, as corrected on the phone."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=80)
    gender = forms.ChoiceField(label=gettext_lazy("称呼"), choices=Gender.choices, required=False)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    preferred_time = forms.CharField(label=gettext_lazy("方便接听的时间"), max_length=60, required=False)
    workplace = forms.CharField(label=gettext_lazy("工作单位"), max_length=80, required=False)
    next_service = forms.CharField(label=gettext_lazy("下一次服务"), max_length=200, required=False)
    new_phone = forms.CharField(label=gettext_lazy("新增电话"), max_length=20, required=False)
    avoid_from = forms.TimeField(label=gettext_lazy("请勿致电:从"), required=False, widget=CLOCK)
    avoid_until = forms.TimeField(label=gettext_lazy("到"), required=False, widget=CLOCK)
    channel = forms.ChoiceField(label=gettext_lazy("首选方式"), choices=Channel.choices[1:], required=False)
    habit = forms.CharField(label=gettext_lazy("联系习惯"), max_length=120, required=False)
    remark = forms.CharField(label=gettext_lazy("备注"), max_length=400, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CarForm(forms.Form):
    """The car, as corrected on the phone."""

    plate = forms.CharField(label=gettext_lazy("车牌号"), max_length=12, required=False)
    usage = forms.ChoiceField(label=gettext_lazy("用途"), choices=Usage.choices, required=False)
    place_of_use = forms.CharField(label=gettext_lazy("使用地点"), max_length=60, required=False)
    insurer = forms.CharField(label=gettext_lazy("保险公司"), max_length=40, required=False)
    compulsory_insurance_end_date = forms.DateField(
        label=gettext_lazy("交强险失效日"), required=False, widget=DayInput
    )
    commercial_insurance_end_date = forms.DateField(
        label=gettext_lazy("商业险失效日"), required=False, widget=DayInput
    )
    inspection_due_date = forms.DateField(label=gettext_lazy("年检到期日"), required=False, widget=DayInput)
    remark = forms.CharField(label=gettext_lazy("使用情况和备注"), max_length=400, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)


class ReadingForm(forms.Form):
    km = forms.IntegerField(
        label=gettext_lazy("最新里程"), min_value=1,
        widget=forms.NumberInput({"inputmode": "numeric", "placeholder": gettext_lazy("公里")}),
    )  # fmt: skip
    answer = forms.ChoiceField(
        required=False, choices=(("", ""), ("confirmed", ""), ("suspect", "")), widget=forms.HiddenInput
    )


class LiftForm(forms.Form):
    how = forms.CharField(label=gettext_lazy("客户何时、怎样要求恢复联系"), max_length=200)


class AssignForm(forms.Form):
    """Give the ticked tasks to somebody; empty means: to everybody."""

    to = forms.TypedChoiceField(label=gettext_lazy("分派给"), required=False, coerce=int, empty_value=None)

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = [("", _("放回公共队列")), *people]
