"""The stock list and the card of one part."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.parts import lists, operations
from huichang.domains.parts.models import AlarmKind, Bin, Part, Reservation, ReservationStatus
from huichang.domains.parts.permissions import P
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.parts.forms import OpenForm, PartForm, ScrapForm, TransferForm
from huichang.interfaces.staff.parts.visits import visits_of
from huichang.kernel.operations import OperationRefused

OPEN = (
    ReservationStatus.SHORT, ReservationStatus.ORDERED, ReservationStatus.RESERVED, ReservationStatus.DRAWN,
    ReservationStatus.RETURNING,
)  # fmt: skip


def stock(request: StaffRequest) -> HttpResponse:
    """What lies on the shelves, is promised, is coming and is lacking; three queries, however many parts."""
    words, alarm = request.GET.get("q", "").strip(), request.GET.get("alarm", "")
    alarm = alarm if alarm in AlarmKind.values else ""
    rows = lists.stock_page(
        request.dealer, words=words, alarm=alarm, after=request.GET.get("after", ""), most=lists.PAGE + 1
    )
    counts = lists.alarm_counts()
    context = {
        "rows": rows[: lists.PAGE], "more": rows[lists.PAGE - 1]["code"] if len(rows) > lists.PAGE else "", "q": words,
        "alarm": alarm, "chips": [(kind.value, kind.label, counts[kind]) for kind in AlarmKind],
        "paged": bool(request.GET.get("after")), "may_edit": request.actor.can(P.EDIT),
        "may_issue": request.actor.can(P.MOVE),
    }  # fmt: skip
    return render(request, "staff/parts/stock.html", context)


def card(request: StaffRequest, pk: int) -> HttpResponse:
    """One part: where it lies, who waits for it, what is coming, every movement."""
    part = get_object_or_404(Part.objects.select_related("total", "learned_supplier"), pk=pk)
    return _card(request, part)


def _card(request: StaffRequest, part: Part, *, failed: Any = None, status: int = 200) -> HttpResponse:
    before = request.GET.get("before", "")
    moves = lists.movements(part, before=int(before) if before.isdecimal() else 0)
    waiting = list(
        Reservation.objects.filter(part=part, status__in=OPEN).select_related("slip", "purchase_line__order")
        .order_by("need_date", "pk")
    )  # fmt: skip
    may_move = request.actor.can(P.MOVE)
    context = {
        "part": part, "balances": list(lists.balances(part)), "moves": moves,
        "older": moves[-1][0].pk if len(moves) == lists.PAGE else None, "paged": bool(before),
        "waiting": waiting, "visits": visits_of(row.reference for row in waiting),
        "coming": list(lists.awaited(part)), "total": getattr(part, "total", None),
        "may_edit": request.actor.can(P.EDIT), "may_move": may_move, "failed": failed,
        "never_moved": not moves and not before,
        "transfer": failed if isinstance(failed, TransferForm) else TransferForm(None, part=part),
        "scrap": failed if isinstance(failed, ScrapForm) else ScrapForm(None, part=part),
        "opening": failed if isinstance(failed, OpenForm) else OpenForm(None),
        "siblings": list(_siblings(part)),
    }  # fmt: skip
    return render(request, "staff/parts/card.html", context, status=status)


def _siblings(part: Part) -> Any:
    """The other specifications of the same goods."""
    if not part.family:
        return []
    return (
        Part.objects.filter(family=part.family).exclude(pk=part.pk).select_related("total").order_by("code")
    )


def edit(request: StaffRequest, pk: int = 0) -> HttpResponse:
    """A part, service item or package: changed, or new when `pk` is 0."""
    part = get_object_or_404(Part, pk=pk) if pk else Part(dealer=request.dealer)
    form = PartForm(request.POST or None, instance=part)
    if request.method == "POST" and form.is_valid():
        try:
            saved = operations.save_part(
                part=form.save(commit=False), contents=form.cleaned_data["contents"], actor=request.actor
            )
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("已保存。"))
            return redirect("staff:part", saved.pk)
    context = {"form": form, "part": part if pk else None}
    return render(request, "staff/parts/edit.html", context, status=422 if form.errors else 200)


def move(request: StaffRequest, pk: int) -> HttpResponse:
    """Carry pieces from place to place, write them off, or begin the books: the form says which."""
    part = get_object_or_404(Part, pk=pk)
    kind = request.POST.get("what", "")
    form = _move_form(request, part, kind)
    if form.is_valid():
        try:
            messages.success(request, _moved(request, part, kind, form.cleaned_data))
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("staff:part", part.pk)
    return _card(request, part, failed=form, status=422)


def _move_form(request: StaffRequest, part: Part, kind: str) -> ScrapForm | OpenForm | TransferForm:
    if kind == "scrap":
        return ScrapForm(request.POST, part=part)
    return OpenForm(request.POST) if kind == "open" else TransferForm(request.POST, part=part)


def _moved(request: StaffRequest, part: Part, kind: str, given: dict[str, Any]) -> str:
    who: dict[str, Any] = {"actor": request.actor, "now": request.now}
    if kind == "scrap":
        operations.scrap(part=part, **given, **who)
        return _("已报废。")
    if kind == "open":
        operations.open_stock(dealer=request.dealer, part=part, **given, **who)
        return _("已建账。")
    number = operations.transfer(part=part, **given, **who)
    return _("已调拨,单号 {number}。").format(number=number)


def retire(request: StaffRequest, pk: int) -> HttpResponse:
    """Use a place no more."""
    place = get_object_or_404(Bin, pk=pk)
    try:
        operations.retire_bin(place=place, actor=request.actor)
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("staff:parts-places")
