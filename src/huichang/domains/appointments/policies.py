from __future__ import annotations

from datetime import time
from decimal import Decimal

from huichang.kernel.policies import Policy

RESERVE = Policy(
    "appointments.reserve_percent", 20, "车间产能预留(快修、急修、结转、意外)", "%", low=0, high=60, ledger="SYS-12"
)  # fmt: skip
GRID = Policy("appointments.grid_minutes", 15, "预约间隔", "分钟", low=5, high=60, ledger="SYS-14")
ARRIVE_EARLY = Policy(
    "appointments.arrive_early_minutes", 15, "请客户提前到店", "分钟", low=0, high=60, ledger="SYS-15"
)
RECEPTION = Policy(
    "appointments.reception_minutes", 15, "服务顾问接待一位客户", "分钟", low=5, high=60, ledger="CAP-03"
)
HOLD = Policy("appointments.hold_minutes", 10, "通话中暂留时段", "分钟", low=1, high=60, ledger="CAP-06")
AHEAD = Policy("appointments.ahead_days", 60, "最多提前多少天预约", "天", low=1, high=365, ledger="CAP-04")
FIRST_AHEAD = Policy(
    "appointments.first_service_ahead_days", 240, "首保最多提前多少天预约", "天", low=1, high=730, ledger="CAP-08",
    help="交车时就可以约好首保",
)  # fmt: skip
NOTICE = Policy(
    "appointments.notice_minutes", 60, "最少提前多久预约", "分钟", low=0, high=2880, ledger="CAP-04"
)
UNINTERRUPTED = Policy(
    "appointments.uninterrupted_hours", Decimal(4), "不跨午休和下班的作业上限", "工时",
    low=Decimal(0), high=Decimal(12), ledger="CAP-09",
    help="超过上限的作业可以跨午休、跨天,每天只占可约产能,预留部分始终空着",
)  # fmt: skip
STRIP = Policy("appointments.strip_days", 14, "预约面板显示的天数", "天", low=7, high=21, ledger="CAP-04")
ALTERNATIVES = Policy(
    "appointments.alternatives", 3, "时段已满时推荐几个时段", "个", low=1, high=10, ledger="CAP-04"
)
NO_SHOW_AFTER = Policy(
    "appointments.no_show_after_minutes", 30, "过了约定到店时间多久可记爽约", "分钟", low=0, high=480, ledger="APT-38"
)  # fmt: skip
FIRST_SERVICE_ANY_TIME = Policy(
    "appointments.first_service_any_time", True, "首保客户可约高峰时段", "", ledger="CAP-08"
)
PRIORITY_USES_RESERVE = Policy(
    "appointments.priority_uses_reserve", True, "安全、返修、投诉客户可用预留产能", "", ledger="CAP-05"
)

ONLY_IN_BANDS = Policy(
    "appointments.only_in_bands", False, "只在预约时段里接受预约(首保和优先客户除外)", "", ledger="APT-33 APT-34 D-07",
    help="打开后,没有登记成预约时段的时间都不接受预约",
)  # fmt: skip
COMEBACK_DAYS = Policy(
    "appointments.comeback_days", 15, "离厂后多少天内再来算返修(可用优先位)", "天", low=0, high=180, ledger="CAP-05",
    help="0 表示不按天数认定",
)  # fmt: skip
# Looked for in findings as they were written: never translated.
_SAFETY = "制动,刹车,转向,轮胎,安全气囊,安全带,悬挂,球头,漏油,自燃"
SAFETY_WORDS = Policy(
    "appointments.safety_words", _SAFETY, "安全相关的用词(可用优先位)",
    ledger="CAP-05", help="没做的建议项目或客户描述的故障里有这些词时,提示可用“安全相关”优先位;用逗号隔开",
)  # fmt: skip

RESERVE_QUICK = Policy(
    "appointments.reserve_for_quick", 25, "预留产能中快修的份额", "%", low=0, high=100, ledger="CAP-01",
    help="快修、急修、结转之外的部分留给意外",
)  # fmt: skip
RESERVE_URGENT = Policy(
    "appointments.reserve_for_urgent", 30, "预留产能中急修的份额", "%", low=0, high=100, ledger="CAP-01"
)
RESERVE_CARRY_OVER = Policy(
    "appointments.reserve_for_carry_over", 25, "预留产能中结转的份额", "%", low=0, high=100, ledger="CAP-01"
)
RESERVE_RELEASED = Policy(
    "appointments.reserve_released_by_hour", True, "当天没用的预留按小时放开", "", ledger="CAP-09",
    help="营业时间每过一小时,放开当天预留的相应部分给预约",
)  # fmt: skip
CARRY_OVER = Policy(
    "appointments.carry_over_unfinished", True, "下班未完工的作业夜间结转到下一个营业日", "", ledger="CAP-01",
    help="在看板上登记完工的门店才打开",
)  # fmt: skip
ONLINE_SHARE = Policy(
    "appointments.online_share_percent", 100, "可约产能中线上渠道最多占", "%", low=0, high=100, ledger="APT-02"
)  # fmt: skip
WAITERS = Policy(
    "appointments.waiters_at_once", 12, "同时在店等候的预约客户最多", "人", low=0, high=200, ledger="CAP-09"
)
ARRIVALS = Policy(
    "appointments.arrivals_at_once", 0, "同一到店时刻最多几位预约客户", "位", low=0, high=50, ledger="CAP-03",
    help="0 表示只受服务顾问人数限制",
)  # fmt: skip
RUSH_MORNING = Policy(
    "appointments.rush_until", time(10, 0), "早高峰到几点(推荐时段避开)", "", ledger="CAP-04"
)
RUSH_EVENING = Policy(
    "appointments.rush_from", time(16, 30), "傍晚高峰从几点起(推荐时段避开)", "", ledger="CAP-04"
)
RECOMMENDED = Policy(
    "appointments.recommended", 3, "每天推荐几个空闲时段", "个", low=0, high=10, ledger="CAP-04"
)

FOR_OFFERS = (
    RESERVE, GRID, ARRIVE_EARLY, RECEPTION, HOLD, AHEAD, FIRST_AHEAD, NOTICE, UNINTERRUPTED, STRIP, ALTERNATIVES,
    FIRST_SERVICE_ANY_TIME, ONLY_IN_BANDS, PRIORITY_USES_RESERVE, RESERVE_QUICK, RESERVE_URGENT, RESERVE_CARRY_OVER,
    RESERVE_RELEASED, ONLINE_SHARE, WAITERS, ARRIVALS, RUSH_MORNING, RUSH_EVENING, RECOMMENDED,
)  # fmt: skip
WELCOME_NAMES = Policy(
    "appointments.welcome_names", "surname", "欢迎屏怎样显示客户姓名", choices=("surname", "masked", "plate"), ledger="APT-29",
    help="surname 显示“李先生”,masked 显示“李**”,plate 只显示车牌尾号",
)  # fmt: skip
