from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.interfaces.staff.settings import catalogue
from huichang.kernel.policies import Policy, PolicyRefused


class PolicyForm(forms.Form):
    """A new value of one policy, from a day on. The value stays text: the policy itself parses it."""

    value = forms.CharField(label=gettext_lazy("新的值"), required=False, max_length=200)
    effective_date = forms.DateField(
        label=gettext_lazy("生效日期"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=200,
        help_text=gettext_lazy("写给以后查看的人:为什么改。"),
    )

    def __init__(self, data: Any = None, *, policy: Policy[Any], today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.policy, self.today = policy, today
        self.fields["value"] = _value_field(policy)
        self.fields["effective_date"].widget.attrs["min"] = today.isoformat()

    def clean_value(self) -> str:
        raw = str(self.cleaned_data["value"])
        try:
            return self.policy.format(self.policy.parse(raw))
        except PolicyRefused as error:
            raise forms.ValidationError(str(error)) from error

    def clean_effective_date(self) -> date:
        chosen: date = self.cleaned_data["effective_date"]
        if chosen < self.today:
            raise forms.ValidationError(_("生效日期不能早于今天:过去的名单已经按原来的值生成。"))
        return chosen


def _value_field(policy: Policy[Any]) -> forms.Field:
    """The field that fits the policy's type. Never `required`: the policy's own text is better."""
    label, help_text = gettext_lazy("新的值"), catalogue.bounds(policy)
    if isinstance(policy.default, bool):
        return forms.ChoiceField(label=label, choices=[("1", _("是")), ("0", _("否"))], help_text=help_text)
    if policy.choices:
        choices = [(code, catalogue.choice(code)) for code in policy.choices]
        return forms.ChoiceField(label=label, choices=choices, help_text=help_text)
    widget = forms.TextInput({"autocomplete": "off"})
    if isinstance(policy.default, time):
        widget = forms.TimeInput({"type": "time"})
    elif not isinstance(policy.default, str):
        widget.attrs["inputmode"] = "decimal"
    return forms.CharField(label=label, required=False, max_length=200, widget=widget, help_text=help_text)
