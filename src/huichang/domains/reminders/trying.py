"""What the coming month would bring under the policies as they are now, forecasts worked out anew."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders.batch import area_of
from huichang.domains.reminders.forecast import forecast, learn, needs_learning
from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.queries import upcoming
from huichang.kernel.scoping import dealer_scope


def would_be_due(*, dealer: Dealer, first: date, last: date, as_of: date) -> dict[str, int]:
    """How many would be due by kind from `first` up to, not including, `last` at a store. Leaves nothing behind.

    Stored forecasts were made with the policies of the last run, so they are made again inside a savepoint that is
    rolled back; the same statements that a run uses.
    """
    with dealer_scope(dealer.pk), transaction.atomic():
        area = area_of([dealer], as_of)
        if needs_learning(area):
            learn(area)
        forecast(area)
        found = {code: upcoming(kind=code, first=first, last=last) for code in KINDS}
        transaction.set_rollback(True)
    return found
