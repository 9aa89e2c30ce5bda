"""The rows of a run on their way in: staged in a shared table, gathered in a temporary one for merging."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from huichang.kernel import sql

PACKAGE = __package__


def stage(
    run_id: int, dealer_id: int, sheet: int, kind: str, rows: Sequence[tuple[int, str, str, str, str | None]]
) -> None:
    """Insert cleaned rows: (row number, key, digest, data as JSON, to-dos as JSON or None)."""
    numbers, keys, digests, data, todos = (list(column) for column in zip(*rows, strict=True))
    parameters = {"run_id": run_id, "dealer_id": dealer_id, "sheet": sheet, "kind": kind, "rows": numbers,
                  "keys": keys, "digests": digests, "data": data, "todos": todos}  # fmt: skip
    sql.execute(PACKAGE, "stage_rows", parameters)


def clear(run_id: int) -> None:
    """Drop the staged rows of a run."""
    sql.execute(PACKAGE, "clear_staged", {"run_id": run_id})


_MERGING = 0x48434D47  # the class of our advisory locks on merging


def wait_for_turn(dealer_id: int) -> None:
    """One merge at a time into a store's file, whoever began it; the lock goes with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_MERGING, dealer_id])


@contextmanager
def gathered(run_id: int) -> Iterator[None]:
    """Inside, `intake_stagedrow` is a temporary table with the rows of this run only.

    The shared table's statistics know nothing of rows that arrived a moment ago, and the application may not
    ANALYZE what it does not own: joins on guesses took minutes. A temporary table is ours to analyze, hides the
    shared one by its name, writes no WAL and goes with the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.intake_stagedrow")
        cursor.execute(
            "CREATE TEMPORARY TABLE intake_stagedrow ON COMMIT DROP AS"
            " SELECT * FROM public.intake_stagedrow WHERE run_id = %s",
            [run_id],
        )
        for columns in ("id", "kind, key", "kind, car_id"):
            cursor.execute(f"CREATE INDEX ON pg_temp.intake_stagedrow ({columns})")
        cursor.execute("ANALYZE pg_temp.intake_stagedrow")
        # The same holds for what the run itself has just added to the store's tables: a nested loop chosen for one
        # expected row meets fifty thousand. Hash and merge joins are linear whatever was expected.
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute("DROP TABLE pg_temp.intake_stagedrow")


def refresh_statistics() -> None:
    """After the cars of the run are known: the plans of the later statements hang on them."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE pg_temp.intake_stagedrow")
