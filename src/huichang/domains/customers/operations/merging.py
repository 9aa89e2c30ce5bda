"""Two records of one customer become one; or they are known to be two."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.customers.events import CarChanged, CustomersMerged
from huichang.domains.customers.merging import Merging, follow_pointers, make_room, move_rows
from huichang.domains.customers.models import Customer, CustomerMerge, CustomerPhone, KnownApart, Ownership
from huichang.domains.customers.operations.shared import _refuse_merged, _save
from huichang.domains.customers.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.operations import OperationRefused, operation

# What a person chooses between two records. The derived and the hidden companions of a column go with it.
CHOICES = (
    "kind", "name", "gender", "id_number", "birthday", "address", "workplace", "email", "preferred_time",
    "next_service", "remark",
)  # fmt: skip
_WITH = {"name": ("name_pinyin", "name_initials"), "id_number": ("id_number_index",)}
REMARK_LENGTH = 400


@operation(P.MERGE)
def merge_customers(
    *,
    kept: Customer,
    dropped: Customer,
    taken: Collection[str],
    reason: str,
    actor: Actor,
    now: datetime,
    first_phone: str = "",
) -> CustomerMerge:
    """Take `dropped` into `kept`: everything it has moves, it stays as a pointer.

    `taken` are the columns of `CHOICES` whose value comes from `dropped`; empty columns of `kept` are filled anyway,
    and of two remarks nothing is lost. `first_phone` is the number to dial first. Raises OperationRefused for one
    record, for a merged one, without a reason, and when a domain above vetoes.
    """
    if kept.pk == dropped.pk:
        raise OperationRefused(_("这是同一份档案"), field="dropped")
    if not reason.strip():
        raise OperationRefused(_("请写明为什么是同一位客户"), field="reason")
    kept, dropped = _locked(kept, dropped)
    merging = Merging(kept, dropped, actor, now)
    cars = set(
        Ownership.objects.filter(customer__in=(kept, dropped), end_date=None).values_list("car_id", flat=True)
    )
    make_room(merging)
    moved = move_rows(merging)
    follow_pointers(merging)
    replaced, chosen = kept.id_number, _take(merging, taken)
    _save(kept, with_id_number="id_number" in chosen)
    dropped.merged_into = kept
    dropped.save(update_fields=["merged_into", "called_through"])
    _dial_first(kept, first_phone)
    merge = CustomerMerge.objects.create(
        dealer_id=kept.dealer_id, kept=kept, dropped=dropped, chosen=chosen, moved=moved,
        replaced_id_number=replaced if "id_number" in chosen else "", reason=reason.strip()[:200], merged_at=now,
        merged_by_id=actor.user_id,
    )  # fmt: skip
    publish(CustomersMerged(dealer_id=kept.dealer_id, kept_id=kept.pk, dropped_id=dropped.pk))
    for car_id in sorted(cars):
        publish(CarChanged(dealer_id=kept.dealer_id, car_id=car_id))
    return merge


def _locked(kept: Customer, dropped: Customer) -> tuple[Customer, Customer]:
    """Both rows, locked in the order of their ids: two merges the other way round wait, not deadlock."""
    rows = Customer.objects.select_for_update().filter(pk__in=(kept.pk, dropped.pk)).order_by("pk")
    found = {row.pk: row for row in rows}
    for row in found.values():
        _refuse_merged(row)
    return found[kept.pk], found[dropped.pk]


def _take(merging: Merging, taken: Collection[str]) -> list[str]:
    """Fill `kept` from `dropped`; returns the columns that were."""
    kept, dropped = merging.kept, merging.dropped
    chosen = []
    for column in CHOICES:
        own, other = getattr(kept, column), getattr(dropped, column)
        if other in (None, "") or own == other or (own not in (None, "") and column not in taken):
            continue
        setattr(kept, column, other)
        for companion in _WITH.get(column, ()):
            setattr(kept, companion, getattr(dropped, companion))
        chosen.append(column)
        if column == "remark" and own:
            kept.remark = f"{other}\n{own}"[:REMARK_LENGTH]
    if "remark" not in chosen and kept.remark and dropped.remark not in ("", kept.remark):
        kept.remark = f"{kept.remark}\n{dropped.remark}"[:REMARK_LENGTH]
        chosen.append("remark")
    kept.has_wechat = kept.has_wechat or dropped.has_wechat
    kept.is_called_alone = kept.is_called_alone or dropped.is_called_alone
    kept.confirmed_at = None  # what two records said of one person is asked again
    kept.confirmed_by = None
    kept.created_at = min((at for at in (kept.created_at, dropped.created_at) if at), default=None)
    return chosen


def _dial_first(customer: Customer, number: str) -> None:
    """One number is dialled first: the one chosen, else the one that was, else the first that is not wrong."""
    phones = list(CustomerPhone.objects.filter(customer=customer).order_by("is_wrong", "-is_primary", "pk"))
    first = next((phone for phone in phones if phone.number == number), phones[0] if phones else None)
    if first is None or first.is_primary:
        return
    CustomerPhone.objects.filter(customer=customer, is_primary=True).update(is_primary=False)
    first.is_primary = True
    first.save(update_fields=["is_primary"])


@operation(P.MERGE)
def keep_apart(*, one: Customer, other: Customer, actor: Actor, now: datetime) -> None:
    """They look alike and are two: they are not suggested again."""
    if one.pk == other.pk:
        raise OperationRefused(_("这是同一份档案"), field="other")
    first, second = sorted((one, other), key=lambda customer: customer.pk)
    KnownApart.objects.get_or_create(
        dealer_id=one.dealer_id, first=first, second=second,
        defaults={"said_at": now, "said_by_id": actor.user_id},
    )  # fmt: skip
