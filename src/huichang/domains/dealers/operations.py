"""Stores, posts, delegation and policies: the writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import pairwise

from django.utils.translation import gettext as _

from huichang.domains.accounts.models import Level, Role, User
from huichang.domains.accounts.permissions import P as AccountsP
from huichang.domains.dealers.events import PolicyChanged
from huichang.domains.dealers.models import (
    Dealer,
    Delegation,
    HolidayDay,
    NetworkPost,
    OpeningPeriod,
    PolicyLevel,
    PolicyValue,
    Region,
    SpecialDay,
    StorePost,
)
from huichang.domains.dealers.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.policies import POLICIES, PolicyRefused
from huichang.kernel.scoping import dealer_scope

# A new store opens Monday to Saturday until somebody says otherwise on the calendar page.
USUAL_WEEK = tuple((weekday, time(8, 30), time(17, 30)) for weekday in range(6))


@operation(P.EDIT_STORES)
def add_dealer(*, code: str, name: str, actor: Actor, region: Region | None = None, city: str = "") -> Dealer:
    """Make a store with the usual week. Raises OperationRefused when the code is taken."""
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
def set_policy(
    *,
    key: str,
    raw: str,
    effective_date: date,
    actor: Actor,
    now: datetime,
    dealer: Dealer | None = None,
    region: Region | None = None,
    reason: str = "",
) -> PolicyValue:
    """Give a policy a value from a day on, at a store, a region, or (neither given) the manufacturer.

    Raises OperationRefused for an unknown key or a value outside the bounds, PermissionRefused when a level
    above the store is set without the network's permission.
    """
    if dealer is None:
        actor.require(P.EDIT_NETWORK_POLICIES)
    try:
        policy = POLICIES[key]
        value = policy.format(policy.parse(raw))
    except KeyError as error:
        raise OperationRefused(_("没有名为“{key}”的参数").format(key=key), field="key") from error
    except PolicyRefused as error:
        raise OperationRefused(str(error), field=key) from error
    level = PolicyLevel.DEALER if dealer else PolicyLevel.REGION if region else PolicyLevel.MAKER
    row = PolicyValue.objects.create(
        key=key, level=level, dealer=dealer, region=region, value=value, effective_date=effective_date,
        author_id=actor.user_id, author_name=actor.name, reason=reason, created_at=now,
    )  # fmt: skip
    for dealer_id in _reached(dealer, region):
        publish(PolicyChanged(dealer_id=dealer_id, key=key))
    return row


def _reached(dealer: Dealer | None, region: Region | None) -> list[int]:
    if dealer is not None:
        return [dealer.pk]
    stores = Dealer.objects.filter(is_active=True)
    if region is not None:
        stores = stores.filter(region=region)
    return list(stores.values_list("pk", flat=True))


@operation(P.DELEGATE)
def delegate(
    *,
    dealer: Dealer,
    giver: User,
    substitute: User,
    start_date: date,
    end_date: date,
    reason: str,
    actor: Actor,
) -> Delegation:
    """Give a person's duties to another from `start_date` up to, not including, `end_date` (PRM-04)."""
    if end_date <= start_date:
        raise OperationRefused(_("结束日期要晚于开始日期"), field="end_date")
    if giver == substitute:
        raise OperationRefused(_("不能委托给本人"), field="substitute")
    here = StorePost.objects.filter(dealer=dealer, user=substitute, end_date=None)
    if not here.exists():
        raise OperationRefused(
            _("{name}在本店没有岗位。请先给他一个岗位。").format(name=substitute.name), field="substitute"
        )
    return Delegation.objects.create(
        dealer=dealer,
        giver=giver,
        substitute=substitute,
        start_date=start_date,
        end_date=end_date,
        reason=reason,
    )


@operation(P.DELEGATE)
def end_delegation(*, delegation: Delegation, actor: Actor, now: datetime) -> None:
    """End a delegation at once. Ending it twice changes nothing."""
    if delegation.ended_at is None:
        delegation.ended_at = now
        delegation.save(update_fields=["ended_at"])


@operation(AccountsP.EDIT_PEOPLE)
def give_post(*, dealer: Dealer, user: User, role: Role, start_date: date, actor: Actor) -> StorePost:
    """Give a person a role in a store (PRM-01). Raises OperationRefused when they hold it already.

    Nobody may hand out a role that can do more than they themselves can.
    """
    if role.level != Level.DEALER:
        raise OperationRefused(_("“{role}”不是门店岗位。").format(role=role.name), field="role")
    beyond = set(role.permissions) - set(actor.permissions)
    if beyond and not actor.is_system:
        raise OperationRefused(_("“{role}”的权限超出您自己的权限。").format(role=role.name), field="role")
    if StorePost.objects.filter(dealer=dealer, user=user, role=role, end_date=None).exists():
        raise OperationRefused(_("{name}已经担任这个岗位。").format(name=user.name), field="role")
    return StorePost.objects.create(dealer=dealer, user=user, role=role, start_date=start_date)


@operation(AccountsP.EDIT_PEOPLE)
def end_post(*, post: StorePost, end_date: date, actor: Actor) -> None:
    """End a post before `end_date` (exclusive)."""
    post.end_date = max(end_date, post.start_date)
    post.save(update_fields=["end_date"])


@operation(P.EDIT_STORES)
def give_network_post(
    *, user: User, role: Role, region: Region | None, start_date: date, actor: Actor
) -> NetworkPost:
    """Give a person a role at a region, or at the manufacturer (`region` None)."""
    if role.level == Level.DEALER:
        raise OperationRefused(_("“{role}”是门店岗位。").format(role=role.name), field="role")
    return NetworkPost.objects.create(user=user, role=role, region=region, start_date=start_date)


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
    current = {(row.weekday, row.opens_at, row.closes_at): row.pk for row in OpeningPeriod.objects.filter(dealer=dealer)}
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
    hours = {"opens_at": opens_at, "closes_at": closes_at} if is_open else {"opens_at": None, "closes_at": None}
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
