"""Rows that named a merged customer while the merge was under way follow it. Idempotent."""

from __future__ import annotations

from django.utils import timezone

from huichang.domains.customers.events import CustomersMerged
from huichang.domains.customers.merging import Merging, make_room, move_rows
from huichang.domains.customers.models import Customer
from huichang.kernel.actors import system
from huichang.kernel.events import subscribe


@subscribe(CustomersMerged)
def gather_late_rows(event: CustomersMerged) -> None:
    dropped = Customer.objects.select_related("merged_into").get(pk=event.dropped_id)
    assert dropped.merged_into is not None  # the event says so; a merge is never taken back by itself
    merging = Merging(dropped.merged_into, dropped, system("customers"), timezone.now())
    make_room(merging)
    move_rows(merging)
