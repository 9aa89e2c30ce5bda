from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from huichang.domains.contacts.models import Channel
from huichang.domains.customers.models import (
    Car,
    CarStatus,
    Customer,
    CustomerKind,
    CustomerPhone,
    Gender,
    Usage,
)
from huichang.domains.customers.operations import Phone
from huichang.domains.owners.wishes import NAMES as OWNER_NAMES
from huichang.domains.reminders import kinds
from huichang.domains.vehicles.models import Vehicle

PHONES = 3


def day_field(label: Any, **kwargs: Any) -> forms.DateField:
    """A date with the browser's own calendar."""
    widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=kwargs.pop("required", False), widget=widget, **kwargs)


def text_field(label: Any, length: int, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=kwargs.pop("required", False), **kwargs)


class CarFilter(forms.Form):
    """What narrows the list of cars."""

    q = forms.CharField(
        label=_("查找"), required=False, max_length=60,
        widget=forms.TextInput({"type": "search", "placeholder": _("车牌尾号、手机、车架号、姓名、拼音")}),
    )  # fmt: skip
    status = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("在册")), *CarStatus.choices[1:]]
    )
    usage = forms.ChoiceField(label=_("用途"), required=False, choices=[("", _("全部")), *Usage.choices[1:]])
    series = forms.CharField(label=_("车系"), required=False, max_length=40)


class CustomerForm(forms.Form):
    """A person or company with up to `PHONES` numbers (more when there are more); the first is dialled first."""

    kind = forms.ChoiceField(label=_("客户类型"), choices=CustomerKind.choices, initial=CustomerKind.PERSON)
    name = forms.CharField(label=_("客户名称"), max_length=80)
    gender = forms.ChoiceField(label=_("称呼"), choices=Gender.choices, required=False)
    birthday = day_field(_("生日"))
    id_number = text_field(
        _("证件号码"), 30, widget=forms.TextInput({"autocomplete": "off", "data-draft-skip": "yes"})
    )
    preferred_time = text_field(_("方便接听的时间"), 60)
    address = text_field(_("地址"), 200)
    workplace = text_field(_("工作单位"), 80)
    email = forms.EmailField(label=_("邮箱"), required=False)
    has_wechat = forms.BooleanField(label=_("微信绑定"), required=False)
    next_service = text_field(
        _("下一次服务"), 120, help_text=_("下次请客户来做什么:保养、活动、优惠、免费检测……")
    )
    remark = text_field(_("备注"), 400, widget=forms.Textarea({"rows": 2}))
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, phones: int = PHONES, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(max(phones, PHONES)):
            label = _("首选电话") if number == 0 else _("其他电话")
            self.fields[f"phone_{number}"] = text_field(label, 30, widget=forms.TextInput({"type": "tel"}))
        order = ["kind", "name", "gender", *self.phone_names]
        self.order_fields([*order, *(name for name in self.fields if name not in order)])

    @property
    def phone_names(self) -> list[str]:
        return [name for name in self.fields if name.startswith("phone_")]

    def facts(self) -> Mapping[str, Any]:
        """Columns of the customer."""
        return {k: v for k, v in self.cleaned_data.items() if not k.startswith("phone_") and k not in _APART}

    def phones(self) -> list[Phone]:
        given = [self.cleaned_data[name] for name in self.phone_names if self.cleaned_data[name].strip()]
        return [Phone(number, is_primary=index == 0) for index, number in enumerate(given)]


_APART = {"id_number", "seen"}


def customer_initial(customer: Customer, phones: list[CustomerPhone], seen: int) -> dict[str, Any]:
    """What the form shows of a customer; the identity number is never sent back to the browser."""
    names = (
        "kind",
        "name",
        "gender",
        "birthday",
        "preferred_time",
        "address",
        "workplace",
        "email",
        "has_wechat",
        "next_service",
        "remark",
    )
    shown: dict[str, Any] = {name: getattr(customer, name) for name in names}
    return shown | {"seen": seen} | {f"phone_{index}": one.number for index, one in enumerate(phones)}


