from __future__ import annotations

from huichang.kernel.policies import Policy

CLAIM_MINUTES = Policy(
    "worklist.claim_minutes", 10, "领取的客户多久不操作后放回队列", "分钟", low=2, high=120, ledger="CAL-23"
)
SOON_DAYS = Policy("worklist.soon_days", 3, "最晚致电日前几天提醒主管", "天", low=1, high=30, ledger="CAL-09")
