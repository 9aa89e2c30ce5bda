"""The reasons to contact a customer. A kind is one declaration here and one `sql/due_<code>.sql` (ADR 0010).

A declaration makes the kind's policies (lead times in days before the due date), names its purpose (what a
customer refuses in `contacts.OptOut`), says what closes it and writes its message. The statement answers which
cars are due: see `docs/domains/reminders.md` for its columns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from huichang.domains.contacts import purposes, texts
from huichang.kernel.policies import Policy

TEAM = "team"
CALLERS = (TEAM, "last_agent", "service_advisor", "sales_advisor")


class ClosedBy(StrEnum):
    """Which visit settles a reason."""

    SERVICE = "service"  # a visit in which the car was serviced
    VISIT = "visit"  # any visit
    NOTHING = "nothing"  # only its own facts: a renewed policy, a finding that was done


@dataclass(frozen=True, slots=True)
class Leads:
    """Default days before the due date (negative: after it) of each step; None: the kind has no such step.

    `passed` counts days after the due date until the reason closes by itself. `within` is how long a call may
    still take when the reason is overdue the day it is found. `second` None means: at the last safe day.
    """

    message: int | None
    call: int | None
    second: int | None = None
    passed: int = 90
    within: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """One reason. `needs_parts`: the calls must leave time for the slowest part of its jobs.

    `is_many`: a car may have several open ones at once. `leads` are the defaults of the policies in `policies`.
    """

    code: str
    name: str
    short_name: str
    purpose: str
    leads: Leads
    closed_by: ClosedBy
    message: str
    needs_parts: str = ""  # the business of the orders whose parts count: first_service, service, repair
    is_many: bool = False
    ledger: str = ""
    caller: str = TEAM  # the default of who calls, one of CALLERS
    policies: dict[str, Policy[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code in KINDS:
            raise ValueError(f"kind {self.code} is declared twice")
        KINDS[self.code] = self
        if self.message:
            purposes.declare_reminder(self.code, self.name, self.purpose)
            texts.declare_reminder(self.code, self.name, self.message)
        self.policies["on"] = Policy(
            f"reminders.{self.code}_on", default=True, label=f"{self.name}:{_STEPS['on']}", ledger="SYS-36",
            help="停用后不再产生新的到期,已有的结束",
        )  # fmt: skip
        if self.calls:
            self.policies["caller"] = Policy(
                f"reminders.{self.code}_caller", self.caller, f"{self.name}:{_STEPS['caller']}", choices=CALLERS,
                ledger="CAL-14 D-08", help="找不到这个人、或他不接打电话时,轮到谁就由谁致电",
            )  # fmt: skip
        for name, days in _steps(self.leads):
            self.policies[name] = Policy(
                f"reminders.{self.code}_{name}_days",
                days,
                f"{self.name}:{_STEPS[name]}",
                "天",
                low=-60 if name != "passed" else 0,
                high=1100 if name == "passed" else 180,
                ledger=self.ledger,
            )

    @property
    def label(self) -> str:
        """Its name in the active language."""
        return gettext(self.name)

    @property
    def short(self) -> str:
        """Its name for narrow places, in the active language."""
        return gettext(self.short_name)

    @property
    def statement(self) -> str:
        """The name of its SQL file."""
        return f"due_{self.code}"

    @property
    def calls(self) -> bool:
        """Whether somebody calls about it; if not, it is a message only and opens no case."""
        return self.leads.call is not None


_STEPS = {
    "on": "启用", "caller": "由谁致电",
    "message": "到期前几天发消息", "call": "到期前几天致电", "second": "到期前几天二次致电",
    "passed": "过期几天后自动结束", "within": "发现时已过期的,几天内致电",
}  # fmt: skip
KINDS: dict[str, Kind] = {}


def _steps(leads: Leads) -> list[tuple[str, int]]:
    found = {name: getattr(leads, name) for name in _STEPS if name not in {"on", "caller"}}
    return [(name, days) for name, days in found.items() if days is not None]


def choices() -> list[tuple[str, Promise]]:
    """Every kind with its label, in the order of declaration; the choices of the models' columns."""
    return [(kind.code, gettext_lazy(kind.name)) for kind in KINDS.values()]


