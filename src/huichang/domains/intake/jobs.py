"""The import in the background."""

from __future__ import annotations

from contextlib import ExitStack

from django.utils import timezone
from procrastinate.contrib.django import app

from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.models import ImportRun
from huichang.domains.intake.running import carry_out
from huichang.domains.intake.uploads import files_on_disk
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.scoping import dealer_scope


@app.task(name="intake.run_import", queue="imports")
def run_import(run_id: int, dealer_id: int) -> None:
    """Carry out a queued run. One that was interrupted is begun anew: nothing of it was kept."""
    with dealer_scope(dealer_id):
        run = ImportRun.objects.get(pk=run_id)
        dealer = Dealer.objects.get(pk=dealer_id)
        actor = Actor(run.created_by_name, user_id=run.created_by_id, dealer_id=dealer_id, is_system=True)
        if run.status == "queued":
            move(run, "running", actor=actor, now=timezone.now(), also={"started_at": timezone.now()})
        elif run.status != "running":
            return  # cancelled before its turn
    with ExitStack() as stack:
        with dealer_scope(dealer_id):
            sources = stack.enter_context(files_on_disk(run))
        carry_out(run=run, dealer=dealer, sources=sources, actor=actor, clock=timezone.now)
