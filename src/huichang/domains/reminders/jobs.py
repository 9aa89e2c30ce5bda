"""The daily run, the month's plan on its last day, the census after its end (REM-16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from procrastinate.contrib.django import app

from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import batch, months
from huichang.domains.reminders.operations.programme import ask_sellers
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import add_months, local_date

_ACTOR = system("reminders")


@app.periodic(cron="5 22 * * *")  # 06:05 in China, before the stores open
@app.task(name="reminders.daily", queue="reminders", queueing_lock="reminders.daily")
def daily(timestamp: int) -> None:
    """Queue each store's run, so that one store's trouble does not stop the others."""
    for pk in Dealer.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        run_store.configure(lock=f"reminders:{pk}").defer(dealer_id=pk, timestamp=timestamp)


@app.task(name="reminders.run_store", queue="reminders")
def run_store(dealer_id: int, timestamp: int) -> None:
    """One store's day: the run, on the last day of a month the next one's plan, then the census of the last one."""
    now = datetime.fromtimestamp(timestamp, tz=UTC)
    today = local_date(now)
    with dealer_scope(dealer_id):
        dealers = [Dealer.objects.get(pk=dealer_id)]
        batch.run(actor=_ACTOR, as_of=today, dealers=dealers, now=now)
        ask_sellers(dealer=dealers[0], actor=_ACTOR, now=now)
        next_month = add_months(today.replace(day=1), 1)
        if today + timedelta(days=1) == next_month:
            months.plan_month(actor=_ACTOR, month=next_month, dealers=dealers, now=now)
        # Not only on the 1st: a worker that was down that day catches up on the next.
        last_month = add_months(today.replace(day=1), -1)
        if months.is_planned(last_month, dealers):
            months.freeze_month(actor=_ACTOR, month=last_month, dealers=dealers, now=now)
