"""Stocktakes: opened, counted, approved, on paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.parts import operations
from huichang.domains.parts.models import Bin, Part, Stocktake, StocktakeLine, StocktakeStatus
from huichang.domains.parts.permissions import P
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.parts.forms import StocktakeForm, number
from huichang.kernel.operations import OperationRefused

_SHOWN = 40


def to_approve(request: StaffRequest) -> int:
    """The rail's count: sheets that wait for approval."""
    return Stocktake.objects.filter(status=StocktakeStatus.COUNTED).count()


def stocktakes(request: StaffRequest) -> HttpResponse:
    """The latest sheets, and the form that opens one."""
    form = StocktakeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sheet = operations.open_stocktake(
                dealer=request.dealer, actor=request.actor, now=request.now, **form.cleaned_data
            )
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("staff:parts-stocktake", sheet.pk)
    different = ~Q(lines__counted_quantity=F("lines__booked_quantity")) & Q(
        lines__counted_quantity__isnull=False
    )
    rows = Stocktake.objects.select_related("warehouse").annotate(
        all_lines=Count("lines"), left=Count("lines", filter=Q(lines__counted_quantity=None)),
        different=Count("lines", filter=different),
    )  # fmt: skip
    context = {"rows": list(rows.order_by("-pk")[:_SHOWN]), "form": form}
    return render(request, "staff/parts/stocktakes.html", context, status=422 if form.errors else 200)


def _sheet(request: StaffRequest, pk: int) -> dict[str, Any]:
    sheet = get_object_or_404(Stocktake.objects.select_related("warehouse"), pk=pk)
    lines = list(sheet.lines.select_related("part", "bin").order_by("bin__code", "part__code"))
    different = [line for line in lines if line.difference]
    may_count = request.actor.can(P.COUNT)
    return {
        "sheet": sheet, "lines": lines, "left": sum(line.counted_quantity is None for line in lines),
        "different": len(different),
        "value": sum(((line.difference or 0) * line.part.price for line in different), start=0),
        "may_count": may_count and sheet.status == StocktakeStatus.COUNTING,
        "may_reopen": may_count and sheet.status == StocktakeStatus.COUNTED,
        "may_cancel": may_count and sheet.status in {StocktakeStatus.COUNTING, StocktakeStatus.COUNTED},
        "may_approve": request.actor.can(P.APPROVE_COUNT) and sheet.status == StocktakeStatus.COUNTED
        and request.actor.user_id != sheet.created_by_id,
    }  # fmt: skip


def stocktake(request: StaffRequest, pk: int) -> HttpResponse:
    """One sheet: what the books held when a place was counted stands beside what was found."""
    return render(request, "staff/parts/stocktake.html", _sheet(request, pk))


def stocktake_print(request: StaffRequest, pk: int) -> HttpResponse:
    """The sheet to walk along the shelves with: without the booked figures, so that they are counted."""
    return render(request, "staff/parts/stocktake_print.html", _sheet(request, pk))


def count(request: StaffRequest, pk: int) -> HttpResponse:
    """Save the counts that were typed, then take the step of the button."""
    sheet = get_object_or_404(Stocktake, pk=pk)
    try:
        _save_counts(request, sheet)
        _add_line(request, sheet)
        if said := _step(request, sheet):
            messages.success(request, said)
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff:parts-stocktake", sheet.pk)


def _save_counts(request: StaffRequest, sheet: Stocktake) -> None:
    """Lines whose figure or reason differs from what is kept."""
    for line in sheet.lines.order_by("pk"):
        raw = request.POST.get(f"count-{line.pk}")
        if raw is None:
            continue
        counted, reason = number(raw), request.POST.get(f"reason-{line.pk}", "").strip()
        if raw.strip() and counted is None:
            raise OperationRefused(_("“{raw}”不是数量。").format(raw=raw[:20]))
        if (counted, reason) != (line.counted_quantity, line.reason):
            operations.enter_count(
                line=line, counted=counted, reason=reason, actor=request.actor, now=request.now
            )


def _add_line(request: StaffRequest, sheet: Stocktake) -> None:
    """A part found where the books know of none."""
    code, place = request.POST.get("code", "").strip(), request.POST.get("place", "").strip()
    if not code:
        return
    part = Part.objects.filter(code=code).first()
    found = Bin.objects.filter(
        warehouse=sheet.warehouse_id, code=place or (part.location if part else "")
    ).first()
    if part is None or found is None:
        raise OperationRefused(_("没有这个编码或库位。"))
    line: StocktakeLine = operations.add_count_line(
        stocktake=sheet, part=part, place=found, actor=request.actor, now=request.now
    )
    counted = number(request.POST.get("found"))
    if counted is not None:
        operations.enter_count(line=line, counted=counted, actor=request.actor, now=request.now)


def _step(request: StaffRequest, sheet: Stocktake) -> str:
    step = request.POST.get("step", "")
    who: dict[str, Any] = {"stocktake": sheet, "actor": request.actor, "now": request.now}
    if step == "submit":
        operations.submit_stocktake(**who)
        return _("已提交审批。")
    if step == "approve":
        return _("已入账 {n} 处差异。").format(n=operations.approve_stocktake(**who))
    if step == "reopen":
        operations.reopen_stocktake(**who, reason=request.POST.get("reason", ""))
        return _("已退回重盘。")
    if step == "cancel":
        operations.cancel_stocktake(**who, reason=request.POST.get("reason", ""))
        return _("盘点单已取消。")
    return _("已保存。")
