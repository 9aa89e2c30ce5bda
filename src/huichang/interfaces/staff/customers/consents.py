"""No more contact: recorded with the customer's words, lifted only on the customer's own word."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from huichang.domains.contacts.models import OptOut
from huichang.domains.contacts.operations import lift_opt_out, opt_out
from huichang.domains.customers.duplicates import standing
from huichang.domains.customers.models import Customer
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.customers import record
from huichang.interfaces.staff.customers.forms import RefusalForm
from huichang.interfaces.staff.customers.views import file_context
from huichang.kernel.operations import OperationRefused


def refuse(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep the customer's wish."""
    # The page may be older than a merge: a refusal must never be kept where nobody looks.
    customer = standing(pk)
    if customer is None:
        raise Http404
    form = RefusalForm(request.POST)
    if form.is_valid():
        try:
            opt_out(customer=customer, actor=request.actor, now=request.now, **form.cleaned_data)
        except OperationRefused as refusal:
            refusal.field = "reason"
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已登记:按客户的意思不再联系。"))
            form = RefusalForm()
    return _panel(request, customer, form)


def lift(request: StaffRequest, pk: int) -> HttpResponse:
    """Contact again, on the customer's own word."""
    refusal = get_object_or_404(OptOut.objects.select_related("customer"), pk=pk)
    try:
        lift_opt_out(refusal=refusal, how=request.POST.get("how", ""), actor=request.actor, now=request.now)
    except OperationRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已恢复联系。"))
    return _panel(request, refusal.customer, RefusalForm())


def _panel(request: StaffRequest, customer: Customer, form: RefusalForm) -> HttpResponse:
    shown = record.file_of_customer(customer, "")
    context = file_context(request, shown) | {
        "refusals": record.refusals_of(customer), "preference": record.preference(customer), "refusal_form": form,
        "alone": True,
    }  # fmt: skip
    return render(request, "staff/customers/_consents.html", context, status=422 if form.errors else 200)
