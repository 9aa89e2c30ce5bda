"""Records that look like one customer, and the one that stands for a merged record."""

from __future__ import annotations

from dataclasses import dataclass

from huichang.domains.customers.models import Customer
from huichang.domains.dealers.models import Dealer
from huichang.kernel import sql

PACKAGE = "huichang.domains.customers"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records and why they look alike: `id_number`, `address` (with the name), `phone`, `name`."""

    first_id: int
    second_id: int
    signs: list[str]


def duplicates(*, dealer: Dealer, most: int) -> list[Pair]:
    """Likely duplicates of a store, the surest first; one query."""
    return [
        Pair(**row) for row in sql.rows(PACKAGE, "find_duplicates", {"dealer_id": dealer.pk, "most": most})
    ]


def twins(customer: Customer, *, most: int = 4) -> list[Pair]:
    """What looks like this customer, the surest first; `second_id` is the other. One query, by indexes."""
    parameters = {"dealer_id": customer.dealer_id, "customer_id": customer.pk, "most": most}
    return [Pair(**row) for row in sql.rows(PACKAGE, "find_twins", parameters)]


def standing(customer_id: int) -> Customer | None:
    """The record that stands for an id: itself, or the one it was merged into; None when there is none."""
    found = Customer.objects.select_related("merged_into").filter(pk=customer_id).first()
    return (found.merged_into or found) if found else None
