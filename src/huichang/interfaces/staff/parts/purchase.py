"""What must be ordered, what is on its way, what came and is not fitted; one order and its receipts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from huichang.domains.parts import lists, operations
from huichang.domains.parts.models import AlarmKind, Part, PurchaseLine, PurchaseOrder, StockAlarm, Supplier
from huichang.domains.parts.permissions import P
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.parts.forms import number
from huichang.interfaces.staff.parts.visits import visits_of
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

_ORDERS = 60


def open_alarm_count(request: StaffRequest) -> int:
    """The rail's count: alarms nobody has answered."""
    return StockAlarm.objects.filter(lifted_at=None, seen_at=None).count()


def _tabs(active: str) -> dict[str, Any]:
    return {"tab": active, "alarm_counts": lists.alarm_counts()}


def _day(raw: str | None) -> date | None:
    """A typed day; None for nothing or nonsense."""
    try:
        return parse_date(raw or "")
    except ValueError:
        return None


def needs(request: StaffRequest) -> HttpResponse:
    """What visits lack and what runs low, with the supplier to ask; ticked lines become orders."""
    today = local_date(request.now)
    rows = lists.needs(request.dealer)
    for row in rows:
        row["visits"] = [reference for reference in row["visits"].split(",") if reference]
        row["is_late"] = row["order_by"] is not None and row["order_by"] < today
    context = {
        **_tabs("needs"), "rows": rows, "suppliers": list(Supplier.objects.filter(is_active=True).order_by("name")),
        "today": today, "may_buy": request.actor.can(P.PURCHASE),
        "visits": visits_of(reference for row in rows for reference in row["visits"]),
    }  # fmt: skip
    return render(request, "staff/parts/needs.html", context)


def order_needs(request: StaffRequest) -> HttpResponse:
    """Draft one order a supplier from the ticked lines (or one typed part)."""
    try:
        drafted = _draft(request, _wanted(request))
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("staff:parts-needs")
    if len(drafted) == 1:
        return redirect("staff:parts-order", drafted[0].pk)
    messages.success(request, _("已生成 {n} 张采购单草稿。").format(n=len(drafted)))
    return redirect("staff:parts-orders")


def _wanted(request: StaffRequest) -> dict[int, list[operations.Wanted]]:
    """Ticked lines by supplier. Raises OperationRefused for a line without a quantity or supplier."""
    chosen = [pk for pk in request.POST.getlist("part") if pk.isdecimal()]
    parts = Part.objects.in_bulk([int(pk) for pk in chosen])
    if code := request.POST.get("code", "").strip():
        part = Part.objects.filter(code=code).first()
        if part is None:
            raise OperationRefused(_("没有编码 {code}").format(code=code))
        parts[part.pk] = part
    found: dict[int, list[operations.Wanted]] = {}
    paid = lists.last_prices(parts)
    for pk, part in parts.items():
        typed = str(pk) in chosen
        quantity = number(request.POST.get(f"quantity-{pk}" if typed else "quantity"))
        supplier = request.POST.get(f"supplier-{pk}" if typed else "supplier", "")
        if quantity is None or not supplier.isdecimal():
            raise OperationRefused(_("请给“{name}”填数量并选供应商。").format(name=part.name))
        found.setdefault(int(supplier), []).append(
            operations.Wanted(part, quantity, unit_price=paid.get(pk, Decimal(0)))
        )
    if not found:
        raise OperationRefused(_("请先勾选要采购的配件。"))
    return found


def _draft(request: StaffRequest, wanted: dict[int, list[operations.Wanted]]) -> list[PurchaseOrder]:
    suppliers = Supplier.objects.in_bulk(wanted)
    return [
        operations.draft_order(
            dealer=request.dealer, supplier=suppliers[pk], lines=lines, actor=request.actor, now=request.now
        )
        for pk, lines in sorted(wanted.items())
        if pk in suppliers
    ]


def coming(request: StaffRequest) -> HttpResponse:
    """Everything on its way by expected day, the late first."""
    rows = list(lists.awaited()[:300])
    context = {**_tabs("coming"), "rows": rows, "today": local_date(request.now)}
    return render(request, "staff/parts/coming.html", context)


def arrived(request: StaffRequest) -> HttpResponse:
    """Came for a visit, not in the car yet (到货未装)."""
    rows = list(lists.arrived_not_fitted()[:300])
    context = {
        **_tabs("arrived"), "rows": rows, "today": local_date(request.now),
        "visits": visits_of(row.reference for row in rows),
    }  # fmt: skip
    return render(request, "staff/parts/arrived.html", context)


def orders(request: StaffRequest) -> HttpResponse:
    """The latest orders, drafts and open ones first."""
    rows = PurchaseOrder.objects.select_related("supplier").annotate(
        parts=Count("lines"), awaited=Count("lines", filter=Q(lines__closed_at=None))
    )
    order = {"draft": 0, "placed": 1}
    found = sorted(rows.order_by("-pk")[:_ORDERS], key=lambda row: order.get(row.status, 2))
    return render(request, "staff/parts/orders.html", {**_tabs("orders"), "rows": found})


def order(request: StaffRequest, pk: int) -> HttpResponse:
    """One order: place it, book in what comes, note another day, close what will not come."""
    return render(request, "staff/parts/order.html", _order_context(request, pk))


def order_print(request: StaffRequest, pk: int) -> HttpResponse:
    return render(request, "staff/parts/order_print.html", _order_context(request, pk))


