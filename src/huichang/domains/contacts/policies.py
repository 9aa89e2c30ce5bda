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

MESSAGES_FROM = Policy(
    "contacts.messages_from", time(8, 0), "提醒和关怀消息:最早发送",
    help="预约确认、验证码等客户自己要的消息随时发。", ledger="REM-14",
)  # fmt: skip
MESSAGES_UNTIL = Policy("contacts.messages_until", time(21, 0), "提醒和关怀消息:最晚发送", ledger="REM-14")
RETRY_MINUTES = Policy(
    "contacts.retry_minutes", 180, "服务商故障时重试多久", "分钟", low=5, high=1440,
    help="超过后算失败,换下一种方式。", ledger="REM-15",
)  # fmt: skip
REPORT_HOURS = Policy(
    "contacts.report_hours", 72, "多久没有送达报告算失败", "小时", low=1, high=240, ledger="REM-15"
)
CLAIM_SECONDS = Policy(
    "contacts.claim_seconds", 120, "发送中断多久后重新核实", "秒", low=30, high=1800,
    help="发送程序中途停止后,向服务商查询这条消息;查不到的算失败,不重发。", ledger="REM-15",
)  # fmt: skip
