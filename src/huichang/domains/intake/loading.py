"""A run from files to facts: read and clean in batches, stage, merge in one transaction, count, keep refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.intake import batch, policies, reading, staging
from huichang.domains.intake.cleaning import as_text
from huichang.domains.intake.counting import SheetCount
from huichang.domains.intake.facets import OWNERS
from huichang.domains.intake.models import ImportRefusal, ImportRun, StagedRow
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.intake.problems import Problem
from huichang.domains.intake.records import effective_columns, records
from huichang.domains.intake.rows import CleanRow, Refused, SetAside, reader
from huichang.domains.intake.vocabulary import KINDS, PACKED
from huichang.domains.parts.batch import open_stock
from huichang.domains.vehicles.policies import LEAP, LEAP_SLACK
from huichang.kernel.actors import Actor
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.sensitive import blind_index, encrypt
from huichang.kernel.worktime import local_date

BATCH = 2000


class Cancelled(Exception):
    """A person asked for the run to stop; nothing of it was kept."""


Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Loading:
    """One run under way. `progress(stage, rows done)` is called between batches and may raise Cancelled.

    `keep` is the operation that checks the permission and calls `merge`.
    """

    run: ImportRun
    dealer: Dealer
    plans: list[SheetPlan]
    sources: dict[str, Path]
    actor: Actor
    now: datetime
    progress: Progress
    keep: Callable[[Loading], None]
    counts: list[SheetCount] = field(default_factory=list)
    rows_done: int = 0
    late: list[dict[str, Any]] = field(default_factory=list)
    torn: set[str] = field(default_factory=set)

    def execute(self) -> list[SheetCount]:
        """Load everything, or try it when the run is a dry run. Raises Cancelled and reading.Unreadable.

        The counts are complete afterwards; facts are in one transaction, staged rows and refusals in their own.
        """
        self.counts = [SheetCount(plan.file, plan.sheet, plan.kind) for plan in self.plans]
        self._begin_anew()
        try:
            for index in sorted(range(len(self.plans)), key=lambda i: self.plans[i].order):
                if self.plans[index].kind:
                    self._stage_sheet(index)
            self._merge()
        finally:
            with self._scope():
                staging.clear(self.run.pk)
        return self.counts

    def _scope(self) -> Any:
        return dealer_scope(self.dealer.pk)

    def _begin_anew(self) -> None:
        """A run that was killed, or was tried before, leaves nothing behind."""
        with self._scope():
            StagedRow.objects.filter(run=self.run).delete()
            ImportRefusal.objects.filter(run=self.run).delete()

    # --- reading and staging ---

    def _stage_sheet(self, index: int) -> None:
        for numbered in _batches(self._rows_of(index)):
            self.progress("reading", self.rows_done)
            self._stage_batch(index, numbered)
            self.rows_done += len(numbered)

    def _rows_of(self, index: int) -> Iterator[tuple[int, list[Any]]]:
        plan = self.plans[index]
        for sheet in reading.sheets(self.sources[plan.file], plan.file):
            if sheet.name == plan.sheet:
                yield from records(plan, sheet.rows, self.counts[index].left_out)
                return

    def _stage_batch(self, index: int, numbered: Sequence[tuple[int, list[Any]]]) -> None:
        plan, count = self.plans[index], self.counts[index]
        read = reader(plan, self.run.as_of).read
        staged: list[tuple[int, str, str, str, str | None]] = []
        refusals: list[ImportRefusal] = []
        for number, cells in numbered:
            row = read(number, cells)
            if row.refused and plan.part == OWNERS:
                continue  # the order itself is refused, or says too little of its owner
            count.rows += 1
            count.fixed.update(row.fixes)
            count.set_aside.update(one.problem.code for one in row.aside)
            if row.refused:
                count.outcomes["refused"] += 1
                if plan.kind == "order_lines":
                    self.torn.add(row.data.get("number", ""))
                refusals += (self._refusal(plan, number, cells, one) for one in row.refused)
            else:
                staged.append(_staged(plan.kind, row))
        with self._scope():
            if staged:
                staging.stage(self.run.pk, self.dealer.pk, index, plan.kind, staged)
            ImportRefusal.objects.bulk_create(refusals)

    def _refusal(self, plan: SheetPlan, number: int, cells: Sequence[Any], why: Refused) -> ImportRefusal:
        column = why.column
        if column is None:
            column = next((c for c, name in effective_columns(plan).items() if name == why.field), None)
        if column is not None and column >= len(plan.headings):
            column = next((c for c, name in plan.columns.items() if name in PACKED), None)
        heading = plan.headings[column] if column is not None and column < len(plan.headings) else ""
        return ImportRefusal(
            dealer_id=self.dealer.pk,
            run=self.run,
            file=plan.file,
            sheet=plan.sheet,
            row=number,
            column=heading or (column_letter(column) if column is not None else ""),
            value=why.raw[:400],
            code=why.problem.code,
            params=dict(why.problem.params),
            # A facet's record may have cells of its own behind those of the sheet.
            cells=json.dumps([as_text(cell) for cell in (cells[: len(plan.headings)] if plan.part else cells)],
                             ensure_ascii=False),
        )  # fmt: skip

    # --- merging ---

    def _merge(self) -> None:
        with self._scope(), transaction.atomic():
            self.keep(self)
            if self.run.is_dry_run:
                transaction.set_rollback(True)
        self._keep_late_refusals()

    def merge(self) -> None:
        """The statements, inside the caller's transaction; counts what they did."""
        kinds = {plan.kind for plan in self.plans if plan.kind}
        merge = self._constants()
        staging.wait_for_turn(self.dealer.pk)
        with staging.gathered(self.run.pk):
            for stage in batch.merge_all(merge, kinds):
                self.progress(stage, self.rows_done)
            if "parts" in kinds:  # what the export counted begins the books of the stock
                open_stock(
                    dealer_id=self.dealer.pk,
                    actor_id=self.actor.user_id,
                    actor_name=self.actor.name,
                    now=self.now,
                )
            for row in merge.rows("count_outcomes"):
                self.counts[row["sheet"]].outcomes[row["outcome"]] += row["rows"]
            for row in merge.rows("count_flags"):
                self.counts[row["sheet"]].flagged[row["flag"]] += row["rows"]
            self.late = merge.rows("refused_rows")

    def _constants(self) -> batch.Merge:
        today = local_date(self.now)
        return batch.Merge(
            run_id=self.run.pk,
            dealer_id=self.dealer.pk,
            as_of=self.run.as_of,
            now=self.now,
            actor_id=self.actor.user_id,
            actor_name=self.actor.name,
            leap_km_per_day=policy(LEAP, self.dealer, today),
            leap_slack_km=policy(LEAP_SLACK, self.dealer, today),
            first_share=policy(policies.FIRST_RATE_SHARE, self.dealer, today),
            corrections=[index for index, plan in enumerate(self.plans) if plan.is_correction],
            torn=sorted(self.torn),
            owner_sheets=[index for index, plan in enumerate(self.plans) if plan.part == OWNERS],
        )

    def _keep_late_refusals(self) -> None:
        """Rows that only the comparison with other rows and records could refuse; their cells are read again."""
        left_out = [count.left_out.copy() for count in self.counts]
        self._read_late_again()
        for count, before in zip(self.counts, left_out, strict=True):
            count.left_out = before

    def _read_late_again(self) -> None:
        late: dict[int, dict[int, dict[str, Any]]] = {}
        for row in self.late:
            late.setdefault(row["sheet"], {})[row["row"]] = row
        for index, rows in late.items():
            wanted = ((number, cells) for number, cells in self._rows_of(index) if number in rows)
            for numbered in _batches(wanted):
                refusals = [self._late_refusal(index, rows[number], cells) for number, cells in numbered]
                with self._scope():
                    ImportRefusal.objects.bulk_create(refusals)

    def _late_refusal(self, index: int, row: dict[str, Any], cells: Sequence[Any]) -> ImportRefusal:
        plan, params = self.plans[index], _parameters(row["params"])
        name = str(params.get("field", ""))
        column = next((c for c, field_name in effective_columns(plan).items() if field_name == name), None)
        if name in KINDS[plan.kind].fields:
            params["field"] = f"{plan.kind}.{name}"  # each kind has its own word for it
        raw = as_text(cells[column]) if column is not None and column < len(cells) else ""
        return self._refusal(
            plan, row["row"], cells, Refused(name, column, raw, Problem(row["code"], params))
        )


