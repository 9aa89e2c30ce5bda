"""Who belongs together and is called once; what a customer wishes."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Q

from huichang.domains.customers.models import Customer, CustomerNeed
from huichang.domains.customers.queries import primary_phones

MOST = 30


@dataclass(frozen=True, slots=True)
class Household:
    """Who is called for a group, and who else belongs to it; `cars` counts the cars each has now."""

    head: Customer
    members: list[Customer] = field(default_factory=list)

    @property
    def is_alone(self) -> bool:
        return not self.members


def household(customer: Customer) -> Household:
    """The group a customer belongs to; two queries."""
    head_id = customer.called_through_id or customer.pk
    rows = (
        Customer.objects.filter(Q(pk=head_id) | Q(called_through=head_id))
        .annotate(cars=Count("ownerships", filter=Q(ownerships__end_date=None)))
        .prefetch_related(primary_phones())
        .order_by("pk")[: MOST + 1]
    )
    found = {one.pk: one for one in rows}
    head = found.pop(head_id, None) or Customer.objects.get(pk=head_id)
    return Household(head, list(found.values()))


def needs_of(customer: Customer | None) -> list[CustomerNeed]:
    """The wishes that stand, the newest first."""
    if customer is None:
        return []
    rows = CustomerNeed.objects.filter(customer=customer, ended_at=None).select_related("noted_by")
    return list(rows.order_by("-noted_at", "-pk")[:MOST])
