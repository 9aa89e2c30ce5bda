"""Complaints of the store: what waits for an answer, closing it with what was done."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.complaints.models import Complaint, ComplaintStatus
from huichang.domains.complaints.operations import close_complaint
from huichang.domains.complaints.permissions import P
from huichang.domains.complaints.queries import Place, complaints, number_open
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.models import StatusChange
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

PAGE = 50


class CloseForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("怎样处理的,客户是否满意"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def listing(request: StaffRequest) -> HttpResponse:
    """Open complaints, who waits longest first; or closed ones with what was done."""
    status = request.GET.get("status", "")
    status = status if status in ComplaintStatus.values else ComplaintStatus.OPEN
    found = complaints(status=status, after=Place.parse(request.GET.get("after", "")), size=PAGE)
    rows, last = found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None
    today, answers = local_date(request.now), _answers(rows)
    context = {
        "status": status, "waiting": number_open(), "may_close": request.actor.can(P.CLOSE),
        "rows": [(row, (today - row.complained_date).days, answers.get(row.pk, "")) for row in rows],
        "next": str(Place(last.complained_date, last.pk)) if last else "",
    }  # fmt: skip
    return render(request, "staff/complaints/list.html", context)


def _answers(rows: list[Complaint]) -> dict[int, str]:
    """What was done about closed complaints, from the moves that closed them; one query."""
    moves = StatusChange.objects.filter(
        table_name="complaints_complaint", row_id__in=[row.pk for row in rows], after=ComplaintStatus.CLOSED
    )
    return {move.row_id: move.reason for move in moves.order_by("pk")}


def close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close one complaint; from then on the customer gets ordinary scripts and messages again."""
    complaint = get_object_or_404(Complaint.objects.select_related("customer", "car__vehicle"), pk=pk)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            close_complaint(
                complaint=complaint, reason=form.cleaned_data["reason"], actor=request.actor, now=request.now
            )
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("投诉 {number} 已关闭。").format(number=complaint.number))
            return redirect("staff:complaints")
    context = {"complaint": complaint, "form": form}
    return render(request, "staff/complaints/close.html", context, status=422 if form.errors else 200)


def sample() -> dict[str, Any]:
    """A complaint for the pictures and the permission matrix to open."""
    return {"pk": Complaint.objects.order_by("status", "pk").values_list("pk", flat=True).last() or 0}