def _order_context(request: StaffRequest, pk: int) -> dict[str, Any]:
    found = get_object_or_404(PurchaseOrder.objects.select_related("supplier"), pk=pk)
    lines = list(found.lines.select_related("part").prefetch_related("reservations").order_by("part__code"))
    waiting = {
        line.pk: sorted({row.reference for row in line.reservations.all() if row.status == "ordered"})
        for line in lines
    }
    return {
        "order": found, "lines": [(line, waiting[line.pk]) for line in lines], "today": local_date(request.now),
        "may_buy": request.actor.can(P.PURCHASE),
        "total": sum((line.quantity * line.unit_price for line in lines), Decimal(0)),
        "has_receipts": any(line.received_quantity for line in lines),
    }  # fmt: skip


def order_step(request: StaffRequest, pk: int) -> HttpResponse:
    """Place or cancel an order: the button says which."""
    found = get_object_or_404(PurchaseOrder, pk=pk)
    who: dict[str, Any] = {"actor": request.actor, "now": request.now}
    try:
        if request.POST.get("step") == "save":
            operations.amend_draft(
                order=found, lines=_draft_lines(request, found), note=request.POST.get("note", ""), **who
            )
            messages.success(request, _("草稿已保存。"))
        elif request.POST.get("step") == "cancel":
            operations.cancel_order(order=found, reason=request.POST.get("reason", ""), **who)
            messages.success(request, _("采购单已取消。"))
        else:
            operations.place_order(order=found, **who)
            messages.success(request, _("已下单。等这些配件的预约已经排上。"))
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff:parts-order", found.pk)


def _draft_lines(request: StaffRequest, order: PurchaseOrder) -> list[operations.Wanted]:
    """The lines of a draft as typed: those without a quantity leave it, a code below adds one."""
    found = []
    for line in order.lines.select_related("part").order_by("pk"):
        quantity = number(request.POST.get(f"quantity-{line.pk}"))
        if quantity:
            price = number(request.POST.get(f"price-{line.pk}") or "0")
            found.append(_typed(line.part, quantity, price, request.POST.get(f"expected-{line.pk}")))
    if code := request.POST.get("code", "").strip():
        part = Part.objects.filter(code=code).first()
        quantity = number(request.POST.get("quantity"))
        if part is None or not quantity:
            raise OperationRefused(_("没有编码 {code},或者没有填数量。").format(code=code))
        found.append(_typed(part, quantity, lists.last_prices([part.pk]).get(part.pk, Decimal(0)), None))
    return found


def _typed(part: Part, quantity: Decimal, price: Decimal | None, day: str | None) -> operations.Wanted:
    if price is None:
        raise OperationRefused(_("“{name}”的进价不是数字。").format(name=part.name))
    return operations.Wanted(part, quantity, _day(day), price)


def line_step(request: StaffRequest, pk: int) -> HttpResponse:
    """Book in, expect on another day, or close one line: the button says which."""
    line = get_object_or_404(PurchaseLine.objects.select_related("order", "part"), pk=pk)
    steps: dict[str, Callable[[StaffRequest, PurchaseLine], str]] = {
        "receive": _receive, "expect": _expect, "close": _close,
    }  # fmt: skip
    step = steps.get(request.POST.get("step", ""), _unknown)
    try:
        messages.success(request, step(request, line))
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff:parts-order", line.order_id)


def _unknown(request: StaffRequest, line: PurchaseLine) -> str:
    raise OperationRefused(_("没有这个操作。"))


def _receive(request: StaffRequest, line: PurchaseLine) -> str:
    quantity = number(request.POST.get("quantity"))
    if quantity is None:
        raise OperationRefused(_("请填写到货数量。"))
    operations.receive(line=line, quantity=quantity, actor=request.actor, now=request.now)
    return _("已入库:{name}").format(name=line.part.name)


def _expect(request: StaffRequest, line: PurchaseLine) -> str:
    day = _day(request.POST.get("expected_date"))
    if day is None:
        raise OperationRefused(_("请填写预计到货日。"))
    operations.expect(
        line=line,
        expected_date=day,
        reason=request.POST.get("reason", ""),
        actor=request.actor,
        now=request.now,
    )
    return _("预计到货日已改。赶不上的预约已经通知。")


def _close(request: StaffRequest, line: PurchaseLine) -> str:
    operations.close_line(
        line=line, reason=request.POST.get("reason", ""), actor=request.actor, now=request.now
    )
    return _("这一行已关闭。")


def alarms(request: StaffRequest) -> HttpResponse:
    """What somebody must look after: shortages, late orders, low stock, parts not fitted (PRT-06, PRT-07)."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in AlarmKind.values else ""
    rows = list(lists.open_alarms(kind)[:300])
    counts = lists.alarm_counts()
    context = {
        "rows": rows, "kind": kind, "chips": [(one.value, one.label, counts[one]) for one in AlarmKind],
        "total": sum(counts.values()), "may_answer": request.actor.can(P.MOVE),
        "orders": dict(PurchaseOrder.objects.filter(
            number__in=[row.subject for row in rows if row.kind == AlarmKind.LATE]).values_list("number", "pk")),
        "visits": visits_of(row.subject for row in rows if row.kind in {AlarmKind.SHORT, AlarmKind.UNFITTED}),
        "tones": {"short": "bad", "late": "bad", "low": "warn", "unfitted": "accent"},
    }  # fmt: skip
    return render(request, "staff/parts/alarms.html", context)


def answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Note what was done about an alarm."""
    alarm = get_object_or_404(StockAlarm, pk=pk)
    try:
        operations.answer_alarm(
            alarm=alarm, note=request.POST.get("note", ""), actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff:parts-alarms")
