"""Forms of the parts clerk."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.parts.models import Bin, PackagePart, Part, Supplier, Warehouse

SMALLEST = Decimal("0.01")


def number(raw: str | None) -> Decimal | None:
    """What somebody typed into a field of a list; None for nothing or nonsense."""
    try:
        value = Decimal((raw or "").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**8 else None


def listed(text: str) -> list[tuple[Part, Decimal]]:
    """`编码 数量` on each line (the quantity may be left out: one). Refuses an unknown code and a number that is none."""
    lines = [line.split() for line in re.split(r"[\n;;]", text) if line.strip()]
    known = {part.code: part for part in Part.objects.filter(code__in=[words[0] for words in lines])}
    found = []
    for words in lines:
        quantity = number(words[1] if len(words) > 1 else "1")
        if words[0] not in known:
            raise forms.ValidationError(_("没有编码 {code}").format(code=words[0]))
        if quantity is None or quantity <= 0:
            raise forms.ValidationError(_("{code} 的数量不对").format(code=words[0]))
        found.append((known[words[0]], quantity))
    return found


class Quantity(forms.DecimalField):
    """A quantity above nothing, two decimals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("数量"))
        super().__init__(min_value=SMALLEST, max_digits=10, decimal_places=2, **kwargs)


class PartForm(forms.ModelForm):  # type: ignore[type-arg]  # a parameter the stubs have and Django has not
    contents = forms.CharField(
        label=gettext_lazy("套餐内容"), required=False, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("一行一个:编码 数量。只对套餐有效。"),
    )  # fmt: skip

    class Meta:
        model = Part
        fields = (
            "code", "name", "kind", "family", "specification", "unit", "price", "supplier", "lead_days", "location",
            "safety_stock", "keeps_old_part", "is_active",
        )  # fmt: skip
        help_texts = {  # noqa: RUF012  # Django's own form of Meta
            "family": gettext_lazy("同一种商品的几个规格写同一个名字,如“机油 0W-20”"),
            "specification": gettext_lazy("如“4L 装”“225/50R17”"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            inside = PackagePart.objects.filter(package=self.instance).select_related("part")
            lines = (f"{row.part.code} {row.quantity.normalize():f}" for row in inside.order_by("part__code"))
            self.initial["contents"] = "\n".join(lines)

    def clean_contents(self) -> list[tuple[Part, Decimal]]:
        return listed(self.cleaned_data["contents"])


class SupplierForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    class Meta:
        model = Supplier
        fields = ("name", "contact", "phone", "note", "is_active")


class WarehouseForm(forms.ModelForm):  # type: ignore[type-arg]  # as above
    class Meta:
        model = Warehouse
        fields = ("code", "name", "kind", "is_active")


class PlaceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # a parameter the stubs have and Django has not
    """A place, named with its warehouse."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.warehouse.name} · {obj.code}"


def places() -> QuerySet[Bin]:
    rows = Bin.objects.filter(is_active=True, warehouse__is_active=True).exclude(warehouse__kind="shelf")
    return rows.select_related("warehouse").order_by("warehouse__code", "code")


class TransferForm(forms.Form):
    """From one place to another."""

    source = PlaceChoice(label=gettext_lazy("从"), queryset=None, empty_label=None)
    target = PlaceChoice(label=gettext_lazy("到"), queryset=None)
    quantity = Quantity()
    reason = forms.CharField(label=gettext_lazy("说明"), max_length=100, required=False)

    def __init__(self, data: Any, *, part: Part) -> None:
        super().__init__(data, auto_id="transfer_%s")
        holding = part.balances.filter(on_hand__gt=0).values("bin_id")
        self.fields["source"].queryset = places().filter(pk__in=holding)  # type: ignore[attr-defined]  # a choice of rows
        self.fields["target"].queryset = places()  # type: ignore[attr-defined]  # as above


class ScrapForm(forms.Form):
    """Pieces that are broken or lost."""

    place = PlaceChoice(label=gettext_lazy("库位"), queryset=None, empty_label=None)
    quantity = Quantity()
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=100)

    def __init__(self, data: Any, *, part: Part) -> None:
        super().__init__(data, auto_id="scrap_%s")
        holding = part.balances.filter(on_hand__gt=0).values("bin_id")
        self.fields["place"].queryset = places().filter(pk__in=holding)  # type: ignore[attr-defined]  # as above


class OpenForm(forms.Form):
    """What a new part has when its books begin."""

    place = PlaceChoice(label=gettext_lazy("库位"), queryset=None, empty_label=None)
    quantity = Quantity()

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="open_%s")
        self.fields["place"].queryset = places().filter(is_pickable=True)  # type: ignore[attr-defined]  # as above


class IssueForm(forms.Form):
    """Parts handed out to a technician, with or without a booking."""

    reference = forms.CharField(label=gettext_lazy("预约号或工单号"), max_length=20)
    plate = forms.CharField(label=gettext_lazy("车牌"), max_length=12, required=False)
    technician = forms.CharField(label=gettext_lazy("技师"), max_length=40)
    lines = forms.CharField(
        label=gettext_lazy("配件"), required=False, widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("一行一个:编码 数量。预约里备好的配件会一起出库,不用再写。"),
    )  # fmt: skip
    overdraw = forms.BooleanField(
        label=gettext_lazy("账面不够也出库"), required=False,
        help_text=gettext_lazy("实物在手而账上没有时用;会留下负库存,请尽快盘点。"),
    )  # fmt: skip

    def clean_lines(self) -> list[tuple[int, Decimal]]:
        return [(part.pk, quantity) for part, quantity in listed(self.cleaned_data["lines"])]


class StocktakeForm(forms.Form):
    """What to count."""

    warehouse: forms.ModelChoiceField[Warehouse] = forms.ModelChoiceField(
        label=gettext_lazy("仓库"), queryset=None, empty_label=None
    )
    bins = forms.CharField(
        label=gettext_lazy("库位开头"), max_length=20, required=False, help_text=gettext_lazy("空着就盘全部")
    )
    parts = forms.CharField(label=gettext_lazy("编码开头"), max_length=40, required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        rows = Warehouse.objects.filter(is_active=True).exclude(kind="shelf").order_by("code")
        self.fields["warehouse"].queryset = rows  # type: ignore[attr-defined]  # as above
