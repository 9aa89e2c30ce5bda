from __future__ import annotations

from datetime import time

from huichang.kernel.policies import Policy

CLAIM_MINUTES = Policy(
    "worklist.claim_minutes", 10, "领取的客户多久不操作后放回队列", "分钟", low=2, high=120, ledger="CAL-23"
)
SOON_DAYS = Policy("worklist.soon_days", 3, "最晚致电日前几天提醒主管", "天", low=1, high=30, ledger="CAL-09")
CALLS_PER_AGENT = Policy(
    "worklist.calls_per_agent", 60, "一个坐席每天能打的电话", "通", low=1, high=400, ledger="CAL-18 CAL-23",
    help="乘以当天上班的坐席人数,就是门店每天排入队列的电话;先排最快来不及的",
)  # fmt: skip
TO_DO_BY = Policy("worklist.to_do_by", time(17, 30), "当天要办完的待办几点到期", "", ledger="CHG-07")
