"""The months and their figures, alike for a store, a region and the manufacturer; closing a month."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import census as counting
from huichang.domains.reminders import kinds
from huichang.domains.reminders.models import Bucket, Month, MonthFigure, MonthStatus
from huichang.domains.reminders.operations import cases as operations
from huichang.domains.reminders.permissions import P
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.census import figures
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import add_months, local_date
from huichang.ui import formats


def month_or_404(text: str) -> date:
    """`2026-11` as its first day."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error


# An open month has no stored sums yet.
NOT_YET: dict[str, Any] = {"base": None, "due": None, "returned": None, "not_reminded": None, "share": None}


def months(request: StaffRequest) -> HttpResponse:
    """Every month that was planned, newest first, with the result of the closed ones. Three queries."""
    open_months = set(Month.objects.exclude(status=MonthStatus.FROZEN).values_list("month", flat=True))
    results = _results()
    rows = [
        {
            "month": month,
            "frozen": month not in open_months,
            "slug": f"{month:%Y-%m}",
            **results.get(month, NOT_YET),
        }
        for month in counting.months()
    ]
    return render(request, "staff/census/months.html", {"rows": rows})


def _results() -> dict[date, dict[str, Any]]:
    """Cars of the base, due and back, by frozen month, from the stored sums."""
    found: dict[date, dict[str, Any]] = {}
    sums = MonthFigure.objects.filter(kind="").values_list("month__month", "bucket").annotate(n=Sum("cars"))
    for month, bucket, cars in sums.order_by():
        row = found.setdefault(month, {"base": 0, "due": 0, "returned": 0, "not_reminded": 0})
        row["base"] += cars
        row["due"] += 0 if bucket == Bucket.NOT_DUE else cars
        if bucket in {Bucket.RETURNED, Bucket.NOT_REMINDED}:
            row[bucket] += cars
    for row in found.values():
        row["share"] = row["returned"] / row["due"] if row["due"] else None
    return found


def month(request: StaffRequest, month: str) -> HttpResponse:
    """One month: every car of the base in exactly one bucket, with causes; every number opens its cars."""
    first = month_or_404(month)
    return render(request, "staff/census/month.html", _context(request, first))


def printed(request: StaffRequest, month: str) -> HttpResponse:
    first = month_or_404(month)
    return render(request, "staff/census/print.html", _context(request, first))


def _context(request: StaffRequest, first: date) -> dict[str, Any]:
    census = counting.census(month=first)
    if not census.base and first not in counting.months():
        raise Http404
    stores = (
        Dealer.objects.filter(pk__in=census.by_dealer)
        .select_related("region")
        .order_by("region__code", "code")
    )
    today = local_date(request.now)
    return {
        "census": census, "month": first, "slug": f"{first:%Y-%m}", "tiles": figures.tiles(census),
        "causes": figures.causes(census), "kinds": figures.by_kind(census),
        "places": figures.by_place(census, stores) if request.store is None else [],
        "total": figures.whole(census), "buckets": [bucket.label for bucket in figures.ORDER],
        "plan": _plan(first), "frozen_at": _frozen_at(first), "today": today,
        "may_freeze": _may_freeze(request, census),
        "returned_share": census.by_bucket.get(Bucket.RETURNED, 0) / census.due if census.due else None,
    }  # fmt: skip


def _may_freeze(request: StaffRequest, census: counting.Census) -> bool:
    """A store closes its own month, once it is over."""
    is_over = local_date(request.now) >= add_months(census.month, 1)
    here = request.store is not None
    return here and is_over and not census.frozen and request.actor.can(P.FREEZE_CENSUS)


def _plan(first: date) -> list[dict[str, Any]]:
    """What the plan expected and what came late, by kind."""
    counts = counting.plan_counts(month=first)
    return [
        {"kind": code, "label": kinds.label(code), "planned": counts[code][0], "late": counts[code][1]}
        for code in kinds.KINDS
        if code in counts
    ]


def _frozen_at(first: date) -> Any:
    rows = Month.objects.filter(month=first, status=MonthStatus.FROZEN)
    return rows.order_by("-frozen_at").values_list("frozen_at", flat=True).first()


def freeze(request: StaffRequest, month: str) -> HttpResponse:
    """Close the store's month: its figures never change again."""
    first = month_or_404(month)
    try:
        operations.freeze(dealers=[request.dealer], month=first, actor=request.actor, now=request.now)
    except OperationRefused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("{month}已封存。").format(month=formats.month(first)))
    return redirect("staff:census-month", month)