class CarForm(forms.Form):
    """A car's file and the facts of the vehicle behind it."""

    OF_VEHICLE = (
        "make", "series", "model_name", "color", "engine_number", "sale_date", "registration_date",
        "warranty_start_date", "warranty_end_date", "warranty_km",
    )  # fmt: skip
    OF_FILE = (
        "plate", "usage", "place_of_use", "insurer", "compulsory_insurance_end_date", "commercial_insurance_end_date",
        "inspection_due_date", "sales_advisor_name", "remark",
    )  # fmt: skip

    plate = text_field(_("车牌号"), 16)
    make = text_field(_("品牌"), 40)
    series = text_field(_("车系"), 40)
    model_name = text_field(_("车型"), 80)
    color = text_field(_("颜色"), 20)
    usage = forms.ChoiceField(label=_("用途"), required=False, choices=Usage.choices)
    place_of_use = text_field(_("使用地点"), 60, help_text=_("常在哪里开,如:市区、高速、工地"))
    sale_date = day_field(_("开票日期"))
    registration_date = day_field(_("上牌日期"))
    warranty_start_date = day_field(_("保修开始日期"))
    warranty_end_date = day_field(_("保修结束日期"), help_text=_("从这一天起不再保修"))
    warranty_km = forms.IntegerField(label=_("保修里程"), required=False, min_value=0, max_value=2_000_000)
    inspection_due_date = day_field(_("年检到期日"))
    compulsory_insurance_end_date = day_field(_("交强险到期日"))
    commercial_insurance_end_date = day_field(_("商业险到期日"))
    insurer = text_field(_("保险公司"), 40)
    engine_number = text_field(_("发动机号"), 30)
    sales_advisor_name = text_field(_("销售顾问"), 40)
    remark = text_field(_("备注"), 400, widget=forms.Textarea({"rows": 2}))
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def of_vehicle(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.OF_VEHICLE}

    def of_file(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.OF_FILE}


class NewCarForm(CarForm):
    """A car that is not in the file yet."""

    vin = forms.CharField(
        label=_("车架号"),
        max_length=30,
        widget=forms.TextInput({"autocapitalize": "characters", "spellcheck": "false"}),
    )
    trust_vin = forms.BooleanField(label=_("我对照实车核对过,校验位不符也保存"), required=False)
    field_order: tuple[str, ...] = ("vin", "trust_vin", "plate")


def car_initial(car: Car, vehicle: Vehicle, seen: int) -> dict[str, Any]:
    shown = {name: getattr(car, name) for name in CarForm.OF_FILE}
    return shown | {name: getattr(vehicle, name) for name in CarForm.OF_VEHICLE} | {"seen": seen}


class OwnerForm(forms.Form):
    """The new owner of a car: somebody in the file, or a new name and mobile."""

    customer = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = text_field(_("新车主姓名"), 80)
    mobile = text_field(_("手机"), 30, widget=forms.TextInput({"type": "tel"}))
    since = day_field(_("从哪天起"), required=True)


class RefusalForm(forms.Form):
    """A customer's wish not to be contacted."""

    purpose = forms.ChoiceField(label=_("关于什么"))
    channel = forms.ChoiceField(label=_("用什么方式"), choices=Channel.choices)
    reason = forms.CharField(label=_("客户的原话或原因"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = purposes()


def purposes() -> list[tuple[str, Any]]:
    """What a customer may refuse to hear of: everything, or one purpose with the kinds it stands for."""
    named: dict[str, list[str]] = {}
    for kind in kinds.KINDS.values():
        named.setdefault(kind.purpose, []).append(kind.label)
    for group, name in OWNER_NAMES.items():  # what owners switch off on the phone, and no reminder is about
        named.setdefault(group, [str(_(name))])
    return [("all", _("一切联系")), *((purpose, " / ".join(labels)) for purpose, labels in named.items())]
