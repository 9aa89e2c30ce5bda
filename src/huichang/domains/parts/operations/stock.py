"""Moving parts between places, writing them off, and the places themselves."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import ledger, settling
from huichang.domains.parts.ledger import Posting
from huichang.domains.parts.models import (
    Bin,
    MovementKind,
    OldPart,
    Part,
    StockAlarm,
    StockBalance,
    Warehouse,
    WarehouseKind,
)
from huichang.domains.parts.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@operation(P.MOVE)
def transfer(
    *, part: Part, source: Bin, target: Bin, quantity: Decimal, actor: Actor, now: datetime, reason: str = ""
) -> str:
    """Carry parts from one place to another (PRT-05), also to the transit depot and back; the number of the transfer.

    Reserved pieces stay where they can be promised: what leaves the pickable places must be free. Raises StockTooLow.
    """
    if source.pk == target.pk:
        raise OperationRefused(_("调出和调入是同一个库位。"), field="target")
    if not (source.is_active and target.is_active):
        raise OperationRefused(_("这个库位已停用。"), field="target")
    _check_quantity(quantity)
    number = next_number(dealer_id=part.dealer_id, kind="DB", day=local_date(now))
    by = settling.hand(part.dealer, ledger.lock(part.dealer_id, [part.pk]), actor=actor, now=now)
    postings = [
        Posting(part.pk, source.pk, MovementKind.TRANSFER, -quantity, number, reason=reason),
        Posting(part.pk, target.pk, MovementKind.TRANSFER, quantity, number, reason=reason),
    ]
    ledger.post(part.dealer_id, postings, actor=actor, now=now)
    by.held[part.pk].on_hand += quantity * (int(target.is_pickable) - int(source.is_pickable))
    settling.settle([part.pk], by)
    return number


def _check_quantity(quantity: Decimal) -> None:
    if quantity <= 0:
        raise OperationRefused(_("数量要大于零。"), field="quantity")


@operation(P.MOVE)
def scrap(*, part: Part, place: Bin, quantity: Decimal, reason: str, actor: Actor, now: datetime) -> None:
    """Write pieces off that are broken or lost; visits that counted on them go short, the latest first.

    Raises StockTooLow when the place does not hold as many, OperationRefused without a reason.
    """
    _check_quantity(quantity)
    if not reason.strip():
        raise OperationRefused(_("请写明报废的原因。"), field="reason")
    by = settling.hand(part.dealer, ledger.lock(part.dealer_id, [part.pk]), actor=actor, now=now)
    if ledger.balance(part.pk, place.pk) < quantity:
        raise ledger.too_low([part.pk])
    if place.is_pickable:
        settling.yield_stock(part, quantity, by, reason)
    posting = Posting(part.pk, place.pk, MovementKind.SCRAP, -quantity, reason=reason.strip())
    ledger.post(part.dealer_id, [posting], actor=actor, now=now)
    by.held[part.pk].on_hand -= quantity * place.is_pickable
    settling.settle([part.pk], by)


@operation(P.EDIT)
def save_warehouse(*, warehouse: Warehouse, actor: Actor) -> Warehouse:
    """Save a warehouse, new or changed. Its kind is settled once it has places. Raises OperationRefused."""
    others = Warehouse.objects.filter(code=warehouse.code).exclude(pk=warehouse.pk)
    if others.exists():
        raise OperationRefused(_("已经有这个代码的仓库。"), field="code")
    before = Warehouse.objects.filter(pk=warehouse.pk).first()
    if before is not None and before.kind != warehouse.kind and before.bins.exists():
        raise OperationRefused(_("已有库位的仓库不能改类型。"), field="kind")
    warehouse.save()
    return warehouse


@operation(P.EDIT)
def add_bin(*, warehouse: Warehouse, code: str, actor: Actor) -> Bin:
    """Add a place to a warehouse. Raises OperationRefused when it is there already."""
    code = code.strip()
    if not code:
        raise OperationRefused(_("请填写库位。"), field="code")
    if warehouse.bins.filter(code=code).exists():
        raise OperationRefused(_("这个仓库已经有库位 {code}。").format(code=code), field="code")
    return Bin.objects.create(
        dealer_id=warehouse.dealer_id, warehouse=warehouse, code=code,
        is_pickable=warehouse.kind == WarehouseKind.STOCK,
    )  # fmt: skip


@operation(P.EDIT)
def retire_bin(*, place: Bin, actor: Actor) -> None:
    """Use a place no more. Raises OperationRefused while something lies there."""
    ids = StockBalance.objects.filter(bin=place).values_list("part_id", flat=True)
    ledger.lock(place.dealer_id, ids)
    if StockBalance.objects.filter(bin=place).exclude(on_hand=0).exists():
        raise OperationRefused(_("库位里还有配件,请先调走。"))
    place.is_active = False
    place.save(update_fields=["is_active"])


@operation(P.MOVE)
def answer_alarm(*, alarm: StockAlarm, note: str, actor: Actor, now: datetime) -> None:
    """Somebody has looked after an alarm; it stays until its cause is gone. Raises OperationRefused when it is."""
    seen = StockAlarm.objects.filter(pk=alarm.pk, lifted_at=None).update(
        seen_at=now, seen_by_name=actor.name, note=note.strip()[:200]
    )
    if not seen:
        raise OperationRefused(_("这条提醒已经解除。"))


@operation(P.MOVE)
def move_old_part(*, old: OldPart, to: str, actor: Actor, now: datetime, place: str = "") -> None:
    """Take an old part in, hand it to the customer, send it back or scrap it (PRT-09). Raises TransitionRefused."""
    move(old, to, actor=actor, now=now, also={"place": place.strip()[:40]} if place.strip() else None)


@operation(P.MOVE)
def open_stock(
    *, dealer: Dealer, part: Part, place: Bin, quantity: Decimal, actor: Actor, now: datetime
) -> None:
    """State what a part that was never moved has in a place when the books begin. Raises OperationRefused."""
    _check_quantity(quantity)
    by = settling.hand(dealer, ledger.lock(dealer.pk, [part.pk]), actor=actor, now=now)
    if part.movements.exists():
        raise OperationRefused(_("这个配件已经有账,请用盘点更正。"))
    ledger.post(dealer.pk, [Posting(part.pk, place.pk, MovementKind.OPENING, quantity)], actor=actor, now=now)
    by.held[part.pk].on_hand += quantity * place.is_pickable
    settling.settle([part.pk], by)
