"""An import of the parts sheet begins the stock's books in the same transaction."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from huichang.domains.parts import batch
from huichang.domains.parts.models import Part, StockMovement, StockTotal, Supplier
from huichang.kernel.scoping import dealer_scope
from tests.factories.sheets import load, write_xlsx
from tests.factories.world import make_dealer

HEADS = ["零件号", "零件名称", "销售价", "现存量", "货位", "到货天数", "供应商", "最低库存"]


def sheet(folder: Path, stock: object) -> Path:
    row = ["R1001", "机油 0W-20 4L", 360, stock, "1-01", 2, "中心库", 10]
    return write_xlsx(folder / "零件.xlsx", {"零件": [["导出日期 2026-03-01"], HEADS, row]})


@pytest.mark.django_db
def test_the_books_begin_with_the_import(tmp_path: Path) -> None:
    store = make_dealer()
    load(store, sheet(tmp_path, 40))
    load(store, sheet(tmp_path, 40))
    with dealer_scope(store.pk):
        movement = StockMovement.objects.select_related("bin", "part").get()
        assert (movement.kind, movement.quantity, movement.bin.code, movement.part.code) == (
            "opening", Decimal(40), "1-01", "R1001",
        )  # fmt: skip
        assert StockTotal.objects.get().on_hand == 40
        assert Supplier.objects.get().name == "中心库"
        assert batch.differences(store.pk) == []


@pytest.mark.django_db
def test_a_trial_run_leaves_no_books(tmp_path: Path) -> None:
    store = make_dealer()
    load(store, sheet(tmp_path, 40), is_dry_run=True)
    with dealer_scope(store.pk):
        assert not Part.objects.exists()
        assert not StockMovement.objects.exists()
