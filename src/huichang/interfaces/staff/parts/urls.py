from __future__ import annotations

from huichang.domains.parts.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.parts import counts, picking, places, purchase, samples, stock

urlpatterns = [
    page(
        "parts/picking", picking.picking, needs=P.SEE, name="parts-picking", title="备料清单",
        rail=Rail("配件", "list-check", 10, picking.slips_to_draw, who=(P.DRAW,)), help="parts",
    ),
    page(
        "parts/slips/<int:pk>", picking.slip, needs=P.SEE, name="parts-slip", title="零件出库单",
        help="parts", sample=samples.slip,
    ),
    page(
        "parts/slips/<int:pk>/print", picking.slip_print, needs=P.SEE, name="parts-slip-print",
        title="零件出库单", sample=samples.slip,
    ),
    page(
        "parts/slips/<int:pk>/label", picking.label, needs=P.SEE, name="parts-label", title="零件筐标签",
        sample=samples.slip,
    ),
    page(
        "parts/slips/<int:pk>/act", picking.act, needs=P.DRAW, name="parts-slip-act", writes=True,
        sample=samples.slip,
    ),
    page(
        "parts/issue", picking.issue, needs=P.MOVE, name="parts-issue", title="配件出库", help="parts",
    ),
    page(
        "parts", stock.stock, needs=P.SEE, name="parts", title="配件库存", rail=Rail("配件", "package", 20), help="parts",
        keys=(("n", "新配件"),),
    ),
    page("parts/new", stock.edit, needs=P.EDIT, name="part-new", title="新配件"),
    page(
        "parts/<int:pk>", stock.card, needs=P.SEE, name="part", title="配件", help="parts",
        sample=samples.part,
    ),
    page(
        "parts/<int:pk>/edit", stock.edit, needs=P.EDIT, name="part-edit", title="修改配件",
        sample=samples.part,
    ),
    page(
        "parts/<int:pk>/move", stock.move, needs=P.MOVE, name="part-move", writes=True,
        sample=samples.part,
    ),
    page(
        "parts/needs", purchase.needs, needs=P.SEE, name="parts-needs", title="采购与到货",
        rail=Rail("配件", "receipt", 30, who=(P.PURCHASE,)), help="parts-buying",
    ),
    page(
        "parts/needs/order", purchase.order_needs, needs=P.PURCHASE, name="parts-needs-order",
        writes=True,
    ),
    page(
        "parts/coming", purchase.coming, needs=P.SEE, name="parts-coming", title="在途配件",
        help="parts-buying",
    ),
    page(
        "parts/arrived", purchase.arrived, needs=P.SEE, name="parts-arrived", title="到货未装",
        help="parts-buying",
    ),
    page(
        "parts/orders", purchase.orders, needs=P.SEE, name="parts-orders", title="采购单",
        help="parts-buying",
    ),
    page(
        "parts/orders/<int:pk>", purchase.order, needs=P.SEE, name="parts-order", title="采购单",
        help="parts-buying", sample=samples.order,
    ),
    page(
        "parts/orders/<int:pk>/print", purchase.order_print, needs=P.SEE, name="parts-order-print",
        title="采购单", sample=samples.order,
    ),
    page(
        "parts/orders/<int:pk>/step", purchase.order_step, needs=P.PURCHASE, name="parts-order-step",
        writes=True, sample=samples.order,
    ),
    page(
        "parts/lines/<int:pk>/step", purchase.line_step, needs=P.PURCHASE, name="parts-line-step",
        writes=True, sample=samples.line,
    ),
    page(
        "parts/alarms", purchase.alarms, needs=P.SEE, name="parts-alarms", title="配件提醒",
        rail=Rail("配件", "bell", 40, purchase.open_alarm_count, who=(P.MOVE,)), help="parts-buying",
    ),
    page(
        "parts/alarms/<int:pk>/answer", purchase.answer, needs=P.MOVE, name="parts-alarm-answer",
        writes=True, sample=samples.alarm,
    ),
    page(
        "parts/stocktakes", counts.stocktakes, needs=P.COUNT, name="parts-stocktakes", title="盘点",
        rail=Rail("配件", "clipboard-check", 50, counts.to_approve), help="parts-counting",
    ),
    page(
        "parts/stocktakes/<int:pk>", counts.stocktake, needs=P.COUNT, name="parts-stocktake",
        title="盘点单", help="parts-counting", sample=samples.stocktake,
    ),
    page(
        "parts/stocktakes/<int:pk>/print", counts.stocktake_print, needs=P.COUNT,
        name="parts-stocktake-print", title="盘点单", sample=samples.stocktake,
    ),
    page(
        "parts/stocktakes/<int:pk>/count", counts.count, needs=P.COUNT, name="parts-stocktake-count",
        writes=True, sample=samples.stocktake,
    ),
    page(
        "parts/places", places.places, needs=P.EDIT, name="parts-places", title="仓库与库位",
        rail=Rail("配件", "layout-grid", 60), help="parts-counting",
    ),
    page("parts/warehouses/new", places.warehouse, needs=P.EDIT, name="warehouse-new", title="新仓库"),
    page(
        "parts/warehouses/<int:pk>", places.warehouse, needs=P.EDIT, name="warehouse", title="仓库",
        sample=samples.warehouse,
    ),
    page(
        "parts/warehouses/<int:pk>/bins", places.add_bins, needs=P.EDIT, name="warehouse-bins",
        writes=True, sample=samples.warehouse,
    ),
    page(
        "parts/places/<int:pk>/retire", stock.retire, needs=P.EDIT, name="parts-place-retire",
        writes=True, sample=samples.place,
    ),
    page(
        "parts/suppliers", places.suppliers, needs=P.SEE, name="parts-suppliers", title="供应商名录",
        rail=Rail("配件", "building-store", 70, who=(P.PURCHASE,)), help="parts-buying",
    ),
    page("parts/suppliers/new", places.supplier, needs=P.EDIT, name="supplier-new", title="新供应商"),
    page(
        "parts/suppliers/<int:pk>", places.supplier, needs=P.EDIT, name="supplier", title="供应商",
        sample=samples.supplier,
    ),
    page(
        "parts/old", picking.old_parts, needs=P.SEE, name="parts-old", title="旧件台账",
        rail=Rail("配件", "refresh", 80, who=(P.DRAW,)), help="parts",
    ),
    page(
        "parts/old/<int:pk>/move", picking.move_old, needs=P.MOVE, name="parts-old-move", writes=True,
        sample=samples.old_part,
    ),
    page(
        "network/parts", places.network, needs=P.SEE_NETWORK, name="parts-network", title="各店配件库存",
        rail=Rail("配件", "world", 90), help="parts", network=True,
    ),
]  # fmt: skip
