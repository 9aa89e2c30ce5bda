"""Orders to suppliers: drafted from needs, placed, promised a day, received in parts, closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import F
from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import ledger, places, settling
from huichang.domains.parts.ledger import Posting
from huichang.domains.parts.models import (
    Bin,
    MovementKind,
    OrderStatus,
    Part,
    PurchaseLine,
    PurchaseOrder,
    Reservation,
    ReservationStatus,
    Supplier,
)
from huichang.domains.parts.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import TransitionRefused, move, record
from huichang.kernel.money import yuan
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

S = ReservationStatus


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of an order: how much, the day the supplier names (None: the part's usual time), yuan each."""

    part: Part
    quantity: Decimal
    expected_date: date | None = None
    unit_price: Decimal = Decimal(0)


@operation(P.PURCHASE)
def draft_order(
    *,
    dealer: Dealer,
    supplier: Supplier,
    lines: Sequence[Wanted],
    actor: Actor,
    now: datetime,
    note: str = "",
) -> PurchaseOrder:
    """Write an order that is not sent yet; it promises nobody anything. Raises OperationRefused."""
    if not lines:
        raise OperationRefused(_("请至少选一个配件。"), field="parts")
    today = local_date(now)
    order = PurchaseOrder.objects.create(
        dealer=dealer, number=next_number(dealer_id=dealer.pk, kind="CG", day=today), supplier=supplier, note=note,
        created_at=now, created_by_name=actor.name,
    )  # fmt: skip
    record(order, before="", after=order.status, actor=actor, now=now)
    for line in lines:
        _check_line(line, today)
        known = PurchaseLine.objects.filter(order=order, part=line.part).first()
        if known is not None:
            known.quantity += line.quantity
            known.save(update_fields=["quantity"])
            continue
        PurchaseLine.objects.create(
            dealer=dealer, order=order, part=line.part, quantity=line.quantity, unit_price=line.unit_price,
            expected_date=line.expected_date or today + timedelta(days=line.part.usual_lead_days),
        )  # fmt: skip
    return order


@operation(P.PURCHASE)
def amend_draft(
    *, order: PurchaseOrder, lines: Sequence[Wanted], actor: Actor, now: datetime, note: str = ""
) -> None:
    """State anew what a draft asks for: quantities, prices, days; parts not named leave it. Raises OperationRefused.

    An order that was placed is the supplier's already: there a day is changed by `expect`, a rest ended by `close_line`.
    """
    locked = PurchaseOrder.objects.select_for_update().get(pk=order.pk)
    if locked.status != OrderStatus.DRAFT:
        raise TransitionRefused(_("已经下单,不能再改数量和价格。"))
    if not lines:
        raise OperationRefused(_("采购单里至少留一个配件;都不要就取消采购单。"), field="parts")
    if len({line.part.pk for line in lines}) < len(lines):
        raise OperationRefused(_("同一个配件只能有一行。"), field="parts")
    today = local_date(now)
    for line in lines:
        _check_line(line, today)
        if line.unit_price < 0:
            raise OperationRefused(_("进价不能小于零。"), field="unit_price")
    locked.lines.exclude(part__in=[line.part.pk for line in lines]).delete()
    for line in lines:
        expected = line.expected_date or today + timedelta(days=line.part.usual_lead_days)
        PurchaseLine.objects.update_or_create(
            order=locked, part=line.part,
            defaults={
                "dealer_id": locked.dealer_id, "quantity": line.quantity, "unit_price": yuan(line.unit_price),
                "expected_date": expected,
            },
        )  # fmt: skip
    locked.note = note.strip()[:200]
    locked.save(update_fields=["note"])


def _check_line(line: Wanted, today: date) -> None:
    if not line.part.is_stocked or not line.part.is_active:
        raise OperationRefused(_("只能采购在用的配件:{name}").format(name=line.part.name), field="parts")
    if line.quantity <= 0:
        raise OperationRefused(_("数量要大于零。"), field="quantity")
    if line.expected_date and line.expected_date < today:
        raise OperationRefused(_("预计到货日不能早于今天。"), field="expected_date")


@operation(P.PURCHASE)
def place_order(*, order: PurchaseOrder, actor: Actor, now: datetime) -> None:
    """The supplier has it: visits that lack these parts are promised from it. Raises TransitionRefused."""
    lines = list(order.lines.all())
    by = _hand(order, [line.part_id for line in lines], actor, now)
    move(order, OrderStatus.PLACED, actor=actor, now=now, also={"placed_at": now})
    order.lines.update(first_expected_date=F("expected_date"))
    settling.settle(by.held, by)


def _hand(order: PurchaseOrder, part_ids: Sequence[int], actor: Actor, now: datetime) -> settling.Hand:
    return settling.hand(order.dealer, ledger.lock(order.dealer_id, part_ids), actor=actor, now=now)


