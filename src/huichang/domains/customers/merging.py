"""Whose rows move when one customer is merged into another (docs/adr/0009-merging-customers.md).

Foreign keys point down, so this domain cannot name the tables above it. It need not: every foreign key to a customer
is found in the models and moved. A domain in which two rows may not meet (two open cases of one customer) gives a
rule that makes room first; the rules are named in `settings.CUSTOMER_MERGE_RULES`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from huichang.domains.customers.models import (
    Customer,
    CustomerMerge,
    CustomerPhone,
    CustomerTag,
    KnownApart,
    Ownership,
)
from huichang.kernel.actors import Actor

# Rows that tell of the two records themselves and stay with them.
STAYING = (Customer, CustomerMerge, KnownApart)


@dataclass(frozen=True, slots=True)
class Merging:
    """One merge under way: `dropped` becomes a pointer to `kept`. Both rows are locked."""

    kept: Customer
    dropped: Customer
    actor: Actor
    now: datetime


class MergeRule(Protocol):
    """Makes room in the tables of a domain before their rows move. May veto by raising OperationRefused."""

    def __call__(self, merging: Merging) -> None: ...


def rules() -> list[MergeRule]:
    """The rules of the domains above, in the order of the settings."""
    return [import_string(path) for path in settings.CUSTOMER_MERGE_RULES]


def references() -> Iterator[tuple[Any, Any]]:
    """(model, field) of every foreign key to a customer whose rows follow a merge."""
    for model in apps.get_models():
        if model in STAYING:
            continue
        for field in model._meta.local_fields:
            if field.is_relation and field.related_model is Customer:
                yield model, field


def make_room(merging: Merging) -> None:
    """Settle what may exist only once: here phones, tags and bonds, then what the domains above declare."""
    _phones(merging)
    _tags(merging)
    _bonds(merging)
    for rule in rules():
        rule(merging)


def move_rows(merging: Merging) -> dict[str, list[int]]:
    """Point every row at `kept`. Returns the ids moved, by "table.column"."""
    moved: dict[str, list[int]] = {}
    for model, field in references():
        rows = model.objects.filter(**{field.name: merging.dropped})
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        if ids:
            model.objects.filter(pk__in=ids).update(**{field.name: merging.kept})
            moved[f"{model._meta.db_table}.{field.column}"] = ids
    return moved


def _phones(merging: Merging) -> None:
    """A number both have is one number: wrong when either was found wrong. The kept record's first one stays first."""
    own = {phone.number: phone for phone in CustomerPhone.objects.filter(customer=merging.kept)}
    has_first = any(phone.is_primary for phone in own.values())
    for phone in CustomerPhone.objects.filter(customer=merging.dropped):
        twin = own.get(phone.number)
        if twin is None:
            if phone.is_primary and has_first:
                phone.is_primary = False
                phone.save(update_fields=["is_primary"])
            continue
        if phone.is_wrong and not twin.is_wrong:
            twin.is_wrong = True
            twin.save(update_fields=["is_wrong"])
        phone.delete()


def _tags(merging: Merging) -> None:
    both = CustomerTag.objects.filter(customer=merging.kept).values("tag")
    CustomerTag.objects.filter(customer=merging.dropped, tag__in=both).delete()


def _bonds(merging: Merging) -> None:
    """Both are bound to one car in the same way today: one bond, since the earlier day."""
    own = {
        (bond.car_id, bond.bond): bond
        for bond in Ownership.objects.filter(customer=merging.kept, end_date=None)
    }
    for bond in Ownership.objects.filter(customer=merging.dropped, end_date=None):
        twin = own.get((bond.car_id, bond.bond))
        if twin is None:
            continue
        if bond.start_date and (twin.start_date is None or bond.start_date < twin.start_date):
            twin.start_date = bond.start_date
            twin.save(update_fields=["start_date"])
        bond.delete()


def follow_pointers(merging: Merging) -> None:
    """Households, earlier merges and what is known apart: nobody points at `dropped` any more."""
    kept, dropped = merging.kept, merging.dropped
    Customer.objects.filter(merged_into=dropped).update(merged_into=kept)
    head_id = next(
        (pk for pk in (kept.called_through_id, dropped.called_through_id) if pk not in {None, kept.pk, dropped.pk}),
        None,
    )  # fmt: skip
    Customer.objects.filter(called_through=dropped).exclude(pk=kept.pk).update(called_through=kept)
    if (
        head_id is not None
    ):  # one step deep: who was called through either is called through their spokesperson
        Customer.objects.filter(called_through=kept).exclude(pk=head_id).update(called_through_id=head_id)
        Customer.objects.filter(pk=head_id).update(called_through=None)
    kept.called_through_id, dropped.called_through_id = head_id, None
    known = KnownApart.objects.filter(first=dropped) | KnownApart.objects.filter(second=dropped)
    for pair in known:
        other_id = pair.second_id if pair.first_id == dropped.pk else pair.first_id
        first_id, second_id = sorted((kept.pk, other_id))
        if other_id != kept.pk and not KnownApart.objects.filter(first=first_id, second=second_id).exists():
            KnownApart.objects.create(
                dealer_id=pair.dealer_id, first_id=first_id, second_id=second_id, said_at=pair.said_at,
                said_by_id=pair.said_by_id,
            )  # fmt: skip
        pair.delete()
