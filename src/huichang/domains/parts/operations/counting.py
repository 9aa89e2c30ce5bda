"""Stocktakes: a sheet is opened, counted by one person, approved by another."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import ledger, settling
from huichang.domains.parts.ledger import Posting
from huichang.domains.parts.models import (
    Bin,
    MovementKind,
    Part,
    StockBalance,
    Stocktake,
    StocktakeLine,
    StocktakeStatus,
    Warehouse,
)
from huichang.domains.parts.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import TransitionRefused, move, record
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@operation(P.COUNT)
def open_stocktake(
    *, dealer: Dealer, warehouse: Warehouse, actor: Actor, now: datetime, bins: str = "", parts: str = ""
) -> Stocktake:
    """Open a counting sheet over a warehouse; `bins` and `parts` keep to codes that begin so.

    Raises OperationRefused when there is nothing to count.
    """
    rows = StockBalance.objects.filter(bin__warehouse=warehouse, part__is_active=True)
    rows = rows.filter(Q(on_hand__gt=0) | Q(on_hand__lt=0) | Q(part__location__gt="")).order_by("bin__code")
    if bins.strip():
        rows = rows.filter(bin__code__startswith=bins.strip())
    if parts.strip():
        rows = rows.filter(part__code__startswith=parts.strip())
    found = list(rows.values_list("part_id", "bin_id", "on_hand"))
    if not found:
        raise OperationRefused(_("这个范围里没有要盘点的配件。"))
    sheet = Stocktake.objects.create(
        dealer=dealer, number=next_number(dealer_id=dealer.pk, kind="PD", day=local_date(now)), warehouse=warehouse,
        created_at=now, created_by_id=actor.user_id, created_by_name=actor.name,
    )  # fmt: skip
    record(sheet, before="", after=sheet.status, actor=actor, now=now)
    StocktakeLine.objects.bulk_create(
        StocktakeLine(dealer=dealer, stocktake=sheet, part_id=part_id, bin_id=bin_id, booked_quantity=on_hand)
        for part_id, bin_id, on_hand in found
    )
    return sheet


@operation(P.COUNT)
def enter_count(
    *, line: StocktakeLine, counted: Decimal | None, actor: Actor, now: datetime, reason: str = ""
) -> StocktakeLine:
    """Write what was found in a place beside what the books hold there now; None takes the count back.

    Raises TransitionRefused when the sheet is not open for counting.
    """
    if counted is not None and counted < 0:
        raise OperationRefused(_("实盘数不能小于零。"), field="counted")
    sheet = Stocktake.objects.select_for_update().get(pk=line.stocktake_id)
    if sheet.status != StocktakeStatus.COUNTING:
        raise TransitionRefused(_("这张盘点单已经不能再填写。"))
    ledger.lock(line.dealer_id, [line.part_id])
    line.booked_quantity = ledger.balance(line.part_id, line.bin_id)
    line.counted_quantity, line.reason = counted, reason.strip()[:100]
    line.counted_at, line.counted_by_name = (None, "") if counted is None else (now, actor.name)
    line.save()
    return line


@operation(P.COUNT)
def add_count_line(
    *, stocktake: Stocktake, part: Part, place: Bin, actor: Actor, now: datetime
) -> StocktakeLine:
    """Put a part on the sheet that was found where the books know of none."""
    if stocktake.status != StocktakeStatus.COUNTING:
        raise TransitionRefused(_("这张盘点单已经不能再填写。"))
    if place.warehouse_id != stocktake.warehouse_id:
        raise OperationRefused(_("这个库位不在盘点的仓库里。"), field="place")
    line, _made = StocktakeLine.objects.get_or_create(
        dealer_id=stocktake.dealer_id, stocktake=stocktake, part=part, bin=place,
        defaults={"booked_quantity": ledger.balance(part.pk, place.pk)},
    )  # fmt: skip
    return line


@operation(P.COUNT)
def submit_stocktake(*, stocktake: Stocktake, actor: Actor, now: datetime) -> None:
    """Hand the sheet in for approval. Raises OperationRefused while lines are not counted."""
    left = stocktake.lines.filter(counted_quantity=None).count()
    if left:
        raise OperationRefused(_("还有 {n} 行没有盘点。").format(n=left))
    move(stocktake, StocktakeStatus.COUNTED, actor=actor, now=now)


@operation(P.COUNT)
def reopen_stocktake(*, stocktake: Stocktake, actor: Actor, now: datetime, reason: str = "") -> None:
    """Count again: the differences are doubted. Raises TransitionRefused."""
    move(stocktake, StocktakeStatus.COUNTING, actor=actor, now=now, reason=reason)


@operation(P.COUNT)
def cancel_stocktake(*, stocktake: Stocktake, actor: Actor, now: datetime, reason: str = "") -> None:
    """Give the sheet up; the stock stays as booked. Raises TransitionRefused."""
    move(stocktake, StocktakeStatus.CANCELLED, actor=actor, now=now, reason=reason)


@operation(P.APPROVE_COUNT)
def approve_stocktake(*, stocktake: Stocktake, actor: Actor, now: datetime) -> int:
    """Book the differences; the number of places corrected. What moved since the counting stays moved.

    A loss takes reservations from the visits that need them last, and these are told of. Nobody approves a sheet of
    their own. Raises OperationRefused, StockTooLow when the missing pieces have left meanwhile.
    """
    if actor.user_id is not None and actor.user_id == stocktake.created_by_id:
        raise OperationRefused(_("自己开的盘点单要由别人审批。"))
    lines = [line for line in stocktake.lines.select_related("part", "bin").order_by("pk") if line.difference]
    held = ledger.lock(stocktake.dealer_id, (line.part_id for line in lines))
    by = settling.hand(stocktake.dealer, held, actor=actor, now=now)
    also = {"approved_at": now, "approved_by_name": actor.name}
    move(stocktake, StocktakeStatus.APPROVED, actor=actor, now=now, also=also)
    for line in lines:
        _correct(stocktake, line, by)
    settling.settle(held, by)
    return len(lines)


def _correct(stocktake: Stocktake, line: StocktakeLine, by: settling.Hand) -> None:
    difference = line.difference or Decimal(0)
    if difference < 0 and line.bin.is_pickable:
        settling.yield_stock(line.part, -difference, by, stocktake.number)
    reason = line.reason or stocktake.number
    posting = Posting(
        line.part_id, line.bin_id, MovementKind.STOCKTAKE, difference, stocktake.number, reason=reason
    )
    ledger.post(stocktake.dealer_id, [posting], actor=by.actor, now=by.now)
    by.held[line.part_id].on_hand += difference * line.bin.is_pickable
