"""What customers ask about their own data: listed with the day an answer is due, recorded, answered (PIPL art. 50)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.customers.models import Customer
from huichang.domains.dealers.queries import policy
from huichang.domains.owners import operations, policies
from huichang.domains.owners.models import PrivacyRequest, RequestKind, RequestStatus
from huichang.domains.workshop.models import ServiceOrder
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

SHOWN = 100


class AskForm(forms.Form):
    """A request somebody made at the desk, by telephone or in writing."""

    kind = forms.ChoiceField(label=gettext_lazy("请求"), choices=RequestKind.choices[::-1])
    text = forms.CharField(
        label=gettext_lazy("说明"), max_length=400, required=False, widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("客户怎样提出的;更正时写明哪里不对、应当是什么"),
    )  # fmt: skip


class AnswerForm(forms.Form):
    """The answer; the customer reads it."""

    answer = forms.CharField(
        label=gettext_lazy("给客户的答复"), max_length=400, widget=forms.Textarea({"rows": 3})
    )


def open_count(request: StaffRequest) -> int:
    """How many wait for an answer: beside the page's name in the rail."""
    return PrivacyRequest.objects.filter(status=RequestStatus.OPEN).count()


def listing(request: StaffRequest) -> HttpResponse:
    """What waits, the most urgent first; what was answered below."""
    rows = PrivacyRequest.objects.select_related("customer", "answered_by")
    context = {
        "waiting": list(rows.filter(status=RequestStatus.OPEN).order_by("due_date", "pk")[:SHOWN]),
        "gone": list(rows.exclude(status=RequestStatus.OPEN).order_by("-answered_at", "-pk")[:SHOWN]),
        "today": local_date(request.now),
    }  # fmt: skip
    return render(request, "staff/owners/requests.html", context)


def one(request: StaffRequest, pk: int) -> HttpResponse:
    """One request, what granting it does, and the answer."""
    found = get_object_or_404(
        PrivacyRequest.objects.select_related("customer", "dealer", "answered_by"), pk=pk
    )
    form = AnswerForm(request.POST or None)
    last = _last_visit(found.customer_id)
    if request.method == "POST" and form.is_valid():
        try:
            operations.answer_privacy(
                request=found, is_done="done" in request.POST, answer=form.cleaned_data["answer"],
                last_visit=local_date(last) if last else None, actor=request.actor, now=request.now,
            )  # fmt: skip
        except TransitionRefused:
            messages.error(request, _("别人刚刚办完了这项请求。"))
            return redirect("staff:privacy-request", pk)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已答复,客户在手机上看得到。"))
            return redirect("staff:privacy-requests")
    context: dict[str, Any] = {
        "asked": found, "form": form, "last": last, "today": local_date(request.now),
        "years": policy(policies.RECORD_YEARS, request.dealer, local_date(request.now)),
    }  # fmt: skip
    return render(request, "staff/owners/request.html", context, status=422 if form.errors else 200)


def _last_visit(customer_id: int) -> Any:
    rows = ServiceOrder.objects.filter(customer_id=customer_id)
    return rows.order_by("-arrived_at").values_list("arrived_at", flat=True).first()


def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Enter a request for a customer who came, called or wrote."""
    customer = get_object_or_404(Customer.objects.select_related("dealer"), pk=pk)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.ask_privacy(
                customer=customer, actor=request.actor, now=request.now, **form.cleaned_data
            )
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("请求已登记。"))
            return redirect("staff:customer", pk)
    context = {"customer": customer, "form": form}
    return render(request, "staff/owners/request_new.html", context, status=422 if form.errors else 200)
