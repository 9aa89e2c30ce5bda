from __future__ import annotations

from decimal import Decimal

from huichang.kernel.policies import Policy

LEAST_SHARE = Policy(
    "parts.least_share", Decimal("0.30"), "一个项目常用配件的最低占比", "比例", low=Decimal("0.05"), high=Decimal(1),
    help="在只做这个项目的工单里,用到该配件的比例达到这个数才算常用。",
)  # fmt: skip
LEAST_ORDERS = Policy("parts.least_orders", 5, "至少几张工单才能看出规律", "张", low=1, high=100)
LEAST_RECEIPTS = Policy(
    "parts.least_receipts", 3, "至少几次到货才采用实际备货期", "次", low=1, high=50, ledger="PRT-02",
    help="到货次数不足时,按配件目录里写的备货期计算。",
)  # fmt: skip
LEAD_QUANTILE = Policy(
    "parts.lead_quantile", Decimal("0.90"), "承诺客户时采用的备货期分位", "比例",
    low=Decimal("0.50"), high=Decimal("0.99"), ledger="PRE-16",
    help="0.90 表示过去十次到货里有九次不超过这个天数。",
)  # fmt: skip
LEAD_WINDOW = Policy("parts.lead_window_days", 730, "学习备货期时回看的天数", "天", low=30, high=3650)
BUFFER = Policy(
    "parts.buffer_days", 1, "到货后几天可以用于维修", "天", low=0, high=14, ledger="PRE-16",
    help="配件当天到货,最早隔这么多天才安排维修。",
)  # fmt: skip
UNFITTED = Policy("parts.unfitted_days", 3, "到货后几天没有装车就提醒", "天", low=1, high=90, ledger="PRT-02")
PICK_AHEAD = Policy("parts.pick_ahead_days", 3, "备料清单看到几天后", "天", low=1, high=14, ledger="PRE-17")
BASKETS = Policy("parts.baskets", 24, "新建预约准备货架时的筐位数", "个", low=1, high=200, ledger="PRE-10")
