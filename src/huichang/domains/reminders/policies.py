"""The numbers of reminders that are no kind's own (those are in `kinds.py`)."""

from __future__ import annotations

from decimal import Decimal

from huichang.kernel.policies import Policy

WARRANTY_MONTHS = Policy(
    "reminders.warranty_months", 36, "整车保修期", "个月", low=0, high=120, ledger="SYS-03",
    help="档案没有保修结束日期、车型也没有保养周期时使用",
)  # fmt: skip
WARRANTY_KM = Policy(
    "reminders.warranty_km", 100000, "整车保修里程", "公里", low=0, high=500000, ledger="SYS-03 D-32"
)
LAPSED_MONTHS = Policy(
    "reminders.lapsed_months", 12, "多久未回厂算流失", "个月", low=3, high=36, ledger="SYS-19 D-12"
)
AT_RISK_DAYS = Policy(
    "reminders.at_risk_days", 30, "保修到期前多少天起算流失风险", "天", low=0, high=180, ledger="D-12"
)
FIRST_MONTHS = Policy(
    "reminders.first_service_months", 3, "首保期限", "个月", low=1, high=24, ledger="SYS-16 D-16",
    help="车型没有保养周期时使用",
)  # fmt: skip
FIRST_KM = Policy(
    "reminders.first_service_km", 5000, "首保里程", "公里", low=500, high=30000, ledger="D-16",
    help="车型没有保养周期时使用",
)  # fmt: skip
SERVICE_MONTHS = Policy(
    "reminders.service_months", 6, "保养间隔", "个月", low=1, high=36, ledger="REM-11",
    help="车型没有保养周期时使用",
)  # fmt: skip
SERVICE_KM = Policy(
    "reminders.service_km", 10000, "保养间隔里程", "公里", low=1000, high=50000, ledger="REM-11",
    help="车型没有保养周期时使用",
)  # fmt: skip
INSPECTION_TWO_YEARLY = Policy(
    "reminders.inspection_two_yearly_years", 10, "非营运车每两年检验,到第几年", "年", low=0, high=30,
    ledger="REM-03", help="之后每年一次",
)  # fmt: skip
INSPECTION_COMMERCIAL = Policy(
    "reminders.inspection_commercial_years", 5, "营运车每年检验,到第几年", "年", low=0, high=30,
    ledger="REM-03", help="之后每六个月一次",
)  # fmt: skip
REPAIR_MONTHS = Policy(
    "reminders.deferred_repair_months", 3, "建议维修多久后提醒", "个月", low=1, high=24, ledger="REM-05"
)
REPAIR_DECLINED = Policy(
    "reminders.deferred_repair_declined", False, "客户已拒绝的建议也再提醒一次", "", ledger="ADD-08 CAL-08"
)
LEAD_DAYS = Policy(
    "reminders.parts_lead_days", 3, "零件备货期", "天", low=0, high=60, ledger="SYS-08",
    help="配件目录没有备货期时使用",
)  # fmt: skip
PREPARATION_DAYS = Policy(
    "reminders.preparation_days", 1, "备件到齐后的准备时间", "天", low=0, high=14, ledger="CAL-09"
)
PART_SHARE = Policy(
    "reminders.part_share", Decimal("0.10"), "多少比例的工单用到才算需备的零件", "比例", low=Decimal("0.01"),
    high=Decimal(1), ledger="SYS-08",
)  # fmt: skip
REOPEN_DAYS = Policy(
    "reminders.reopen_days", 30, "到店但没做到期项目,多少天后再提醒", "天", low=7, high=180, ledger="REM-12"
)
SAME_OCCASION_DAYS = Policy(
    "reminders.same_occasion_days", 120, "到期日更正在多少天内算同一次到期", "天", low=0, high=180,
    ledger="REM-12", help="超过的算续办,旧的结束",
)  # fmt: skip
SELLER_SERVICES = Policy(
    "reminders.seller_services", 0, "前几次保养由销售顾问致电", "次", low=0, high=10, ledger="CAL-14 D-08",
    help="按本店已做的保养次数算;销售顾问要有致电的权限",
)  # fmt: skip
AWAIT_MESSAGE_DAYS = Policy(
    "reminders.await_message_days", 2, "首次致电最多等消息结果几天", "天", low=0, high=7, ledger="REM-15",
    help="消息送达或确定送不到以后再致电;最晚致电日到了就不再等",
)  # fmt: skip
READY_HOUR = Policy(
    "reminders.ready_hour", 8, "每天几点任务进入电话台", "点", low=0, high=20, ledger="CAL-23"
)
SERVICE_WORDS = Policy(
    "reminders.service_words", "首保|定保|保养|maintenance", "哪些业务类型算保养", "", ledger="ORD-14",
    help="用 | 分隔;工单的业务类型含其中之一即算",
)  # fmt: skip
DEFAULT_KM_PER_DAY = Policy(
    "reminders.default_km_per_day", Decimal(40), "没有任何里程记录时,每天行驶", "公里", low=Decimal(1), high=Decimal(500),
    ledger="REM-10",
)  # fmt: skip
OWN_RATE_DAYS = Policy(
    "reminders.own_rate_days", 60, "同车型的行驶习惯相当于本车几天的记录", "天", low=0, high=720, ledger="REM-10",
    help="本车记录越长,同车型的影响越小",
)  # fmt: skip
RATE_MEMORY_DAYS = Policy(
    "reminders.rate_memory_days", 720, "里程记录多少天后影响减半", "天", low=60, high=3600, ledger="REM-10"
)
LOOK_AHEAD_DAYS = Policy(
    "reminders.look_ahead_days", 10, "首个步骤前几天建立个案", "天", low=0, high=60, ledger="REM-12",
    help="长于最长的假期,节前才不会漏掉该打的电话",
)  # fmt: skip
BOOKED_SHARE = Policy(
    "reminders.booked_share_percent", 80, "预约车辆占维修车辆的目标", "%", low=0, high=100, ledger="SYS-13"
)
USAGE_TALK_DAYS = Policy(
    "reminders.usage_talk_days",
    45,
    "交车后几天由销售顾问了解用车习惯",
    "天",
    low=7,
    high=180,
    ledger="SYS-17",
)
FIX_TIME_DAYS = Policy(
    "reminders.fix_time_days", 7, "首保期限前几天由销售顾问定下到店时间", "天", low=1, high=60, ledger="SYS-18",
)  # fmt: skip
RENEWAL_TARGET = Policy(
    "reminders.renewal_target_percent", 20, "当月到期保险在本店续保的目标", "%", low=0, high=100,
    ledger="SYS-29 INS-04",
)  # fmt: skip
