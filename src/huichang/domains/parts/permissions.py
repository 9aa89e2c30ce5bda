from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Parts and their stock."""

    SEE = "parts.see"  # 查看配件
    EDIT = "parts.edit"  # 维护配件
    RESERVE = "parts.reserve"  # 为预约预留配件
    DRAW = "parts.draw"  # 备料入筐与退库
    MOVE = "parts.move"  # 出库、调拨与报废
    PURCHASE = "parts.purchase"  # 采购与到货
    COUNT = "parts.count"  # 盘点
    APPROVE_COUNT = "parts.approve_count"  # 审批盘点差异
    OVERDRAW = "parts.overdraw"  # 超账面出库
    SEE_NETWORK = "parts.see_network"  # 查看各店库存
