from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.integrations import batch, policies
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date


@app.periodic(cron="41 3 * * *")
@app.task(name="integrations.forget_keys", queue="periodic", queueing_lock="integrations.forget_keys")
def forget_keys(timestamp: int) -> None:
    """Every night: forget the answers to repeated writes that are older than the store's policy."""
    now = timezone.now()
    for dealer in Dealer.objects.filter(is_active=True):
        with dealer_scope(dealer.pk):
            hours = policy(policies.KEY_HOURS, dealer, local_date(now))
            batch.forget_keys(dealer_id=dealer.pk, before=now - timedelta(hours=hours))
