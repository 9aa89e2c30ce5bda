"""After an import what jobs take and the store's reminders are worked out anew (both stand below: no import is known)."""

from __future__ import annotations

from django.utils import timezone

from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.events import ImportFinished
from huichang.domains.parts.batch import learn_part_uses
from huichang.domains.reminders import batch
from huichang.kernel.actors import system
from huichang.kernel.events import subscribe
from huichang.kernel.worktime import local_date


@subscribe(ImportFinished)
def on_import_finished(event: ImportFinished) -> None:
    now = timezone.now()
    dealer = Dealer.objects.get(pk=event.dealer_id)
    learn_part_uses(dealer=dealer, on=local_date(now))
    batch.run(actor=system("reminders"), as_of=local_date(now), dealers=[dealer], now=now)