@operation(P.PURCHASE)
def expect(*, line: PurchaseLine, expected_date: date, actor: Actor, now: datetime, reason: str = "") -> None:
    """The supplier names another day: promises move with it, and who will not be served in time is told of.

    Raises OperationRefused for a day that is over or a line that is closed.
    """
    by = _hand(line.order, [line.part_id], actor, now)
    if expected_date < by.today:
        raise OperationRefused(_("预计到货日不能早于今天。"), field="expected_date")
    if not PurchaseLine.objects.filter(pk=line.pk, closed_at=None).update(expected_date=expected_date):
        raise TransitionRefused(_("这一行已经到齐或关闭。"))
    line.expected_date = expected_date
    rows = Reservation.objects.filter(purchase_line=line, status=S.ORDERED)
    rows.update(promised_date=by.usable(expected_date))
    settling.settle(by.held, by)


@operation(P.PURCHASE)
def receive(
    *, line: PurchaseLine, quantity: Decimal, actor: Actor, now: datetime, place: Bin | None = None
) -> None:
    """Book in what came of a line (it may be a part of it); visits waiting for it get it, the earliest first.

    Publishes PartsReady for visits that now have all. Raises OperationRefused for more than is awaited.
    """
    by = _hand(line.order, [line.part_id], actor, now)
    line.refresh_from_db()
    line.order.refresh_from_db(fields=["status"])
    if line.order.status != OrderStatus.PLACED or line.closed_at is not None:
        raise TransitionRefused(_("这一行已经到齐或关闭。"))
    if not 0 < quantity <= line.awaited:
        raise OperationRefused(
            _("这一行还有 {n} 没到,不能入库更多。").format(n=f"{line.awaited.normalize():f}"),
            field="quantity",
        )
    bin_id = place.pk if place is not None else places.own_place(line.part)
    posting = Posting(line.part_id, bin_id, MovementKind.RECEIPT, quantity, line.order.number)
    ledger.post(line.dealer_id, [posting], actor=actor, now=now)
    by.held[line.part_id].on_hand += quantity * (place is None or place.is_pickable)
    _count_receipt(line, quantity, actor, now)
    served = _serve_line(line, quantity, by) if place is None or place.is_pickable else set()
    settling.settle(by.held, by)
    settling.tell_ready(served, by)


def _count_receipt(line: PurchaseLine, quantity: Decimal, actor: Actor, now: datetime) -> None:
    line.received_quantity += quantity
    line.received_at = now
    line.closed_at = now if line.received_quantity == line.quantity else None
    line.save(update_fields=["received_quantity", "received_at", "closed_at"])
    if not line.order.lines.filter(closed_at=None).exists():
        move(line.order, OrderStatus.RECEIVED, actor=actor, now=now)


def _serve_line(line: PurchaseLine, quantity: Decimal, by: settling.Hand) -> set[str]:
    """Give what came to the visits this line was promised to."""
    served = set()
    for row in Reservation.objects.filter(purchase_line=line, status=S.ORDERED).order_by("need_date", "pk"):
        left = min(quantity, by.held[line.part_id].free)
        if left <= 0:
            break
        one = settling.part_of(row, left, by)
        quantity -= one.quantity
        settling.shift(one, S.RESERVED, by, arrived_at=by.now, promised_date=None)
        served.add(one.reference)
    return served


@operation(P.PURCHASE)
def close_line(*, line: PurchaseLine, reason: str, actor: Actor, now: datetime) -> None:
    """The rest of a line will not come: who waited for it is a purchase need again. Raises OperationRefused."""
    if not reason.strip():
        raise OperationRefused(_("请写明原因。"), field="reason")
    by = _hand(line.order, [line.part_id], actor, now)
    if not PurchaseLine.objects.filter(pk=line.pk, closed_at=None).update(closed_at=now):
        raise TransitionRefused(_("这一行已经到齐或关闭。"))
    _free_line(line, reason, by)
    order = line.order
    if order.status == OrderStatus.PLACED and not order.lines.filter(closed_at=None).exists():
        arrived = order.lines.filter(received_quantity__gt=0).exists()
        move(
            order,
            OrderStatus.RECEIVED if arrived else OrderStatus.CANCELLED,
            actor=actor,
            now=now,
            reason=reason,
        )
    settling.settle(by.held, by)


@operation(P.PURCHASE)
def cancel_order(*, order: PurchaseOrder, reason: str, actor: Actor, now: datetime) -> None:
    """Call an order off of which nothing has come. Raises OperationRefused, TransitionRefused."""
    if not reason.strip():
        raise OperationRefused(_("请写明原因。"), field="reason")
    lines = list(order.lines.select_related("part"))
    by = _hand(order, [line.part_id for line in lines], actor, now)
    if order.lines.filter(received_quantity__gt=0).exists():
        raise OperationRefused(_("已经有配件到货:请逐行关闭没到的部分。"))
    move(order, OrderStatus.CANCELLED, actor=actor, now=now, reason=reason)
    order.lines.update(closed_at=now)
    for line in lines:
        _free_line(line, reason, by)
    settling.settle(by.held, by)


def _free_line(line: PurchaseLine, reason: str, by: settling.Hand) -> None:
    for row in Reservation.objects.filter(purchase_line=line, status=S.ORDERED).select_related("part"):
        promised = settling.when_bought(row.part, by)
        settling.shift(row, S.SHORT, by, reason=reason, purchase_line=None, promised_date=promised)
