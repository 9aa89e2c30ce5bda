"""What a night changes for parts without anybody touching them."""

from __future__ import annotations

from datetime import datetime

from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import batch, settling
from huichang.domains.parts.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.operations import operation


@operation(P.PURCHASE)
def start_day(*, dealer: Dealer, actor: Actor, now: datetime) -> None:
    """Begin a store's day: lead times learned anew, promises moved on, late visits told of, alarms renewed.

    Publishes PartsLate for visits that became late overnight. Repeating it on the same day changes nothing.
    """
    by = settling.hand(dealer, {}, actor=actor, now=now)
    batch.learn_leads(dealer=dealer, on=by.today)
    batch.renew_promises(dealer_id=dealer.pk, today=by.today, buffer_days=by.buffer.days)
    settling.tell_late(by)
    batch.renew_alarms(dealer_id=dealer.pk, today=by.today, now=now, unfitted_days=by.unfitted_days)
