from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.customers import identifiers
from huichang.domains.owners.fields import clean_mobile, clean_vin_tail
from huichang.domains.owners.models import RequestKind
from huichang.kernel.operations import OperationRefused

TEL = {"inputmode": "numeric", "autocomplete": "tel-national", "placeholder": "138 0000 0000"}


def _cleaned(clean: Any, text: str) -> str:
    try:
        return str(clean(text))
    except OperationRefused as refusal:
        raise forms.ValidationError(str(refusal)) from refusal


class MobileForm(forms.Form):
    mobile = forms.CharField(
        label=gettext_lazy("手机号"), max_length=20, widget=forms.TextInput({**TEL, "type": "tel"})
    )

    def clean_mobile(self) -> str:
        return _cleaned(clean_mobile, self.cleaned_data["mobile"])


class CarForm(forms.Form):
    vin = forms.CharField(
        label=gettext_lazy("车架号(VIN)后 8 位"), max_length=20,
        help_text=gettext_lazy("在行驶证上,也在前挡风玻璃左下角"),
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    id_number = forms.CharField(
        label=gettext_lazy("车主证件号码"), max_length=24,
        help_text=gettext_lazy("只用来和门店档案核对,不会保存"),
        widget=forms.TextInput({"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip

    def clean_vin(self) -> str:
        return _cleaned(clean_vin_tail, self.cleaned_data["vin"])

    def clean_id_number(self) -> str:
        """A slip of the finger is said at once; whether anybody has the number is not."""
        text = self.cleaned_data["id_number"]
        _value, wrong = identifiers.resident_id(text)
        if wrong and identifiers.company_code(text)[1]:
            raise forms.ValidationError(_("证件号码不对,请照身份证再核对一遍"))
        return str(text)


class RegisterForm(CarForm, MobileForm):
    agrees = forms.BooleanField(label=gettext_lazy("我已阅读并同意《个人信息说明》"))
    field_order = ("vin", "id_number", "mobile", "agrees")


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("短信验证码"), max_length=10,
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*", "class": "code", "maxlength": "8"}
        ),
    )  # fmt: skip

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())


class DriverForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("怎么称呼"), max_length=20)


class QuietForm(forms.Form):
    """A daily time not to be called; both or neither."""

    avoid_from = forms.TimeField(
        label=gettext_lazy("从"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    avoid_until = forms.TimeField(
        label=gettext_lazy("到"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )


class PrivacyForm(forms.Form):
    """What is asked about one's own data."""

    kind = forms.ChoiceField(label=gettext_lazy("要办什么"), choices=RequestKind.choices[::-1])
    text = forms.CharField(
        label=gettext_lazy("说明"), max_length=400, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("更正时请写明哪里不对、应当是什么"),
    )  # fmt: skip
