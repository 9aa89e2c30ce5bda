"""Planning and freezing a store's month, set-based (REM-16, REM-24)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders import engine
from huichang.domains.reminders.batch import area_of
from huichang.domains.reminders.engine import HERE
from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.models import Month, MonthStatus
from huichang.domains.reminders.permissions import P
from huichang.kernel import sql
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import add_months, local_date


@operation(P.RUN)
def plan_month(*, actor: Actor, month: date, now: datetime, dealers: Sequence[Dealer] | None = None) -> int:
    """Write what the month (its first day) will bring, once per store; returns the lines (REM-16).

    Meant for the last day of the month before. A planned month is never planned again: what comes later is late.
    """
    area = area_of(dealers, local_date(now))
    begun = sql.rows(
        HERE, "begin_months", {"month": month, "now": now, "dealers": [d.pk for d in area.dealers]}
    )
    pks = {row["dealer_id"] for row in begun}
    fresh = area_of([dealer for dealer in area.dealers if dealer.pk in pks], area.as_of)
    if not fresh.dealers:
        return 0
    until = add_months(month, 1)
    return sum(engine.plan(kind, fresh, month=month, until=until) for kind in KINDS.values())


@operation(P.FREEZE_CENSUS)
def freeze_month(*, actor: Actor, month: date, now: datetime, dealers: Sequence[Dealer] | None = None) -> int:
    """Write the census of the month and its sums, for good; returns the entries (REM-24). Frozen ones stay.

    Raises OperationRefused while the month still runs.
    """
    until = add_months(month, 1)
    if local_date(now) < until:
        raise OperationRefused(_("这个月还没结束,不能封存。"))
    area = area_of(dealers, until)
    sql.rows(HERE, "begin_months", {"month": month, "now": now, "dealers": [d.pk for d in area.dealers]})
    found = engine.rows(
        "freeze_month",
        "month_entries",
        area.parameters(month=month, until=until, kinds=counted_kinds(), now=now),
    )
    return int(found[0]["entries"])


def counted_kinds() -> list[str]:
    """The kinds of the census: those somebody calls about."""
    return [kind.code for kind in KINDS.values() if kind.calls]


def is_planned(month: date, dealers: Sequence[Dealer]) -> bool:
    """Whether some of these stores have the month planned and not frozen yet."""
    return Month.objects.filter(dealer__in=dealers, month=month, status=MonthStatus.PLANNED).exists()
