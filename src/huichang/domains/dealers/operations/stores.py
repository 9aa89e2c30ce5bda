"""Stores and their calendars: the writes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from itertools import pairwise

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer, HolidayDay, OpeningPeriod, Region, SpecialDay
from huichang.domains.dealers.permissions import P
from huichang.domains.dealers.reach import require_reach
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.scoping import dealer_scope

_CODE = re.compile(r"[\w-]{1,20}")  # it stands in commands and file names
# A new store opens Monday to Saturday until somebody says otherwise on the calendar page.
USUAL_WEEK = tuple((weekday, time(8, 30), time(17, 30)) for weekday in range(6))


@operation(P.EDIT_STORES)
def add_dealer(*, code: str, name: str, actor: Actor, region: Region | None = None, city: str = "") -> Dealer:
    """Make a store with the usual week. Raises OperationRefused when the code is taken or none, or no name is given."""
    if not _CODE.fullmatch(code):
        raise OperationRefused(_("门店代码由1到20个字母、数字、- 或 _ 组成"), field="code")
    if not name.strip():
        raise OperationRefused(_("请填写门店名称"), field="name")
    if Dealer.objects.filter(code=code).exists():
        raise OperationRefused(_("门店代码“{code}”已经存在").format(code=code), field="code")
    dealer = Dealer.objects.create(code=code, name=name, region=region, city=city)
    with dealer_scope(dealer.pk):
        OpeningPeriod.objects.bulk_create(
            OpeningPeriod(dealer=dealer, weekday=weekday, opens_at=opens, closes_at=closes)
            for weekday, opens, closes in USUAL_WEEK
        )
    return dealer


@operation(P.EDIT_POLICIES)
def describe_dealer(*, dealer: Dealer, name: str, city: str, address: str, phone: str, actor: Actor) -> None:
    """Set what letters and messages show of a store."""
    require_reach(actor, [dealer.pk])
    dealer.name, dealer.city, dealer.address, dealer.phone = name, city, address, phone
    dealer.save(update_fields=["name", "city", "address", "phone"])


@operation(P.EDIT_CALENDAR)
def set_week(*, dealer: Dealer, periods: Iterable[tuple[int, time, time]], actor: Actor) -> None:
    """Replace the ordinary week by `(weekday, opens, closes)`, weekday 0 = Monday; several a day are allowed.

    Raises OperationRefused when a period ends before it begins, two overlap, or the store would never open.
    """
    wanted = sorted(set(periods))
    if not wanted:
        raise OperationRefused(_("一周至少要有一天营业"))
    for weekday, opens, closes in wanted:
        if not 0 <= weekday <= 6 or closes <= opens:
            raise OperationRefused(_("关门时间要晚于开门时间"), field=f"day-{weekday}")
    for (weekday, _start, closes), (next_day, opens, _end) in pairwise(wanted):
        if weekday == next_day and opens < closes:
            raise OperationRefused(_("同一天的两段营业时间不能重叠"), field=f"day-{weekday}")
    current = {
        (row.weekday, row.opens_at, row.closes_at): row.pk
        for row in OpeningPeriod.objects.filter(dealer=dealer)
    }
    gone = [pk for key, pk in current.items() if key not in wanted]
    OpeningPeriod.objects.filter(dealer=dealer, pk__in=gone).delete()
    OpeningPeriod.objects.bulk_create(
        OpeningPeriod(dealer=dealer, weekday=weekday, opens_at=opens, closes_at=closes)
        for weekday, opens, closes in wanted
        if (weekday, opens, closes) not in current
    )


@operation(P.EDIT_CALENDAR)
def set_special_day(
    *,
    dealer: Dealer,
    day: date,
    is_open: bool,
    reason: str,
    actor: Actor,
    opens_at: time | None = None,
    closes_at: time | None = None,
) -> SpecialDay:
    """Close a store on a day, or open it (at its usual hours when none are given). Replaces what was set before."""
    if not reason.strip():
        raise OperationRefused(_("请写明原因,顾客和同事会看到"), field="reason")
    if is_open and bool(opens_at) != bool(closes_at):
        raise OperationRefused(_("开门和关门时间要么都填,要么都不填"), field="opens_at")
    if is_open and opens_at and closes_at and closes_at <= opens_at:
        raise OperationRefused(_("关门时间要晚于开门时间"), field="closes_at")
    hours = (
        {"opens_at": opens_at, "closes_at": closes_at} if is_open else {"opens_at": None, "closes_at": None}
    )
    row, _created = SpecialDay.objects.update_or_create(
        dealer=dealer, day=day, defaults={"is_open": is_open, "reason": reason.strip(), **hours}
    )
    return row


@operation(P.EDIT_CALENDAR)
def remove_special_day(*, special: SpecialDay, actor: Actor) -> None:
    """Let a day follow the public calendar and the ordinary week again."""
    special.delete()


@operation(P.EDIT_CALENDAR)
def set_holiday(*, day: date, is_working: bool, name: str, actor: Actor) -> HolidayDay:
    """Say what the public calendar holds for a day, for every store. Replaces what was set before.

    Stores share the table: where there are several, only people of the network may change it.
    """
    _require_public_calendar(actor)
    if not name.strip():
        raise OperationRefused(_("请写节日名称"), field="name")
    row, _created = HolidayDay.objects.update_or_create(
        day=day, defaults={"is_working": is_working, "name": name.strip()}
    )
    return row


@operation(P.EDIT_CALENDAR)
def remove_holiday(*, holiday: HolidayDay, actor: Actor) -> None:
    """Take a day out of the table: the library speaks again, or the day is ordinary."""
    _require_public_calendar(actor)
    holiday.delete()


def _require_public_calendar(actor: Actor) -> None:
    if Dealer.objects.filter(is_active=True).count() > 1:
        actor.require(P.EDIT_NETWORK_POLICIES)
