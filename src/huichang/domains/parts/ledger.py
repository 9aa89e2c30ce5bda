"""The one way into the ledger: lock the parts, pick places, post movements. Only the operations call this.

Every write that promises or moves parts first calls `lock`; what it reads of these parts afterwards stays true until it
commits. The triggers and check constraints stand behind it for whatever goes round. Locks are taken in one order, or two
writes would wait for each other: the visit (`lock_visit`), numbers of documents (`next_number`), then the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from huichang.domains.parts.models import Part, StockBalance, StockMovement
from huichang.kernel import sql
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused

_PACKAGE = "huichang.domains.parts"
_TOO_LOW = {"stock_not_below_nothing", "reserved_is_there"}


class StockTooLow(OperationRefused):
    """More would leave than is there and free."""


@dataclass(slots=True)
class Held:
    """A locked part: what lies in pickable places and how much of it is reserved. Updated by its holder."""

    on_hand: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        return max(self.on_hand - self.reserved, Decimal(0))


@dataclass(frozen=True, slots=True)
class Posting:
    """A movement to be written; `quantity` positive into the place."""

    part_id: int
    bin_id: int
    kind: str
    quantity: Decimal
    document: str = ""
    reference: str = ""
    reason: str = ""
    may_overdraw: bool = False


def lock_visit(dealer_id: int, reference: str) -> None:
    """Let nobody else change what is set aside for a visit until the transaction ends; before `lock`."""
    sql.rows(_PACKAGE, "lock_visit", {"dealer_id": dealer_id, "reference": reference})


def lock(dealer_id: int, part_ids: Iterable[int]) -> dict[int, Held]:
    """Lock these parts of the store until the transaction ends; their figures as of now, by part id."""
    parameters = {"dealer_id": dealer_id, "part_ids": sorted(set(part_ids))}
    sql.execute(_PACKAGE, "make_totals", parameters)
    rows = sql.rows(_PACKAGE, "lock_parts", parameters)
    return {row["part_id"]: Held(row["on_hand"], row["reserved"]) for row in rows}


def post(dealer_id: int, postings: Sequence[Posting], *, actor: Actor, now: datetime) -> None:
    """Write movements in one statement; balances follow. Raises StockTooLow, and then none is written."""
    rows = [
        StockMovement(
            dealer_id=dealer_id, part_id=one.part_id, bin_id=one.bin_id, kind=one.kind, quantity=one.quantity,
            document=one.document, reference=one.reference, reason=one.reason[:200], may_overdraw=one.may_overdraw,
            actor_id=actor.user_id, actor_name=actor.name, at=now,
        )
        for one in postings
    ]  # fmt: skip
    try:
        with transaction.atomic():
            StockMovement.objects.bulk_create(rows)
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", "") not in _TOO_LOW:
            raise
        raise too_low([one.part_id for one in postings if one.quantity < 0]) from error


def too_low(part_ids: Iterable[int]) -> StockTooLow:
    names = Part.objects.filter(pk__in=set(part_ids)).order_by("code").values_list("name", flat=True)
    return StockTooLow(_("库存不够:{names}。请先核对库存或办理入库。").format(names="、".join(names)))


def pick(part: Part, quantity: Decimal) -> list[tuple[int, Decimal]]:
    """Places to take `quantity` from: the part's own first, then the fullest. Raises StockTooLow."""
    found: list[tuple[int, Decimal]] = []
    rows = StockBalance.objects.filter(part=part, bin__is_pickable=True, on_hand__gt=0).select_related("bin")
    for row in sorted(rows, key=lambda row: (row.bin.code != part.location, -row.on_hand, row.pk)):
        if quantity <= 0:
            break
        taken = min(quantity, row.on_hand)
        found.append((row.bin_id, taken))
        quantity -= taken
    if quantity > 0:
        raise too_low([part.pk])
    return found


def balance(part_id: int, bin_id: int) -> Decimal:
    """What lies of a part in a place; nothing when it never lay there."""
    row = (
        StockBalance.objects.filter(part_id=part_id, bin_id=bin_id).values_list("on_hand", flat=True).first()
    )
    return row or Decimal(0)


def latest_place(part: Part) -> int | None:
    """Id of the pickable place with the most of a part, else the one it was last booked into."""
    rows = StockBalance.objects.filter(part=part, bin__is_pickable=True, bin__is_active=True)
    return rows.order_by(F("on_hand").desc(), "-pk").values_list("bin_id", flat=True).first()
