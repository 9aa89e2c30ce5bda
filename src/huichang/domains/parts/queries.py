from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max

from huichang.domains.catalog.models import LabourOperation
from huichang.domains.parts.models import PartUse


def slowest_lead_days(labour: Iterable[LabourOperation | int]) -> int:
    """Lead time in days of the slowest part these jobs (or their ids) usually take; 0 when none is known."""
    uses = PartUse.objects.filter(labour__in=list(labour), part__is_active=True)
    return int(uses.aggregate(slowest=Max("part__lead_days"))["slowest"] or 0)
