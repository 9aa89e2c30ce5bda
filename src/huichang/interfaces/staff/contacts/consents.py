"""What a customer agreed to receive, on the customer's page: given with proof, withdrawn as easily."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from huichang.domains.contacts.models import Channel, ChannelAddress, Consent
from huichang.domains.contacts.operations import give_consent, withdraw_consent
from huichang.domains.contacts.permissions import P
from huichang.domains.customers.models import Customer
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.contacts.sending_forms import ConsentForm, consent_purposes, consents_of
from huichang.kernel.operations import OperationRefused


def panel(request: StaffRequest, pk: int) -> HttpResponse:
    """The panel alone; the customer's page asks for it."""
    return _panel(request, get_object_or_404(Customer, pk=pk), ConsentForm())


def give(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep a consent."""
    customer = get_object_or_404(Customer, pk=pk)
    form = ConsentForm(request.POST)
    if form.is_valid():
        try:
            give_consent(customer=customer, actor=request.actor, now=request.now, **form.cleaned_data)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("同意已登记。"))
            form = ConsentForm()
    return _panel(request, customer, form)


def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """The customer takes it back."""
    consent = get_object_or_404(Consent.objects.select_related("customer"), pk=pk)
    try:
        withdraw_consent(
            consent=consent, how=request.POST.get("how", ""), actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("同意已撤回。"))
    return _panel(request, consent.customer, ConsentForm())


def _panel(request: StaffRequest, customer: Customer, form: ConsentForm) -> HttpResponse:
    context: dict[str, Any] = {
        "customer": customer, "form": form, "consents": consents_of(customer.pk), "purposes": dict(consent_purposes()),
        "addresses": list(ChannelAddress.objects.filter(customer=customer).order_by("channel", "-verified_at")),
        "labels": dict(Channel.choices), "may_give": request.actor.can(P.CONSENT),
    }  # fmt: skip
    return render(request, "staff/contacts/_consent.html", context, status=422 if form.errors else 200)
