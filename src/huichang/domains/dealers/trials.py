"""A policy value that holds only while somebody looks at what it would do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from huichang.domains.dealers.models import Dealer, PolicyLevel, PolicyValue, Region
from huichang.kernel.worktime import local_date


@contextmanager
def as_if(
    key: str, raw: str, *, now: datetime, dealer: Dealer | None = None, region: Region | None = None
) -> Iterator[None]:
    """Inside the block the policy has this value from today on; afterwards it never did.

    Everything the block writes is undone with it, so batch statements may run for their counts. `raw` is a value
    that the policy accepts; the place is a store, a region, or (neither given) the manufacturer.
    """
    level = PolicyLevel.DEALER if dealer else PolicyLevel.REGION if region else PolicyLevel.MAKER
    with transaction.atomic():
        PolicyValue.objects.create(
            key=key, level=level, dealer=dealer, region=region, value=raw,
            effective_date=local_date(now), author_name="", created_at=now,
        )  # fmt: skip
        yield
        transaction.set_rollback(True)
