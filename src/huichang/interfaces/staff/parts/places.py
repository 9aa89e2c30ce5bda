"""Warehouses, their places, suppliers; and the network's view of everybody's parts."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.parts import lists, operations
from huichang.domains.parts.models import Bin, Supplier, Warehouse, WarehouseKind
from huichang.domains.parts.permissions import P
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.parts.forms import SupplierForm, WarehouseForm
from huichang.kernel.operations import OperationRefused

_BINS = 400


def places(request: StaffRequest) -> HttpResponse:
    """Every warehouse with its places and what lies there; two queries."""
    bins: dict[int, list[Bin]] = {}
    rows = Bin.objects.filter(is_active=True).annotate(
        held=Sum("balances__on_hand"), parts=Count("balances", filter=~Q(balances__on_hand=0))
    )
    for row in rows.order_by("code")[:_BINS]:
        bins.setdefault(row.warehouse_id, []).append(row)
    warehouses = sorted(
        Warehouse.objects.order_by("-is_active", "code"), key=lambda row: WarehouseKind.values.index(row.kind)
    )
    context = {
        "warehouses": [(row, bins.get(row.pk, [])) for row in warehouses],
        "may_edit": request.actor.can(P.EDIT),
    }
    return render(request, "staff/parts/places.html", context)


def warehouse(request: StaffRequest, pk: int = 0) -> HttpResponse:
    """A warehouse: changed, or new when `pk` is 0."""
    row = get_object_or_404(Warehouse, pk=pk) if pk else Warehouse(dealer=request.dealer)
    form = WarehouseForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            operations.save_warehouse(warehouse=form.save(commit=False), actor=request.actor)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("staff:parts-places")
    context = {"form": form, "title": row.name if pk else _("新仓库"), "back": "staff:parts-places"}
    return render(request, "staff/parts/form.html", context, status=422 if form.errors else 200)


def add_bins(request: StaffRequest, pk: int) -> HttpResponse:
    """Add places by their codes, separated by spaces."""
    row = get_object_or_404(Warehouse, pk=pk)
    try:
        for code in request.POST.get("codes", "").replace("、", " ").replace(",", " ").split():
            operations.add_bin(warehouse=row, code=code[:20], actor=request.actor)
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff:parts-places")


def suppliers(request: StaffRequest) -> HttpResponse:
    """Suppliers with what they were asked for and how much of it is awaited."""
    rows = Supplier.objects.annotate(
        orders_placed=Count("orders", filter=~Q(orders__status="draft"), distinct=True),
        open_orders=Count("orders", filter=Q(orders__status="placed"), distinct=True),
    )
    context = {"rows": list(rows.order_by("-is_active", "name")), "may_edit": request.actor.can(P.EDIT)}
    return render(request, "staff/parts/suppliers.html", context)


def supplier(request: StaffRequest, pk: int = 0) -> HttpResponse:
    """A supplier: changed, or new when `pk` is 0."""
    row = get_object_or_404(Supplier, pk=pk) if pk else Supplier(dealer=request.dealer)
    form = SupplierForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            operations.save_supplier(supplier=form.save(commit=False), actor=request.actor)
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("staff:parts-suppliers")
    context = {"form": form, "title": row.name if pk else _("新供应商"), "back": "staff:parts-suppliers"}
    return render(request, "staff/parts/form.html", context, status=422 if form.errors else 200)


def network(request: StaffRequest) -> HttpResponse:
    """Everybody's parts by code (PRT-10); with `code` the stores that have it. At most two queries."""
    words, code = request.GET.get("q", ""), request.GET.get("code", "")
    context = {
        "q": words, "code": code, "rows": lists.network_stock(words),
        "stores": list(lists.stores_with(code)[:500]) if code else [],
    }  # fmt: skip
    return render(request, "staff/parts/network.html", context)
