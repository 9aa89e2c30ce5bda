"""Cells that imports set aside: the record, what stood there, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.customers.models import Car, Customer
from huichang.domains.intake import operations
from huichang.domains.intake.models import RecordToDo
from huichang.domains.intake.queries import open_todos
from huichang.domains.intake.vocabulary import label
from huichang.domains.workshop.models import ServiceOrder
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.operations import OperationRefused
from huichang.kernel.sensitive import mask

A_PAGE = 50
# Fields whose cells are personal: shown masked, the record's page reveals them by permission.
_MASKED = {"id_number", "mobile", "phone"}


def open_count(request: StaffRequest) -> int:
    """For the rail: counted up to a hundred."""
    return open_todos()[:100].count() if request.store else 0


def a_todo() -> dict[str, int]:
    return {"pk": RecordToDo.objects.order_by("-pk").values_list("pk", flat=True)[0]}


def todos(request: StaffRequest) -> HttpResponse:
    """Open ones, newest first, a page at a time."""
    before = request.GET.get("before", "")
    found = RecordToDo.objects.filter(done_at=None).order_by("-pk")
    if before.isdigit():
        found = found.filter(pk__lt=int(before))
    rows = list(found[: A_PAGE + 1])
    more = rows[A_PAGE - 1].pk if len(rows) > A_PAGE else ""
    context = {"rows": _shown(rows[:A_PAGE]), "more": more}
    return render(request, "staff/intake/todos.html", context)


def _shown(rows: Sequence[RecordToDo]) -> list[dict[str, Any]]:
    customers = Customer.objects.in_bulk(
        [r.record_id for r in rows if r.record == "customer" and r.record_id]
    )
    cars = Car.objects.select_related("vehicle").in_bulk(
        [r.record_id for r in rows if r.record == "car" and r.record_id]
    )
    orders = ServiceOrder.objects.in_bulk([r.record_id for r in rows if r.record == "order" and r.record_id])
    found: dict[str, dict[int, Any]] = {"customer": dict(customers), "car": dict(cars), "order": dict(orders)}
    return [
        {
            "todo": row,
            "record": found.get(row.record, {}).get(row.record_id or 0),
            "field": label(row.field),
            "value": mask(row.value) if row.field in _MASKED else row.value,
        }
        for row in rows
    ]


def settle(request: StaffRequest, pk: int) -> HttpResponse:
    todo = get_object_or_404(RecordToDo, pk=pk)
    try:
        operations.settle_todo(
            todo=todo, note=request.POST.get("note", ""), actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已处理。"))
    return redirect("staff:todos")
