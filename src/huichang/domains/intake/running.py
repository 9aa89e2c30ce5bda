"""Carry a run through: load, count, close. Used by the job and by the console alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from huichang.domains.complaints.models import Complaint
from huichang.domains.customers.models import Car, Customer, CustomerPhone, Ownership
from huichang.domains.dealers.models import Dealer
from huichang.domains.intake import operations, reading
from huichang.domains.intake.liveness import alive
from huichang.domains.intake.loading import Cancelled, Loading
from huichang.domains.intake.models import ImportRun
from huichang.domains.intake.planning import Plan, Source
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.vehicles.models import OdometerReading, Vehicle
from huichang.domains.workshop.models import Finding, OrderLine, ServiceOrder
from huichang.kernel.actors import Actor
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.sql import refresh_statistics

Clock = Callable[[], datetime]
# What an import fills by the thousand and the due lists read a moment later.
FILLED = (
    Car, Complaint, Customer, CustomerPhone, Finding, OdometerReading, OrderLine, Ownership, ServiceOrder, Vehicle,
)  # fmt: skip


@contextmanager
def begun(
    *, dealer: Dealer, plan: Plan, is_dry_run: bool, actor: Actor, now: datetime
) -> Iterator[ImportRun]:
    """A run of files on this machine, carried out in the block by this process. Opens its own scope."""
    with ExitStack() as stack:
        with dealer_scope(dealer.pk):
            run = operations.begin_run(dealer=dealer, plan=plan, is_dry_run=is_dry_run, actor=actor, now=now)
            # Before anybody else can see it: a run that nobody carries out is closed by the next import.
            stack.enter_context(alive(run.pk))
        yield run


def carry_out(
    *,
    run: ImportRun,
    dealer: Dealer,
    sources: Sequence[Source],
    actor: Actor,
    clock: Clock,
    watch: Callable[[str, int], None] | None = None,
) -> dict[str, Any]:
    """Load a run that is under way and close it; returns its result. Outside any scope: it opens its own.

    On any error nothing is kept; the run is closed as cancelled or failed. Raises reading.Unreadable and whatever
    was unexpected.
    """
    loading = Loading(
        run=run,
        dealer=dealer,
        plans=[SheetPlan.from_json(sheet) for sheet in run.sheets],
        sources={source.name: source.path for source in sources},
        actor=actor,
        now=clock(),
        progress=partial(_tell, run, watch),
        keep=lambda one: operations.merge_run(loading=one, actor=actor),
    )
    close = partial(_close, run, actor, clock)
    try:
        counts = loading.execute()
    except Cancelled:
        close("cancelled", {})
        return {}
    except reading.Unreadable as error:
        close("failed", {}, str(error))
        raise
    except Exception as error:
        close("failed", {}, f"{type(error).__name__}: {error}")
        raise
    if not run.is_dry_run:
        refresh_statistics(FILLED)
    result = {
        "sheets": [count.as_json() for count in counts if count.kind],
        "skipped": [
            {"file": plan.file, "sheet": plan.sheet, "rows": plan.rows}
            for plan in loading.plans
            if not plan.kind
        ],
    }
    close("checked" if run.is_dry_run else "finished", result)
    return result


def _close(
    run: ImportRun, actor: Actor, clock: Clock, status: str, result: dict[str, Any], error: str = ""
) -> None:
    with dealer_scope(run.dealer_id):
        operations.end_run(run=run, status=status, result=result, error=error, actor=actor, now=clock())


def _tell(run: ImportRun, watch: Callable[[str, int], None] | None, stage: str, rows_done: int) -> None:
    """Keep the progress where pages see it, and stop when somebody asked for it."""
    with dealer_scope(run.dealer_id):
        rows = ImportRun.objects.filter(pk=run.pk)
        rows.update(stage=stage, rows_done=rows_done)
        if rows.values_list("cancel_requested", flat=True).first():
            raise Cancelled
    if watch:
        watch(stage, rows_done)
