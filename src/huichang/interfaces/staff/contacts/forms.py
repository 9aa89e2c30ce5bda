from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.contacts.models import Direction, NextStep, OutcomeCode
from huichang.domains.contacts.scripts import ANY, CLOSING, GREETING
from huichang.domains.reminders import kinds
from huichang.interfaces.staff.desk.forms import DayInput
from huichang.ui import formats


def _choices(form: forms.Form, name: str, choices: Sequence[tuple[Any, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class RegisterForm(forms.Form):
    """Filters of the call register."""

    q = forms.CharField(
        label=gettext_lazy("号码、车牌、姓名"), required=False, widget=forms.TextInput({"type": "search"})
    )
    first = forms.DateField(label=gettext_lazy("从"), required=False, widget=DayInput)
    last = forms.DateField(label=gettext_lazy("到"), required=False, widget=DayInput)
    direction = forms.ChoiceField(label=gettext_lazy("方向"), required=False)
    agent = forms.TypedChoiceField(label=gettext_lazy("经办人"), required=False, coerce=int, empty_value=None)
    outcome = forms.ChoiceField(label=gettext_lazy("结果"), required=False)

    def __init__(self, data: Any, *, people: Sequence[tuple[int, str]], codes: Sequence[OutcomeCode]) -> None:
        super().__init__(data)
        everything = ("", _("全部"))
        _choices(
            self, "direction", [everything, *((value, str(label)) for value, label in Direction.choices)]
        )
        _choices(self, "agent", [everything, *people])
        _choices(self, "outcome", [everything, *((code.code, label_of(code)) for code in codes)])


def label_of(code: OutcomeCode) -> str:
    """The code's name in the reader's language."""
    return code.label if formats.chinese() else code.label_en or code.label


class CallerForm(forms.Form):
    """A caller who is not in the file."""

    number = forms.CharField(label=gettext_lazy("来电号码"), max_length=20)
    name = forms.CharField(label=gettext_lazy("称呼"), max_length=40, required=False)
    note = forms.CharField(label=gettext_lazy("需要什么"), max_length=400, widget=forms.Textarea({"rows": 3}))


class CodeForm(forms.Form):
    """An outcome code of the store."""

    code = forms.CharField(label=gettext_lazy("代码"), max_length=30)
    label = forms.CharField(label=gettext_lazy("中文名称"), max_length=40)
    label_en = forms.CharField(label=gettext_lazy("英文名称"), max_length=60)
    key = forms.RegexField(r"^[a-z]$", label=gettext_lazy("快捷键"), required=False, strip=True)
    next_step = forms.ChoiceField(label=gettext_lazy("下一步"), choices=NextStep.choices)
    retry_working_days = forms.IntegerField(
        label=gettext_lazy("几个工作日后再出现"), required=False, min_value=1, max_value=120
    )
    position = forms.IntegerField(label=gettext_lazy("顺序"), min_value=0, max_value=999)
    is_contact = forms.BooleanField(label=gettext_lazy("算作联系到"), required=False)
    is_refusal = forms.BooleanField(label=gettext_lazy("算作拒绝"), required=False)
    closes = forms.BooleanField(label=gettext_lazy("结束本事由"), required=False)
    is_active = forms.BooleanField(label=gettext_lazy("在用"), required=False)


def script_kinds() -> list[tuple[str, str]]:
    """Every kind a script can be of, in the order of a talk; the common one after the reasons."""
    reasons = [(kind.code, kind.label) for kind in kinds.KINDS.values() if kind.calls]
    return [(GREETING, _("开场")), *reasons, (ANY, _("其他(通用)")), (CLOSING, _("结束语"))]


class ScriptForm(forms.Form):
    text = forms.CharField(label=gettext_lazy("话术"), widget=forms.Textarea({"rows": 8}), max_length=2000)
