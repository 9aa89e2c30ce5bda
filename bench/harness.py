"""What every measurement stands on: a scratch database as embedded for users, and honest timing."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any


@contextmanager
def scratch_database() -> Iterator[None]:
    """A migrated database in a temporary home, durable default settings; Django is set up when this yields.

    `django.db.connections["owner"]` owns the tables, `["default"]` is the application.
    """
    with tempfile.TemporaryDirectory(prefix="hcb-") as folder:
        os.environ["HUICHANG_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "huichang.config.settings"
        os.environ.pop("DATABASE_APP_URL", None)
        from huichang.config.embedded import Cluster

        cluster = Cluster(Path(folder))
        cluster.start(die_with_parent=True)
        os.environ["DATABASE_URL"] = cluster.url()
        import django

        django.setup()
        from huichang.interfaces.console.migrating import migrate

        migrate(verbosity=0)
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()
            cluster.stop()


def owner_cursor() -> Any:
    """A cursor of the owner, for generating data past row security."""
    from django.db import connections

    return connections["owner"].cursor()


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def p95(work: Callable[[int], object], times: int = 300, warm: int = 20) -> float:
    """95th percentile in seconds of `work(i)`."""
    for number in range(warm):
        work(number)
    found = sorted(seconds(partial(work, number)) for number in range(times))
    return found[int(len(found) * 0.95)]


def median(work: Callable[[], object], times: int = 5) -> float:
    """Median seconds of several calls."""
    return statistics.median(seconds(work) for _ in range(times))


def report(name: str, measured: float, control: float, limit: float) -> bool:
    """Print one line of the results table; False when the ratio is over the limit."""
    ratio = measured / control
    verdict = "ok" if ratio <= limit else "OVER"
    print(
        f"| {name} | {measured * 1000:.2f} ms | {control * 1000:.2f} ms | {ratio:.2f} | ≤ {limit} | {verdict} |"
    )
    return ratio <= limit
