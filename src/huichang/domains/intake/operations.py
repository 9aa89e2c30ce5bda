"""Writes of the import: begin one from files, set how a sheet is read, start, cancel, merge, settle to-dos."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.intake import planning, reading, staging
from huichang.domains.intake.events import ImportFinished
from huichang.domains.intake.liveness import is_alive
from huichang.domains.intake.models import ImportFile, ImportMapping, ImportRun, RecordToDo
from huichang.domains.intake.permissions import P
from huichang.domains.intake.planning import Plan
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.intake.uploads import Upload, on_disk, unique_names, unpacked
from huichang.domains.intake.vocabulary import KINDS, MIXED, PACKED
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move, record
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

if TYPE_CHECKING:
    from huichang.domains.intake.loading import Loading

LARGEST_FILE = 100 * 2**20


@operation(P.IMPORT)
def begin_import(*, dealer: Dealer, uploads: Sequence[Upload], actor: Actor, now: datetime) -> ImportRun:
    """A draft from uploaded files (name, content): sheets recognised, nothing loaded yet.

    Raises OperationRefused when a file cannot be read, and when no file holds a row.
    """
    if not uploads:
        raise OperationRefused(_("请选择要导入的文件。"), field="files")
    for name, content in uploads:
        if len(content) > LARGEST_FILE:
            raise OperationRefused(_("{name} 超过 100 MB,请分成几个文件。").format(name=name), field="files")
    try:
        opened = unpacked(uploads)
        names = unique_names(name for name, _content in opened)
        files = [(name, content) for name, (_old, content) in zip(names, opened, strict=True)]
        with on_disk(files) as sources:
            plan = planning.make_plan(sources)
    except reading.Unreadable as error:
        raise OperationRefused(str(error), field="files") from error
    if plan.is_empty:
        raise OperationRefused(_("文件里没有数据行(只有表头,或是空表)。"), field="files")
    _close_abandoned(actor, now)
    run = _new_run(dealer, plan, actor, now)
    ImportFile.objects.bulk_create(
        ImportFile(dealer=dealer, run=run, name=name, content=content) for name, content in files
    )
    return run


@operation(P.IMPORT)
def begin_run(*, dealer: Dealer, plan: Plan, is_dry_run: bool, actor: Actor, now: datetime) -> ImportRun:
    """A run of files that are on this machine (the console's); already under way."""
    _close_abandoned(actor, now)
    run = _new_run(dealer, plan, actor, now)
    move(run, "queued", actor=actor, now=now, also={"is_dry_run": is_dry_run})
    move(run, "running", actor=actor, now=now, also={"started_at": now})
    return run


def _close_abandoned(actor: Actor, now: datetime) -> None:
    """Close the console's runs whose process is gone (killed, power cut): nothing of them was kept."""
    running = ImportRun.objects.filter(status="running", files=None)
    for run in running:
        if not is_alive(run.pk):
            also = {"error": _("导入的进程中断了,没有写入任何数据。"), "finished_at": now, "stage": ""}
            move(run, "failed", actor=actor, now=now, also=also)
            staging.clear(run.pk)


def _new_run(dealer: Dealer, plan: Plan, actor: Actor, now: datetime) -> ImportRun:
    run = ImportRun.objects.create(
        dealer=dealer,
        as_of=_export_day(plan.as_of, now),
        sheets=[sheet.as_json() for sheet in plan.sheets],
        rows_total=sum(sheet.rows for sheet in plan.sheets if sheet.kind),
        created_at=now,
        created_by_id=actor.user_id,
        created_by_name=actor.name,
    )
    record(run, before="", after=run.status, actor=actor, now=now)
    return run


def _export_day(stated: date | None, now: datetime) -> date:
    """Facts without a day of their own hold from the day of the export, never from one to come."""
    today = local_date(now)
    return min(stated, today) if stated else today


@operation(P.IMPORT)
def set_sheet(
    *, run: ImportRun, index: int, kind: str, columns: dict[int, str], actor: Actor, now: datetime
) -> SheetPlan:
    """Set how sheet number `index` is read ('' leaves it out) and remember it for these headings.

    Raises OperationRefused for a run under way, an unknown kind, or a mapping that lacks an essential column.
    """
    if run.status not in {"draft", "checked", "cancelled", "failed"}:
        raise OperationRefused(_("导入正在进行,不能再改对应关系。"))
    plan = SheetPlan.from_json(run.sheets[index])
    if kind and kind not in KINDS:
        raise OperationRefused(_("没有这种表。"), field="kind")
    chosen = {column: name for column, name in columns.items() if name}
    if kind:
        _check_columns(kind, chosen)
    plan.kind, plan.columns, plan.missing, plan.remembered = kind, chosen if kind else {}, [], True
    sheets = list(run.sheets)
    sheets[index] = plan.as_json()
    run.sheets = sheets
    run.rows_total = sum(sheet["rows"] for sheet in sheets if sheet["kind"])
    run.save(update_fields=["sheets", "rows_total"])
    ImportMapping.objects.update_or_create(
        dealer_id=run.dealer_id,
        fingerprint=plan.fingerprint,
        defaults={
            "kind": kind,
            "columns": {str(column): name for column, name in plan.columns.items()},
            "heading_row": plan.heading_row,
            "updated_at": now,
        },
    )
    return plan


_MAY_BE_MIXED = {"name", "vin"}  # fields that a cell of several fields may hold


def _check_columns(kind: str, columns: dict[int, str]) -> None:
    known = KINDS[kind].fields
    twice = {name for name in columns.values() if list(columns.values()).count(name) > 1}
    if twice:
        label = known[min(twice)].label if min(twice) in known else min(twice)
        raise OperationRefused(_("“{name}”对应了两列,请只留一列。").format(name=label), field="columns")
    held = set(columns.values())
    lacking = [
        item.label
        for item in known.values()
        if item.essential
        and item.name not in held
        and not (item.name in _MAY_BE_MIXED and held & set(MIXED))
        and not (kind == "order_lines" and item.name == "name" and held & set(PACKED))
    ]
    if lacking:
        raise OperationRefused(_("还没有指定:{names}").format(names="、".join(lacking)), field="columns")


@operation(P.IMPORT)
def start_import(*, run: ImportRun, is_dry_run: bool, actor: Actor, now: datetime) -> None:
    """Queue the run for the worker, as a trial or for good. Raises TransitionRefused, OperationRefused."""
    if not any(sheet["kind"] for sheet in run.sheets):
        raise OperationRefused(_("没有一张表可以导入:请先指定表的种类。"))
    also: dict[str, Any] = {
        "is_dry_run": is_dry_run,
        "cancel_requested": False,
        "rows_done": 0,
        "stage": "",
        "error": "",
    }
    move(run, "queued", actor=actor, now=now, also=also)
    from huichang.domains.intake.jobs import run_import  # the job imports these operations

    run_import.configure(lock=f"intake:{run.dealer_id}").defer(run_id=run.pk, dealer_id=run.dealer_id)


@operation(P.IMPORT)
def cancel_import(*, run: ImportRun, actor: Actor, now: datetime) -> None:
    """Stop a run: at once when it waits, at the next batch when it is under way. Raises TransitionRefused."""
    if run.status == "running":
        ImportRun.objects.filter(pk=run.pk, status="running").update(cancel_requested=True)
        run.cancel_requested = True
        return
    move(run, "cancelled", actor=actor, now=now, also={"finished_at": now})


@operation(P.IMPORT)
def merge_run(*, loading: Loading, actor: Actor) -> None:
    """Merge the staged rows of a run into the store's file, in the caller's scope."""
    loading.merge()
    if not loading.run.is_dry_run:
        publish(ImportFinished(dealer_id=loading.dealer.pk, run_id=loading.run.pk))


@operation(P.IMPORT)
def end_run(
    *, run: ImportRun, status: str, result: dict[str, Any], error: str = "", actor: Actor, now: datetime
) -> None:
    """Close a run with its counts; a finished one lets its files go (they hold personal data)."""
    also = {"result": result, "error": error[:400], "finished_at": now, "stage": ""}
    with transaction.atomic():
        move(run, status, actor=actor, now=now, also=also)
        if status == "finished":
            ImportFile.objects.filter(run=run).delete()


@operation(P.RESOLVE)
def settle_todo(*, todo: RecordToDo, note: str, actor: Actor, now: datetime) -> None:
    """Somebody has looked after a cell that was set aside. Raises OperationRefused when it is done already."""
    done = RecordToDo.objects.filter(pk=todo.pk, done_at=None).update(
        done_at=now, done_by_id=actor.user_id, note=note[:200]
    )
    if not done:
        raise OperationRefused(_("这一条已经处理过了。"))