def label(code: str) -> str:
    """The name of a kind in the active language; the code itself when a later version removed the kind."""
    return KINDS[code].label if code in KINDS else code


def is_for_workshop(code: str) -> bool:
    """Whether a visit to the workshop settles the reason; insurance and inspection are settled elsewhere."""
    found = KINDS.get(code)
    return found is not None and (bool(found.needs_parts) or found.closed_by is not ClosedBy.NOTHING)


FIRST_SERVICE = Kind(
    "first_service", _("首次保养"), _("首保"), "service", Leads(message=9, call=7, passed=365),
    ClosedBy.SERVICE, "您的{series}({plate})首次保养时间是{due_date}前后,欢迎预约。",
    needs_parts="first_service", ledger="SYS-16 SYS-18 D-02",
)  # fmt: skip
SCHEDULED_SERVICE = Kind(
    "scheduled_service", _("定期保养"), _("定保"), "service", Leads(message=13, call=11, passed=365),
    ClosedBy.SERVICE, "您的{series}({plate})预计{due_date}到保养时间,欢迎预约。",
    needs_parts="service", ledger="SYS-06 SYS-07 REM-13",
)  # fmt: skip
WARRANTY_END = Kind(
    "warranty_end", _("保修到期"), _("保修"), "warranty", Leads(message=30, call=28, second=14, passed=30),
    ClosedBy.VISIT, "您的{series}({plate})整车保修将于{due_date}到期,请到店做一次全面检查。",
    needs_parts="service", ledger="SYS-04 REM-07 REM-10",
)  # fmt: skip
COMPULSORY_INSURANCE = Kind(
    "compulsory_insurance", _("交强险到期"), _("交强险"), "insurance",
    Leads(message=30, call=28, second=7, passed=30), ClosedBy.NOTHING,
    "您的车({plate})交强险将于{due_date}到期,请及时办理,本店可代办续保。",
    ledger="REM-27 REM-32 INS-01 INS-02",
)  # fmt: skip
COMMERCIAL_INSURANCE = Kind(
    "commercial_insurance", _("商业险到期"), _("商业险"), "insurance",
    Leads(message=30, call=28, second=7, passed=30), ClosedBy.NOTHING,
    "您的车({plate})商业险将于{due_date}到期,请及时办理,本店可代办续保。", ledger="REM-27 INS-02 INS-03",
)  # fmt: skip
INSPECTION = Kind(
    "inspection", _("年检到期"), _("年检"), "inspection", Leads(message=30, call=28, second=7, passed=60),
    ClosedBy.NOTHING, "您的车({plate})检验有效期至{due_date},请及时办理。", ledger="REM-01 REM-03",
)  # fmt: skip
BIRTHDAY = Kind(
    "birthday", _("生日"), _("生日"), "birthday", Leads(message=0, call=None, passed=7), ClosedBy.NOTHING,
    "{name}{title},{store}祝您生日快乐!", ledger="REM-02 REM-29",
)  # fmt: skip
DEFERRED_REPAIR = Kind(
    "deferred_repair", _("建议维修未做"), _("建议维修"), "repair",
    Leads(message=2, call=0, second=-14, passed=365, within=14), ClosedBy.NOTHING,
    "您的车({plate})上次检查建议的项目尚未处理,为了行车安全请预约。",
    needs_parts="repair", is_many=True, ledger="REM-05 ADD-08",
)  # fmt: skip
AT_RISK = Kind(
    "at_risk", _("流失风险"), _("流失风险"), "winback", Leads(message=None, call=0, second=-14, within=14),
    ClosedBy.VISIT, "", ledger="D-12",
)  # fmt: skip
LAPSED = Kind(
    "lapsed", _("流失客户"), _("流失"), "winback",
    Leads(message=None, call=0, second=-30, passed=365, within=30), ClosedBy.VISIT, "",
    ledger="SYS-19 LST-01 LST-04",
)  # fmt: skip
