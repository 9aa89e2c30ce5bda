"""An insurance renewed at the store, written down beside the call (INS-04)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy

from huichang.domains.customers.models import Car
from huichang.domains.reminders import kinds
from huichang.domains.reminders.operations.renewals import record_renewal
from huichang.domains.reminders.renewals import COLUMNS
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.desk.forms import DayInput
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import add_months, local_date


class RenewalForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("险种"))
    insurer = forms.CharField(label=gettext_lazy("保险公司"), max_length=40)
    premium = forms.DecimalField(
        label=gettext_lazy("保费"), max_digits=10, decimal_places=2,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "0.01"}),
    )  # fmt: skip
    end_date = forms.DateField(
        label=gettext_lazy("新的失效日"), widget=DayInput, help_text=gettext_lazy("脱保的第一天")
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="renewal_%s", **kwargs)
        kind = self.fields["kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [(code, kinds.KINDS[code].short) for code in COLUMNS]


def renewal(request: StaffRequest, car: int) -> HttpResponse:
    """The form of a renewal; POST keeps it and shows the car with its new date."""
    row = get_object_or_404(Car.objects.select_related("vehicle"), pk=car)
    form = RenewalForm(request.POST or None, initial=_initial(request, row))
    if request.method == "POST" and form.is_valid():
        try:
            kept = record_renewal(car=row, actor=request.actor, now=request.now, **form.cleaned_data)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            row.refresh_from_db()
            return render(request, "staff/desk/_car.html", {"car": row, "renewal": kept})
    status = 422 if form.errors else 200
    return render(request, "staff/desk/_renewal.html", {"car": row, "form": form}, status=status)


def _initial(request: StaffRequest, row: Car) -> dict[str, Any]:
    """The kind that ends first, for a year more."""
    ends = {kind: getattr(row, column) for kind, column in COLUMNS.items()}
    known = {kind: day for kind, day in ends.items() if day is not None}
    kind = min(known, key=lambda code: known[code], default=next(iter(COLUMNS)))
    today = local_date(request.now)
    begins = max(known.get(kind, today), today + timedelta(days=1))
    return {"kind": kind, "insurer": row.insurer, "end_date": add_months(begins, 12)}
