"""The cars behind a number of the census, the lines of a plan, and the month as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from huichang.domains.contacts.queries import outcome_labels
from huichang.domains.customers.permissions import P as CustomersP
from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.exporting import Table, workbook
from huichang.domains.reminders import census as counting
from huichang.domains.reminders import kinds
from huichang.domains.reminders.models import Bucket, MonthEntry
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.census import figures
from huichang.interfaces.staff.census.views import month_or_404

PAGE = 50
CHUNK = 500


def cars(request: StaffRequest, month: str) -> HttpResponse:
    """The cars of a bucket, cause, kind or store of a month."""
    first = month_or_404(month)
    asked = _asked(request)
    page = counting.entries(month=first, after=request.GET.get("after", ""), limit=PAGE, **asked)
    outcomes = outcome_labels()
    context = {
        "month": first, "slug": month, "lines": [_line(entry, outcomes) for entry in page.rows], "next": page.next,
        "asked": _in_words(asked, outcomes), "may_open": request.actor.can(CustomersP.SEE) and request.store is not None,
        "buckets": [
            {"code": bucket.value, "label": bucket.label, "active": bucket == asked["bucket"]}
            for bucket in figures.ORDER
        ],
        "several": request.store is None,
    }  # fmt: skip
    return render(request, "staff/census/cars.html", context)


def _asked(request: StaffRequest) -> dict[str, Any]:
    """The filters of the address; what does not exist narrows nothing."""
    get = request.GET.get
    bucket, dealer = get("bucket", ""), get("dealer", "")
    return {
        "bucket": bucket if bucket in Bucket.values else "",
        "cause": get("cause", ""),
        "kind": get("kind", "") if get("kind", "") in kinds.KINDS else "",
        "dealer_id": int(dealer) if dealer.isdigit() else None,
        "late": get("late", "") == "1",
    }


def _in_words(asked: dict[str, Any], outcomes: dict[str, str]) -> list[str]:
    found = []
    if asked["bucket"]:
        found.append(str(Bucket(asked["bucket"]).label))
    if asked["cause"]:
        found.append(counting.cause_label(asked["cause"], outcomes))
    if asked["kind"]:
        found.append(kinds.label(asked["kind"]))
    if asked["late"]:
        found.append(_("计划后到期"))
    return found


def _line(entry: MonthEntry, outcomes: dict[str, str]) -> dict[str, Any]:
    return {
        "entry": entry,
        "bucket": entry.get_bucket_display(),
        "tone": figures.TONES[Bucket(entry.bucket)],
        "cause": counting.cause_label(entry.cause, outcomes) if entry.cause else "",
        "kinds": [kinds.label(code) for code in entry.kinds.split(",") if code],
    }


def plan(request: StaffRequest, month: str) -> HttpResponse:
    """The lines of the plan; those that became due after it was made are marked."""
    first = month_or_404(month)
    kind = request.GET.get("kind", "")
    late = {"1": True, "0": False}.get(request.GET.get("late", ""))
    kind = kind if kind in kinds.KINDS else ""
    page = counting.plan(month=first, kind=kind, late=late, after=request.GET.get("after", ""), limit=PAGE)
    counts = counting.plan_counts(month=first)
    context = {
        "month": first, "slug": month, "next": page.next, "kind": kind, "late": late,
        "lines": [{"line": line, "kind": kinds.label(line.kind)} for line in page.rows],
        "tabs": [
            {"code": code, "label": kinds.label(code), "count": sum(counts[code])}
            for code in kinds.KINDS
            if code in counts
        ],
        "planned": sum(count[0] for count in counts.values()),
        "lates": sum(count[1] for count in counts.values()),
        "several": request.store is None, "may_open": request.actor.can(CustomersP.SEE),
    }  # fmt: skip
    return render(request, "staff/census/plan.html", context)


def export(request: StaffRequest, month: str) -> HttpResponse:
    """The month as a workbook: the figures, the causes, every car. No names, no telephone numbers."""
    first = month_or_404(month)
    census = counting.census(month=first)
    stores = (
        Dealer.objects.filter(pk__in=census.by_dealer)
        .select_related("region")
        .order_by("region__code", "code")
    )
    names = {store.pk: store.name for store in stores}
    content = workbook(
        [
            Table(_("汇总"), [_("门店"), *(str(b.label) for b in figures.ORDER)], _sums(census, names)),
            Table(_("原因"), [_("状态"), _("原因"), _("车辆")], _causes(census)),
            Table(_("明细"), _headings(), _every_car(first)),
        ]
    )
    name = f"{_('月度统计')} {month}.xlsx"
    response = HttpResponse(
        content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _sums(census: counting.Census, names: dict[int, str]) -> Iterator[Sequence[Any]]:
    for pk, name in names.items():
        yield [name, *(census.by_dealer[pk].get(bucket, 0) for bucket in figures.ORDER)]
    yield [_("合计"), *(census.by_bucket.get(bucket, 0) for bucket in figures.ORDER)]


def _causes(census: counting.Census) -> Iterator[Sequence[Any]]:
    for row in figures.causes(census):
        yield [str(row["bucket"]), row["cause"], row["cars"]]


def _headings() -> list[str]:
    return [
        _("门店"), _("车牌号"), _("车架号"), _("车系"), _("状态"), _("原因"), _("到期类型"), _("最早到期"),
        _("计划后到期"),
    ]  # fmt: skip


def _every_car(first: date) -> Iterator[Sequence[Any]]:
    after, outcomes = "", outcome_labels()
    while True:
        page = counting.entries(month=first, after=after, limit=CHUNK)
        for entry in page.rows:
            row = _line(entry, outcomes)
            yield [
                entry.dealer.name, entry.car.plate, entry.car.vehicle.vin, entry.car.vehicle.series,
                str(row["bucket"]), row["cause"], "、".join(row["kinds"]), entry.due_date,
                _("是") if entry.is_late else "",
            ]  # fmt: skip
        if not page.next:
            return
        after = page.next
