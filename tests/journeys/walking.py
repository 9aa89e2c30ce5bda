"""What journeys share: running the queued jobs at once, and the law that rows point only at their own store."""

from __future__ import annotations

import json

from django.db import connection

from huichang.kernel.events import deliver


def deliver_events() -> int:
    """Run every waiting event job as the worker would, those they queue included; returns how many."""
    done = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, args FROM procrastinate_jobs"
                " WHERE task_name = 'kernel.deliver' AND status = 'todo' ORDER BY id"
            )
            waiting = cursor.fetchall()
        if not waiting:
            return done
        for number, args in waiting:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s AND status = 'todo'",
                    [number],
                )
            deliver(**(args if isinstance(args, dict) else json.loads(args)))
            with connection.cursor() as cursor:  # its lock is free again for the next subscriber
                cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [number])
            done += 1
