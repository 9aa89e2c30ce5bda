"""Whether the process that carries a run out is still there: it holds a lock of the database while it lives.

Runs of the browser are carried out by workers, whose jobs are taken over when they die; runs of the console have
nobody to take them over and are closed by the next import.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

_ALIVE = 0x4843414C  # the class of our advisory locks on runs


@contextmanager
def alive(run_id: int) -> Iterator[None]:
    """Show that the run has a process, for as long as the block runs and the process lives."""
    with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as own, own.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_ALIVE, run_id])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_ALIVE, run_id])


def is_alive(run_id: int) -> bool:
    """Whether a process shows itself for this run."""
    with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as own, own.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_ALIVE, run_id])
        is_free = bool(cursor.fetchone()[0])
        if is_free:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_ALIVE, run_id])
        return not is_free
