"""A parts room for the demo: a year of receipts that teach lead times, orders on their way, one late, baskets."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.parts.models import Part, PurchaseLine

# Code, pieces a receipt, days from order to arrival of each receipt.
HISTORY = (
    ("R2001", 2, (3, 3, 4, 3, 5, 4)), ("R2002", 2, (3, 4, 3, 3)), ("R2003", 1, (5, 6, 9, 5)), ("R4001", 4, (3, 2, 3)),
    ("R4002", 4, (2, 2, 3, 2, 2)), ("R5001", 1, (7, 9, 12, 8)), ("R3001", 2, (1, 1, 2, 1)), ("R1001", 12, (1, 1, 1, 2)),
)  # fmt: skip
# Code, pieces, days since it was ordered, days until it is expected (negative: late).
COMING = (("R2003", 2, 3, 2), ("R4002", 8, 1, 1), ("R5001", 2, 9, -1), ("R5002", 1, 12, -2))
OLD_PARTS = ("R2001", "R2002", "R2003", "R3001")
UNITS = {"R1001": "桶", "R2003": "对", "R4002": "条"}


def stock_room(dealer: Dealer, west: Dealer, now: datetime) -> None:
    """Receipts and orders before the bookings are made. A second call changes nothing."""
    from huichang.domains.parts import batch
    from huichang.domains.parts.models import Part, PurchaseOrder
    from huichang.kernel.scoping import dealer_scope
    from huichang.kernel.worktime import local_date

    with dealer_scope(dealer.pk):
        if PurchaseOrder.objects.exists():
            return
        batch.learn_part_uses(dealer=dealer, on=local_date(now))
        parts = {part.code: part for part in Part.objects.all()}
        for code, pieces, waits in HISTORY:
            if code in parts:
                _history(dealer, parts[code], pieces, waits, now)
        _describe(parts)
        for code, pieces, ordered, expected in COMING:
            if code in parts:
                _coming(dealer, parts[code], pieces, ordered, expected, now)
        batch.learn_leads(dealer=dealer, on=local_date(now))
    with dealer_scope(west.pk):
        _other_store(west, list(parts.values()), now)


def _describe(parts: dict[str, Part]) -> None:
    from huichang.domains.parts.operations import save_part
    from huichang.kernel.actors import system

    for code in {*OLD_PARTS, *UNITS} & set(parts):
        part = parts[code]
        part.keeps_old_part = code in OLD_PARTS
        part.unit = UNITS.get(code, "")
        save_part(part=part, actor=system("huichang demo"))


def _history(dealer: Dealer, part: Part, pieces: int, waits: tuple[int, ...], now: datetime) -> None:
    """Each receipt is followed by cars that took as many, so that the stock ends where the export left it."""
    from huichang.domains.parts import operations
    from huichang.kernel.actors import system

    clerk = system("陈静")
    for number, wait in enumerate(waits, 1):
        placed = now - timedelta(days=25 * (len(waits) - number + 1))
        line = _order(dealer, part, pieces, placed, wait)
        came = placed + timedelta(days=wait)
        operations.receive(line=line, quantity=Decimal(pieces), actor=clerk, now=came)
        operations.issue(
            dealer=dealer, reference=f"RO{came:%y%m%d}-{part.pk % 100:02d}", plate=f"沪A{part.pk % 9}K{number}52",
            technician="秦朗", signed_by="秦朗",
            lines=[(part.pk, Decimal(pieces))], actor=clerk, now=came + timedelta(days=2),
        )  # fmt: skip


def _order(dealer: Dealer, part: Part, pieces: int, placed: datetime, days: int) -> PurchaseLine:
    from huichang.domains.parts import operations
    from huichang.domains.parts.models import Supplier
    from huichang.kernel.actors import system
    from huichang.kernel.worktime import local_date

    clerk = system("陈静")
    order = operations.draft_order(
        dealer=dealer, supplier=Supplier.objects.get(name=part.supplier), actor=clerk, now=placed,
        lines=[operations.Wanted(part, Decimal(pieces), local_date(placed) + timedelta(days=days),
                                 part.price * Decimal("0.7"))],
    )  # fmt: skip
    operations.place_order(order=order, actor=clerk, now=placed)
    return order.lines.get()


def _coming(dealer: Dealer, part: Part, pieces: int, ordered: int, expected: int, now: datetime) -> None:
    _order(dealer, part, pieces, now - timedelta(days=ordered), ordered + expected)


def _other_store(west: Dealer, known: list[Part], now: datetime) -> None:
    """The other store of the region keeps some of the same parts, for the network's view."""
    from huichang.domains.parts import operations
    from huichang.domains.parts.models import Part, Warehouse
    from huichang.kernel.actors import system

    actor = system("huichang demo")
    if Part.objects.exists():
        return
    room = operations.save_warehouse(
        warehouse=Warehouse(dealer=west, code="MAIN", name="主库", kind="stock"), actor=actor
    )
    place = operations.add_bin(warehouse=room, code="A-01", actor=actor)
    for number, one in enumerate(known):
        part = operations.save_part(
            part=Part(dealer=west, code=one.code, name=one.name, price=one.price, lead_days=one.lead_days,
                      location="A-01", safety_stock=one.safety_stock), actor=actor,
        )  # fmt: skip
        if number % 4:
            operations.open_stock(
                dealer=west, part=part, place=place, quantity=Decimal(number % 4 * 3), actor=actor, now=now
            )


