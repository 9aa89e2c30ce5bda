"""A parts room with a supplier, in which stock and orders are stated in one line each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import batch, operations
from huichang.domains.parts.models import (
    Bin,
    Part,
    PurchaseLine,
    Reservation,
    StockTotal,
    Supplier,
    Warehouse,
)
from huichang.kernel.actors import Actor, system
from tests.factories.world import NOW, TODAY, make_dealer


@dataclass
class Room:
    """A store's parts room on TODAY at NOW; use it inside its dealer scope."""

    dealer: Dealer
    actor: Actor = field(default_factory=lambda: system("test"))
    now: datetime = NOW

    def main(self) -> Warehouse:
        return Warehouse.objects.get_or_create(
            dealer=self.dealer, code="MAIN", defaults={"name": "主库", "kind": "stock"}
        )[0]

    def place(self, code: str = "1-01") -> Bin:
        return Bin.objects.get_or_create(dealer=self.dealer, warehouse=self.main(), code=code)[0]

    def part(self, code: str = "P-PAD", stock: int | str = 0, **fields: Any) -> Part:
        """A part with so many pieces in its place."""
        given: dict[str, Any] = {"name": f"配件{code}", "location": "1-01", "lead_days": 3} | fields
        part = Part.objects.create(dealer=self.dealer, code=code, **given)
        if Decimal(stock):
            operations.open_stock(
                dealer=self.dealer, part=part, place=self.place(given["location"]), quantity=Decimal(stock),
                actor=self.actor, now=self.now,
            )  # fmt: skip
        return part

    def supplier(self, name: str = "中心库") -> Supplier:
        return Supplier.objects.get_or_create(dealer=self.dealer, name=name)[0]

    def ordered(self, part: Part, quantity: int, expected: date = TODAY + timedelta(days=2)) -> PurchaseLine:
        """A line of an order that the supplier has."""
        order = operations.draft_order(
            dealer=self.dealer, supplier=self.supplier(), actor=self.actor, now=self.now,
            lines=[operations.Wanted(part, Decimal(quantity), expected)],
        )  # fmt: skip
        operations.place_order(order=order, actor=self.actor, now=self.now)
        return order.lines.get()

    def reserve(
        self, reference: str, *wanted: tuple[Part, int], need: date = TODAY + timedelta(days=7)
    ) -> dict[str, str]:
        """Set parts aside; what became of them as `{"reserved": "2", "short": "1"}`."""
        rows = operations.reserve(
            dealer=self.dealer, reference=reference, need_date=need, actor=self.actor, now=self.now,
            lines=[(part.pk, Decimal(quantity)) for part, quantity in wanted],
        )  # fmt: skip
        return summed(rows)

    def held(self, reference: str) -> dict[str, str]:
        return summed(list(Reservation.objects.filter(reference=reference)))

    def do(self, name: str, **given: Any) -> Any:
        """An operation by this room's actor, now: `room.do("draw", reference="A1", technician="张")`."""
        operation = getattr(operations, name)
        if name in {"draw", "put_back", "issue", "release", "open_stocktake", "reserve"}:
            given["dealer"] = self.dealer
        return operation(**given, actor=self.actor, now=self.now)

    def total(self, part: Part) -> tuple[Any, Any]:
        """On hand and reserved."""
        return StockTotal.objects.values_list("on_hand", "reserved").get(part=part)

    def proven(self) -> bool:
        """Whether everything kept equals what the ledger adds up to; says where not."""
        assert batch.differences(self.dealer.pk) == []
        return True


def summed(rows: list[Reservation]) -> dict[str, str]:
    """Quantities by status, as people read them."""
    found: dict[str, Decimal] = {}
    for row in rows:
        found[row.status] = found.get(row.status, Decimal(0)) + row.quantity
    return {status: f"{quantity.normalize():f}" for status, quantity in found.items()}


def make_room() -> Room:
    """Call inside no scope, use inside `dealer_scope(room.dealer.pk)`."""
    return Room(make_dealer())
