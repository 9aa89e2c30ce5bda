"""A store's own file: customers, phones, cars with plates, ownership. Another store never sees it."""

from __future__ import annotations

from huichang.domains.customers.models.car import Bond, Car, CarStatus, Ownership, Usage
from huichang.domains.customers.models.customer import (
    Customer,
    CustomerKind,
    CustomerNeed,
    CustomerPhone,
    CustomerTag,
    Gender,
    NeedKind,
    PhoneKind,
    Tag,
)
from huichang.domains.customers.models.records import CustomerMerge, Disclosure, KnownApart

__all__ = [
    "Bond",
    "Car",
    "CarStatus",
    "Customer",
    "CustomerKind",
    "CustomerMerge",
    "CustomerNeed",
    "CustomerPhone",
    "CustomerTag",
    "Disclosure",
    "Gender",
    "KnownApart",
    "NeedKind",
    "Ownership",
    "PhoneKind",
    "Tag",
    "Usage",
]
