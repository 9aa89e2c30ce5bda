"""Background work of parts."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import batch, operations
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date


@app.periodic(cron="1 22 * * *")  # 06:01 in China: before the due lists are made
@app.task(name="parts.start_day", queue="periodic", queueing_lock="parts.start_day", pass_context=False)
def start_day(timestamp: int) -> None:
    """Every store's parts at the start of its day: what jobs take, lead times, promises, alarms."""
    now = timezone.now()
    for dealer in Dealer.objects.filter(is_active=True):
        with dealer_scope(dealer.pk):
            batch.learn_part_uses(dealer=dealer, on=local_date(now))
            operations.start_day(dealer=dealer, actor=system("parts.start_day"), now=now)
