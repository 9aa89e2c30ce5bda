"""A row for the pictures and the permission matrix to open."""

from __future__ import annotations

from typing import Any

from huichang.domains.parts.models import (
    Bin,
    IssueSlip,
    OldPart,
    Part,
    PurchaseLine,
    PurchaseOrder,
    StockAlarm,
    Stocktake,
    Supplier,
    Warehouse,
)


def _latest(model: Any, **wanted: Any) -> dict[str, int]:
    rows = model.objects.filter(**wanted).order_by("-pk") if wanted else model.objects.order_by("-pk")
    return {"pk": rows.values_list("pk", flat=True).first() or 0}


def part() -> dict[str, int]:
    """A part with movements, where there is one."""
    moved = _latest(Part, movements__isnull=False)
    return moved if moved["pk"] else _latest(Part)


def slip() -> dict[str, int]:
    return _latest(IssueSlip)


def order() -> dict[str, int]:
    return _latest(PurchaseOrder)


def line() -> dict[str, int]:
    return _latest(PurchaseLine)


def stocktake() -> dict[str, int]:
    return _latest(Stocktake)


def supplier() -> dict[str, int]:
    return _latest(Supplier)


def warehouse() -> dict[str, int]:
    return _latest(Warehouse)


def place() -> dict[str, int]:
    return _latest(Bin)


def alarm() -> dict[str, int]:
    return _latest(StockAlarm)


def old_part() -> dict[str, int]:
    return _latest(OldPart)
