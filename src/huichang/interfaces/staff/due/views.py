"""Who is due: one list for every kind, and 【客户管理→保修到期提醒】 with its search (REM-06, CUS-01)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from huichang.domains.customers.permissions import P as CustomersP
from huichang.domains.intake.exporting import Table, workbook
from huichang.domains.reminders import queries
from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.permissions import P
from huichang.domains.reminders.queries import DueSearch
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.due.forms import DueFilter
from huichang.interfaces.staff.due.lines import Line, lines
from huichang.kernel.worktime import local_date
from huichang.ui import formats

PAGE = 50
ON_PAPER = 300  # about eight sheets; more is what the workbook is for
CHUNK = 500
WARRANTY = "warranty_end"


def due(request: StaffRequest) -> HttpResponse:
    """The list of a kind, or of all."""
    return _list(request, request.GET)


def warranty(request: StaffRequest) -> HttpResponse:
    """The warranty list under its own name in the menu."""
    data = request.GET.copy()
    data["kind"] = WARRANTY
    return _list(request, data)


def _list(request: StaffRequest, data: QueryDict) -> HttpResponse:
    today = local_date(request.now)
    form = DueFilter(data)
    search = form.search()
    page = queries.dues(search, after=data.get("after", ""), limit=PAGE)
    context = {
        "form": form, "kind": search.kind, "title": _title(search.kind), "tabs": _tabs(data, search.kind, today),
        "lines": lines(page.rows, today), "next": page.next, "today": today, "is_warranty": search.kind == WARRANTY,
        "may_call": request.actor.can(P.CALL), "may_export": request.actor.can(CustomersP.EXPORT),
        "query": _query(data, search.kind), "filtered": _is_filtered(form),
    }  # fmt: skip
    return render(request, "staff/due/list.html", context)


def _title(kind: str) -> str:
    if kind == WARRANTY:
        return _("保修到期提醒")
    return str(KINDS[kind].label) if kind else _("到期名单")


def _is_filtered(form: DueFilter) -> bool:
    return any(value for name, value in form.cleaned_data.items() if name not in {"kind", "status"})


def _query(data: QueryDict, kind: str) -> str:
    """The filters as a query string, for printing and export of what is seen."""
    kept = data.copy()
    kept.pop("after", None)
    kept["kind"] = kind
    return kept.urlencode()


def _tabs(data: QueryDict, kind: str, today: Any) -> list[dict[str, Any]]:
    """One tab a kind with its open dues; the filters stay when the tab changes."""
    counts = queries.counts(as_of=today).kinds
    kept = data.copy()
    for name in ("after", "kind"):
        kept.pop(name, None)
    rest = kept.urlencode()
    tabs = [{"label": _("全部"), "count": sum(counts.values()), "url": _url("due", rest), "active": not kind}]
    for code, declared in KINDS.items():
        name, query = (
            ("warranty-due", rest) if code == WARRANTY else ("due", f"kind={code}&{rest}".rstrip("&"))
        )
        tabs.append(
            {
                "label": declared.short,
                "count": counts.get(code, 0),
                "url": _url(name, query),
                "active": code == kind,
            }
        )
    return tabs


def _url(name: str, query: str) -> str:
    url = reverse(f"staff:{name}")
    return f"{url}?{query}" if query else url


def printed(request: StaffRequest) -> HttpResponse:
    """The list on paper: the same search, black on white, with room for notes."""
    today = local_date(request.now)
    form = DueFilter(request.GET)
    search = form.search()
    page = queries.dues(search, limit=ON_PAPER)
    context = {
        "title": _title(search.kind), "lines": lines(page.rows, today), "today": today, "is_cut": bool(page.next),
        "most": ON_PAPER, "back": _url("due", _query(request.GET, search.kind)), "form": form,
        "is_warranty": search.kind == WARRANTY,
    }  # fmt: skip
    return render(request, "staff/due/print.html", context)


def export(request: StaffRequest) -> HttpResponse:
    """The whole search as a workbook; mobiles masked, nothing becomes a formula."""
    today = local_date(request.now)
    search = DueFilter(request.GET).search()
    rows = (_cells(line) for line in _every_line(search, today))
    content = workbook([Table(_title(search.kind), _headings(), rows)])
    name = f"{_title(search.kind)} {request.dealer.code} {today:%Y-%m-%d}.xlsx"
    response = HttpResponse(
        content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _every_line(search: DueSearch, today: Any) -> Iterator[Line]:
    after = ""
    while True:
        page = queries.dues(search, after=after, limit=CHUNK)
        yield from lines(page.rows, today)
        if not page.next:
            return
        after = page.next


def _headings() -> list[str]:
    return [
        _("到期日"), _("类型"), _("车牌号"), _("车系"), _("车架号"), _("客户"), _("手机"), _("销售日期"),
        _("保修开始"), _("保修结束"), _("为什么"), _("最晚致电"), _("状态"),
    ]  # fmt: skip


def _cells(line: Line) -> Sequence[Any]:
    due, vehicle = line.due, line.vehicle
    return [
        due.due_date, line.kind, due.car.plate, vehicle.series, vehicle.vin,
        due.customer.name if due.customer else "", formats.mask_mobile(line.mobile) if line.mobile else "",
        vehicle.sale_date, vehicle.warranty_start_date, vehicle.warranty_end_date, line.why, due.last_safe_day,
        line.state,
    ]  # fmt: skip