def prepare(dealer: Dealer, now: datetime) -> None:
    """After the bookings: who was here has got the parts, today's and tomorrow's baskets, a count to approve."""
    from huichang.domains.parts import lists, operations
    from huichang.domains.parts.models import SlipStatus
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope
    from huichang.kernel.worktime import local_date, local_moment

    clerk, today = system("陈静"), local_date(now)
    with dealer_scope(dealer.pk):
        slips = lists.slips_to_prepare(today + timedelta(days=2))
        here = _arrived([slip.reference for slip in slips])
        for number, slip in enumerate(slips):
            if slip.status != SlipStatus.OPEN or not any(
                row.status == "reserved" for row in slip.reservations.all()
            ):
                continue
            given: dict[str, Any] = {
                "dealer": dealer,
                "reference": slip.reference,
                "actor": clerk,
                "now": now,
            }
            if slip.reference in here:
                given["now"] = min(now, local_moment(slip.need_date, time(11)))
                operations.issue(**given, technician=here[slip.reference], signed_by=here[slip.reference])
            elif slip.need_date <= today or number % 3:
                operations.draw(**given, technician="")
        _called_off(dealer, now)
        _count(dealer, now)
        operations.start_day(dealer=dealer, actor=clerk, now=now)


def _arrived(references: list[str]) -> dict[str, str]:
    """The technician of each of these bookings whose customer has come."""
    from huichang.domains.appointments.models import Booking

    rows = Booking.objects.filter(number__in=references, status="arrived").prefetch_related("blocks__staff")
    return {
        row.number: next(
            (block.staff.name for block in row.blocks.all() if block.kind == "work" and block.staff), "秦朗"
        )
        for row in rows
    }


def _called_off(dealer: Dealer, now: datetime) -> None:
    """A basket whose customer does not come: to be put back."""
    from huichang.domains.parts import operations
    from huichang.domains.parts.models import IssueSlip, Part
    from huichang.kernel.actors import system
    from huichang.kernel.worktime import local_date

    wiper = Part.objects.filter(code="R3002").first()
    if wiper is None or IssueSlip.objects.filter(reference="E-1107").exists():
        return
    visit: dict[str, Any] = {"dealer": dealer, "reference": "E-1107", "actor": system("陈静"), "now": now}
    operations.reserve(**visit, need_date=local_date(now), lines=[(wiper.pk, Decimal(2))], plate="沪B5T208")
    operations.draw(**visit, technician="冯涛")
    operations.release(**visit, reason="客户改到下月")


def _count(dealer: Dealer, now: datetime) -> None:
    """A sheet over one shelf with a difference, handed in and waiting for the manager."""
    from huichang.domains.parts import operations
    from huichang.domains.parts.models import Stocktake, Warehouse
    from huichang.kernel.actors import system

    main = Warehouse.objects.filter(code="MAIN").first()
    if main is None or Stocktake.objects.exists():
        return
    clerk = system("陈静")
    sheet = operations.open_stocktake(dealer=dealer, warehouse=main, bins="1-", actor=clerk, now=now)
    for number, line in enumerate(sheet.lines.order_by("bin__code")):
        missing = Decimal(1 if number == 1 else 0)
        operations.enter_count(
            line=line, counted=max(line.booked_quantity - missing, Decimal(0)), actor=clerk, now=now,
            reason="包装破损,未记账" if missing else "",
        )  # fmt: skip
    operations.submit_stocktake(stocktake=sheet, actor=clerk, now=now)
