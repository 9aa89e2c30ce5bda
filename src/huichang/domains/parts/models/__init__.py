"""The tables of parts, by noun: catalogue, stock, what is set aside for visits, purchase, counts, alarms."""

from __future__ import annotations

from huichang.domains.parts.models.alarms import AlarmKind, StockAlarm
from huichang.domains.parts.models.booked import (
    HOLDING,
    OPEN_SLIPS,
    PROMISED,
    IssueSlip,
    OldPart,
    OldPartStatus,
    Reservation,
    ReservationStatus,
    SlipStatus,
)
from huichang.domains.parts.models.catalogue import GoodsKind, PackagePart, Part, PartUse, Supplier
from huichang.domains.parts.models.counts import Stocktake, StocktakeLine, StocktakeStatus
from huichang.domains.parts.models.purchase import OrderStatus, PurchaseLine, PurchaseOrder
from huichang.domains.parts.models.stock import (
    Bin,
    MovementKind,
    StockBalance,
    StockMovement,
    StockTotal,
    Warehouse,
    WarehouseKind,
)

__all__ = [
    "HOLDING", "OPEN_SLIPS", "PROMISED", "AlarmKind", "Bin", "GoodsKind", "IssueSlip", "MovementKind", "OldPart",
    "OldPartStatus", "OrderStatus", "PackagePart", "Part", "PartUse", "PurchaseLine", "PurchaseOrder", "Reservation",
    "ReservationStatus", "SlipStatus", "StockAlarm", "StockBalance", "StockMovement", "StockTotal", "Stocktake",
    "StocktakeLine", "StocktakeStatus", "Supplier", "Warehouse", "WarehouseKind",
]  # fmt: skip
