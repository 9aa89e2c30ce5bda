"""The numbers behind the keeping of bookings: preparation, touches, changes, waiting list."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from huichang.kernel.policies import Policy

# Preparation
PRINTED = Policy(
    "appointments.printed_documents", True, "施工单和零件出库单打印后才算准备好", "", ledger="PRE-01"
)
TECHNICIAN_AGREES = Policy(
    "appointments.technician_agrees", False, "技师确认项目和配件后才算准备好", "", ledger="PRE-09"
)
IN_BASKET = Policy(
    "appointments.parts_in_basket", False, "配件入筐后才算准备好", "", ledger="PRE-10 PRE-14",
    help="不启用时,配件在库并已为这次预约预留就算备好",
)  # fmt: skip
FOLDER_DAYS = Policy(
    "appointments.folder_days", 2, "提前几天检查资料夹", "天", low=1, high=14, ledger="CNF-03"
)
DEPOSIT_FROM = Policy(
    "appointments.deposit_from", Decimal(2000), "贵重配件单价达到多少需要定金", "元",
    low=Decimal(0), high=Decimal(1_000_000), ledger="APT-21", help="0 表示不收定金",
)  # fmt: skip
DEPOSIT_PERCENT = Policy(
    "appointments.deposit_percent", 50, "定金占配件标价的比例", "%", low=50, high=100, ledger="APT-21"
)
PROMISE_RESERVE = Policy(
    "appointments.promise_reserve_minutes",
    30,
    "承诺交车时间留的余地",
    "分钟",
    low=0,
    high=480,
    ledger="EST-13",
)
GUARANTEE_KM = Policy(
    "appointments.guarantee_km", 2000, "作业质量保证里程", "公里", low=2000, high=200_000, ledger="EST-14",
    help="印在估算单上;不能低于一般维修的法定最低",
)  # fmt: skip
GUARANTEE_DAYS = Policy(
    "appointments.guarantee_days", 10, "作业质量保证天数", "天", low=10, high=1095, ledger="EST-14",
    help="印在估算单上;不能低于一般维修的法定最低",
)  # fmt: skip

# Touches
CONFIRM_CALL = Policy("appointments.confirm_call", True, "提前打电话确认预约", "", ledger="CNF-05")
CONFIRM_DAYS = Policy(
    "appointments.confirm_days", 2, "提前几天打确认电话", "天", low=1, high=14, ledger="CNF-05"
)
NAMES_MESSAGE = Policy("appointments.names_message", True, "前一天告知服务顾问和技师", "", ledger="PRE-19")
NAMES_AT = Policy("appointments.names_at", time(16, 0), "前一天几点告知", "", ledger="CNF-12")
SALES_NAMES = Policy("appointments.sales_names", True, "首保由销售顾问前一天再告知一次", "", ledger="PRE-19")
ONE_HOUR = Policy(
    "appointments.reminder_minutes", 60, "到店前多久提醒", "分钟", low=0, high=720, ledger="CNF-09",
    help="0 表示不提醒",
)  # fmt: skip
ADVISOR_REMINDS = Policy(
    "appointments.advisor_reminds", False, "到店前另由服务顾问本人提醒", "", ledger="CNF-09 D-25",
    help="在服务顾问的待办里出现,时间同到店前的提醒",
)  # fmt: skip
NO_SHOW_MESSAGE = Policy("appointments.no_show_message", True, "爽约后发信息问候", "", ledger="CHG-11")
NO_SHOW_CALL = Policy("appointments.no_show_call", True, "爽约后打电话重新预约", "", ledger="CHG-11")

# Changes by the owner
OWN_CHANGES = Policy(
    "appointments.own_changes", 3, "车主最多自己改期几次", "次", low=0, high=20, ledger="CHG-01"
)
OWN_NOTICE = Policy(
    "appointments.own_notice_hours", 2, "车主改约或取消至少提前", "小时", low=0, high=72, ledger="CHG-03"
)

# Waiting list
OFFER_MINUTES = Policy(
    "appointments.offer_minutes", 60, "候补空位保留多久", "分钟", low=10, high=1440, ledger="APT-18"
)
OFFER_TRIES = Policy(
    "appointments.offer_tries", 20, "一个空位最多问几位候补", "位", low=1, high=100, ledger="APT-18"
)

DAILY_MAIL = Policy("appointments.daily_mail", True, "每天发送次日预约清单", "", ledger="PRE-18")
DAILY_MAIL_AT = Policy("appointments.daily_mail_at", time(17, 0), "几点发送次日预约清单", "", ledger="PRE-18")

FOR_TOUCHES = (
    CONFIRM_CALL, CONFIRM_DAYS, NAMES_MESSAGE, NAMES_AT, SALES_NAMES, ONE_HOUR, NO_SHOW_MESSAGE, NO_SHOW_CALL,
)  # fmt: skip
FOR_ESTIMATES = (DEPOSIT_FROM, DEPOSIT_PERCENT, PROMISE_RESERVE)
FOR_READINESS = (PRINTED, TECHNICIAN_AGREES, IN_BASKET)
