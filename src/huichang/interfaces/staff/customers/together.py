"""Households and companies that are called once, wishes that stand, and data the customer has confirmed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from huichang.domains.customers import operations
from huichang.domains.customers.models import Customer, CustomerNeed, NeedKind
from huichang.domains.customers.queries import search
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.customers import record
from huichang.interfaces.staff.customers.circle import household, needs_of
from huichang.interfaces.staff.customers.views import file_context
from huichang.kernel.operations import OperationRefused


def group(request: StaffRequest, pk: int) -> HttpResponse:
    """The panel; `?find=` the people it could grow by; POST joins or parts."""
    customer = get_object_or_404(Customer.objects.select_related("called_through"), pk=pk)
    error = ""
    if request.method == "POST":
        error = _change(request, customer)
    elif "find" in request.GET:
        return _hits(request, customer)
    customer = Customer.objects.select_related("called_through").get(pk=pk)
    context = file_context(request, record.file_of_customer(customer, ""))
    context |= {"household": household(customer), "error": error, "alone": True}
    return render(request, "staff/customers/_household.html", context, status=422 if error else 200)


def _change(request: StaffRequest, customer: Customer) -> str:
    """Join `other` (`through` says who is called), or let `leave` be called alone. Returns what was refused."""
    leaving, joining = request.POST.get("leave", ""), request.POST.get("other", "")
    wanted = leaving or joining
    other = get_object_or_404(Customer, pk=int(wanted) if wanted.isdigit() else 0)
    try:
        if leaving:
            operations.call_through(customer=other, other=None, actor=request.actor)
            messages.success(request, _("{name}今后单独联系。").format(name=other.name))
        elif request.POST.get("through") == "other":
            operations.call_through(customer=customer, other=other, actor=request.actor)
            messages.success(request, _("今后打给{name},一次说完。").format(name=other.name))
        else:
            operations.call_through(customer=other, other=customer, actor=request.actor)
            messages.success(
                request, _("{name}的事今后也打给{head}。").format(name=other.name, head=customer.name)
            )
    except OperationRefused as refusal:
        return str(refusal)
    return ""


def _hits(request: StaffRequest, customer: Customer) -> HttpResponse:
    text = request.GET["find"].strip()
    found = search(dealer=request.dealer, text=text, most=12) if text else []
    group_ids = {customer.pk, *(one.pk for one in household(customer).members), household(customer).head.pk}
    people = {hit.customer_id: hit for hit in reversed(found) if hit.customer_id not in {None, *group_ids}}
    context = {"customer": customer, "hits": list(reversed(people.values()))[:6], "text": text}
    return render(request, "staff/customers/_household_hits.html", context)


def need(request: StaffRequest, pk: int) -> HttpResponse:
    """Note a wish."""
    customer = get_object_or_404(Customer, pk=pk)
    kind = request.POST.get("kind", "")
    error = ""
    try:
        operations.add_need(
            customer=customer, kind=kind if kind in NeedKind.values else NeedKind.OTHER,
            text=request.POST.get("text", ""), actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        error = str(refusal)
    return _needs_panel(request, customer, error)


def need_over(request: StaffRequest, pk: int) -> HttpResponse:
    """The wish does not stand any more."""
    ended = get_object_or_404(CustomerNeed.objects.select_related("customer"), pk=pk)
    operations.end_need(need=ended, actor=request.actor, now=request.now)
    return _needs_panel(request, ended.customer, "")


def _needs_panel(request: StaffRequest, customer: Customer, error: str) -> HttpResponse:
    context: dict[str, Any] = file_context(request, record.file_of_customer(customer, ""))
    context |= {"needs": needs_of(customer), "need_kinds": NeedKind.choices, "error": error}
    return render(request, "staff/customers/_needs.html", context, status=422 if error else 200)


def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    """The customer said that the data are right."""
    customer = get_object_or_404(Customer, pk=pk)
    operations.confirm_facts(customer=customer, actor=request.actor, now=request.now)
    messages.success(request, _("已记下:资料今天与客户核对过。"))
    customer.refresh_from_db()
    context = file_context(request, record.file_of_customer(customer, request.GET.get("car", "")))
    return render(request, "staff/customers/_who.html", context | {"alone": True})
