from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from huichang.domains.owners import batch


@app.periodic(cron="27 3 * * *")
@app.task(name="owners.forget", queue="periodic", queueing_lock="owners.forget")
def forget(timestamp: int) -> None:
    """Every night: forget codes and sessions that are over, old tries, and accounts that never had a car."""
    batch.forget(now=timezone.now())
