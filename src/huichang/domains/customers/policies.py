from __future__ import annotations

from huichang.kernel.policies import Policy

FILE_DAYS = Policy(
    "customers.file_days", 2, "客户档案几天内补全", "天", low=0, high=30,
    help="电话、车牌和车型在接待当天检查,最迟在这些天内补全。", ledger="SYS-26",
)  # fmt: skip
