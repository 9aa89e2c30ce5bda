from __future__ import annotations

from huichang.kernel.policies import Policy

CLOSED_ON_HOLIDAYS = Policy("dealers.closed_on_holidays", True, "法定节假日休息", "", ledger="SYS-36")
OPEN_ON_MAKE_UP_DAYS = Policy("dealers.open_on_make_up_days", True, "调休上班日营业", "", ledger="SYS-36")