def _parameters(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else dict(value or {})


def _batches(rows: Iterable[tuple[int, list[Any]]]) -> Iterator[list[tuple[int, list[Any]]]]:
    batch_rows: list[tuple[int, list[Any]]] = []
    for row in rows:
        batch_rows.append(row)
        if len(batch_rows) == BATCH:
            yield batch_rows
            batch_rows = []
    if batch_rows:
        yield batch_rows


# The record that a cell set aside belongs to; what is not named here belongs to the car of the row.
_OF_CUSTOMER = {
    "name", "customer_kind", "gender", "id_number", "mobile", "phone", "third_phone", "address", "email", "birthday",
    "has_wechat", "mixed",
}  # fmt: skip


def _record_of(kind: str, name: str) -> str:
    if kind == "customers":
        return "customer" if name in _OF_CUSTOMER else "car"
    return "order" if kind == "orders" else "other"


def _staged(kind: str, row: CleanRow) -> tuple[int, str, str, str, str | None]:
    todos = [_todo(kind, one) for one in row.aside]
    return (
        row.row,
        row.key,
        row.digest,
        json.dumps(row.data, ensure_ascii=False),
        json.dumps(todos, ensure_ascii=False) if todos else None,
    )


def _todo(kind: str, one: SetAside) -> dict[str, Any]:
    raw = one.raw[:400]
    return {
        "record": _record_of(kind, one.field),
        "field": one.field,
        "token": encrypt(raw) if raw else "",
        "index": blind_index(raw),
        "code": one.problem.code,
        "params": dict(one.problem.params),
    }


def column_letter(column: int) -> str:
    """0 → A, 26 → AA: how a spreadsheet names a column without a heading."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
