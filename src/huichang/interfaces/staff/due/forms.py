from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.models import DueStatus
from huichang.domains.reminders.queries import DueSearch

RANGES = {
    "due": gettext_lazy("到期日"),
    "sale": gettext_lazy("销售日期"),
    "warranty_start": gettext_lazy("保修开始"),
    "warranty_end": gettext_lazy("保修结束"),
}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )


class DueFilter(forms.Form):
    """What to search by (REM-06, CUS-01). Both ends of a range count; an empty one is open."""

    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(
        label=gettext_lazy("车牌、车架号后几位或姓名"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
    )
    status = forms.ChoiceField(label=gettext_lazy("状态"), required=False)
    due_from = _day(gettext_lazy("到期日 从"))
    due_to = _day(gettext_lazy("到期日 到"))
    sale_from = _day(gettext_lazy("销售日期 从"))
    sale_to = _day(gettext_lazy("销售日期 到"))
    warranty_start_from = _day(gettext_lazy("保修开始 从"))
    warranty_start_to = _day(gettext_lazy("保修开始 到"))
    warranty_end_from = _day(gettext_lazy("保修结束 从"))
    warranty_end_to = _day(gettext_lazy("保修结束 到"))
    series = forms.CharField(
        label=gettext_lazy("车系"),
        required=False,
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["status"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("还没有结束的")), (DueStatus.CLOSED, _("已结束的")), ("all", _("全部")),
        ]  # fmt: skip

    def clean_kind(self) -> str:
        kind = str(self.cleaned_data["kind"])
        return kind if kind in KINDS else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in RANGES:
            first, last = data.get(f"{name}_from"), data.get(f"{name}_to")
            if first and last and last < first:
                self.add_error(f"{name}_to", _("结束日期早于开始日期。"))
        return data

    def search(self) -> DueSearch:
        """The search of what is valid; a field in error does not narrow."""
        self.is_valid()
        data = self.cleaned_data
        text = str(data.get("q", "")).strip().upper()
        dates: dict[str, Any] = {
            f"{name}_{end}": data.get(f"{name}_{end}") for name in RANGES for end in ("from", "to")
        }
        status = str(data.get("status", ""))
        return DueSearch(
            kind=str(data.get("kind", "")), series=str(data.get("series", "")).strip(), text=text,
            status="" if status == "all" else status or str(DueStatus.OPEN), **dates,
        )  # fmt: skip

    @property
    def has_more(self) -> bool:
        """Whether a field that is usually folded away is in use."""
        names = [f"{name}_{end}" for name in RANGES if name != "due" for end in ("from", "to")]
        return any(self.data.get(name) for name in [*names, "series"])

    def ranges(self) -> list[dict[str, Any]]:
        """The folded ranges with both their fields."""
        return [
            {"label": label, "first": self[f"{name}_from"], "last": self[f"{name}_to"]}
            for name, label in RANGES.items()
            if name != "due"
        ]
