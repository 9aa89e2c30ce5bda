from __future__ import annotations

from datetime import time

from huichang.kernel.policies import Policy

PRESSURE_CONTACTS = Policy(
    "contacts.pressure_contacts", 4, "同一客户在期限内最多主动联系", "次", low=1, high=30,
    help="电话接通和已发出的消息都算,各种事由合计。达到后不再进入队列。", ledger="CAL-19",
)  # fmt: skip
PRESSURE_DAYS = Policy(
    "contacts.pressure_days", 30, "联系次数的统计期限", "天", low=1, high=365, ledger="CAL-19"
)
QUIET_FROM = Policy("contacts.quiet_from", time(21, 0), "晚间不致电:开始", ledger="CAL-19")
QUIET_UNTIL = Policy("contacts.quiet_until", time(8, 0), "晚间不致电:结束", ledger="CAL-19")
LUNCH_FROM = Policy("contacts.lunch_from", time(12, 0), "午休不致电:开始", ledger="CAL-19")
LUNCH_UNTIL = Policy("contacts.lunch_until", time(14, 0), "午休不致电:结束", ledger="CAL-19")
KEEPS_LUNCH = Policy("contacts.keeps_lunch", True, "午休时间致电需写原因", ledger="CAL-19")
