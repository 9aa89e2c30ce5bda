"""What the workshop knows of a car: its last visit, what it advised and nobody has done."""

from __future__ import annotations

from datetime import datetime

from huichang.domains.customers.models import Car
from huichang.domains.workshop.models import Finding, FindingStatus, ServiceOrder


def last_visit(car: Car, *, before: datetime) -> ServiceOrder | None:
    """The car's latest closed visit that began before a moment, with its lines; two queries."""
    rows = ServiceOrder.objects.filter(car=car, arrived_at__lt=before).order_by("-arrived_at", "-pk")
    return rows.prefetch_related("lines").first()


def open_findings(car: Car) -> list[Finding]:
    """What was advised for a car and is not done, the latest first; also what the customer declined."""
    rows = Finding.objects.filter(car=car).exclude(status=FindingStatus.DONE)
    return list(rows.order_by("-found_date", "-pk"))
