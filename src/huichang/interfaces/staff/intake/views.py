"""The import: upload, check how sheets are read, try, run in the background, see what became of every row."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.intake import operations
from huichang.domains.intake.models import ImportRun
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.intake.queries import refusals, refused_workbook
from huichang.domains.intake.uploads import Upload
from huichang.domains.intake.vocabulary import KINDS
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.intake.showing import columns_of, outcome_rows, sheet_cards, stage_label
from huichang.kernel.operations import OperationRefused

SHOWN_RUNS = 30
SHOWN_REFUSALS = 200
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def imports(request: StaffRequest) -> HttpResponse:
    """The runs so far, and the form that begins one."""
    error = ""
    if request.method == "POST":
        try:
            begun = operations.begin_import(
                dealer=request.dealer, uploads=_uploads(request), actor=request.actor, now=request.now
            )
        except OperationRefused as refusal:
            error = refusal.message
        else:
            return redirect("staff:import", begun.pk)
    context = {
        "runs": _runs(),
        "error": error,
        "endings": ".xlsx,.xls,.xlsm,.xlsb,.ods,.csv,.txt,.tsv,.htm,.html,.xml,.zip",
    }
    return render(request, "staff/intake/list.html", context, status=422 if error else 200)


def _uploads(request: StaffRequest) -> list[Upload]:
    files = [file for file in request.FILES.getlist("files") if isinstance(file, UploadedFile)]
    return [(file.name or "-", file.read()) for file in files]


def _runs() -> list[ImportRun]:
    return list(ImportRun.objects.defer("sheets").order_by("-created_at")[:SHOWN_RUNS])


def run(request: StaffRequest, pk: int) -> HttpResponse:
    """One import in whatever state it is: to be checked, under way, done."""
    return render(request, "staff/intake/run.html", _context(get_object_or_404(ImportRun, pk=pk)))


def _context(shown: ImportRun) -> dict[str, Any]:
    under_way = shown.status in {"queued", "running"}
    found = refusals(shown)
    total = found.count() if shown.result else 0
    return {
        "run": shown,
        "under_way": under_way,
        "may_change": shown.status in {"draft", "checked", "cancelled", "failed"},
        "steps": _steps(shown.status, is_dry_run=shown.is_dry_run),
        "stage": stage_label(shown.stage),
        "cards": sheet_cards(shown),
        "outcomes": outcome_rows(shown),
        "refusals": list(found[:SHOWN_REFUSALS]) if total else [],
        "refused_total": total,
        "shown_refusals": SHOWN_REFUSALS,
    }


def _steps(status: str, *, is_dry_run: bool) -> list[dict[str, str]]:
    """Upload → check → try → load, and where this run is."""
    at = {"draft": 1, "cancelled": 1, "failed": 1, "checked": 3, "finished": 4}.get(
        status, 2 if is_dry_run else 3
    )
    names = (_("上传文件"), _("核对对应关系"), _("试算"), _("导入"))
    states = ["done" if n < at else "now" if n == at else "next" for n in range(len(names))]
    return [{"label": name, "state": state} for name, state in zip(names, states, strict=True)]


def progress(request: StaffRequest, pk: int) -> HttpResponse:
    """The bar; once the run has ended, the browser is sent back to the page."""
    shown = get_object_or_404(ImportRun.objects.defer("sheets"), pk=pk)
    if shown.status not in {"queued", "running"}:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "staff/intake/_progress.html", {"run": shown, "stage": stage_label(shown.stage)})


def sheet(request: StaffRequest, pk: int, index: int) -> HttpResponse:
    """Which column is which, with samples; `kind` in the query shows the fields of another kind."""
    shown = get_object_or_404(ImportRun, pk=pk)
    if not 0 <= index < len(shown.sheets):
        raise Http404
    plan = SheetPlan.from_json(shown.sheets[index])
    kind = request.POST.get("kind", request.GET.get("kind", plan.kind))
    chosen = {column: request.POST.get(f"column-{column}", "") for column in range(len(plan.headings))}
    error = ""
    if request.method == "POST":
        try:
            operations.set_sheet(
                run=shown, index=index, kind=kind, columns=chosen, actor=request.actor, now=request.now
            )
        except OperationRefused as refusal:
            error = refusal.message
        else:
            messages.success(request, _("已记住:以后遇到同样的表头就这样读。"))
            return redirect("staff:import", pk)
    context = {
        "run": shown, "index": index, "plan": plan, "kind": kind if kind in KINDS else "", "error": error,
        "kinds": KINDS.values(), "fields": KINDS[kind].fields.values() if kind in KINDS else [],
        "columns": columns_of(plan, kind, chosen if request.method == "POST" else None),
    }  # fmt: skip
    return render(request, "staff/intake/sheet.html", context, status=422 if error else 200)


def start(request: StaffRequest, pk: int) -> HttpResponse:
    """Try it, or load it for good."""
    chosen = get_object_or_404(ImportRun, pk=pk)
    try:
        operations.start_import(
            run=chosen, is_dry_run=request.POST.get("mode") != "load", actor=request.actor, now=request.now
        )
    except OperationRefused as refusal:
        messages.error(request, refusal.message)
    return redirect("staff:import", pk)


def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    chosen = get_object_or_404(ImportRun, pk=pk)
    try:
        operations.cancel_import(run=chosen, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.info(request, _("已取消:没有写入任何数据。"))
    return redirect("staff:import", pk)


def refused(request: StaffRequest, pk: int) -> HttpResponse:
    """The rows that were not taken, as a workbook to correct and import again."""
    chosen = get_object_or_404(ImportRun, pk=pk)
    name = f"refused-{chosen.pk}.xlsx"
    return HttpResponse(
        refused_workbook(chosen),
        content_type=WORKBOOK,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
