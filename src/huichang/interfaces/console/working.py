"""`huichang worker`: runs the jobs of the queue. Any number may run on any host; each job runs once."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket

from huichang.config import lifeline
from huichang.interfaces.console import arguments
from huichang.interfaces.console.words import say

DEFAULT_JOBS = 2
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 20.0  # without a heartbeat for so long, a worker is dead and its jobs are taken over


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        type=arguments.count,
        default=DEFAULT_JOBS,
        help=say("同时执行的任务数", "jobs at the same time"),
    )


def run(args: argparse.Namespace) -> int:
    lifeline.follow_parent()
    asyncio.run(work(jobs=args.jobs))
    return 0


async def work(*, jobs: int) -> None:
    """Run jobs until SIGTERM or SIGINT, finishing those that have begun.

    Jobs of workers that died (kill -9, power) are queued again: every job is idempotent by law.
    """
    from procrastinate.contrib.django import app

    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]  # Django's connector has it
    with app.replace_connector(connector) as worker_app:
        async with worker_app.open_async():
            rescue = asyncio.create_task(_rescue_forever(worker_app))
            try:
                await worker_app.run_worker_async(
                    name=f"{socket.gethostname()}:{os.getpid()}",
                    concurrency=jobs,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    shutdown_graceful_timeout=15,
                    delete_jobs="never",
                )
            finally:
                rescue.cancel()


async def _rescue_forever(app: object) -> None:
    while True:
        await rescue(app)
        await asyncio.sleep(HEARTBEAT_SECONDS)


async def rescue(app: object) -> int:
    """Queue again the jobs whose worker stopped sending heartbeats; returns how many."""
    manager = app.job_manager  # type: ignore[attr-defined]
    stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for job in stalled:
        await manager.retry_job(job)
    return len(stalled)
