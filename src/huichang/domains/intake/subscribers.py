"""After an import the store's reminders are worked out anew (reminders stand below and cannot know of imports)."""

from __future__ import annotations

from django.utils import timezone

from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.events import ImportFinished
from huichang.domains.reminders import batch
from huichang.kernel.actors import system
from huichang.kernel.events import subscribe
from huichang.kernel.worktime import local_date


@subscribe(ImportFinished)
def on_import_finished(event: ImportFinished) -> None:
    now = timezone.now()
    dealer = Dealer.objects.get(pk=event.dealer_id)
    batch.run(actor=system("reminders"), as_of=local_date(now), dealers=[dealer], now=now)
