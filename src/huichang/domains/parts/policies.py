from __future__ import annotations

from decimal import Decimal

from huichang.kernel.policies import Policy

LEAST_SHARE = Policy(
    "parts.least_share", Decimal("0.30"), "一个项目常用配件的最低占比", "比例", low=Decimal("0.05"), high=Decimal(1),
    help="在只做这个项目的工单里,用到该配件的比例达到这个数才算常用。",
)  # fmt: skip
LEAST_ORDERS = Policy("parts.least_orders", 5, "至少几张工单才能看出规律", "张", low=1, high=100)
