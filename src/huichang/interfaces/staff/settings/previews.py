"""What a change would do, counted on the place's own data before anybody saves it.

The candidate value is written inside a savepoint, the very statement or query that will run later is asked, and
the savepoint is rolled back: the preview cannot differ from what will happen. `MEASURES` is the registry; a policy
without an entry says plainly that it has no preview.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huichang.domains.appointments import queries as appointments
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policies_in_force
from huichang.domains.dealers.reach import stores_of
from huichang.domains.dealers.trials import as_if
from huichang.domains.reminders import queries as reminders
from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.trying import would_be_due
from huichang.interfaces.staff.settings.catalogue import Place
from huichang.kernel.policies import Policy
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from huichang.ui import formats

Figures = Mapping[str, Decimal]
MOST_STORES = 20  # a preview is asked while somebody waits: a whole country is not counted on a page


@dataclass(frozen=True, slots=True)
class Measure:
    """How to count: `figures` at one store, what they count, and in words how much more or less."""

    figures: Callable[[Dealer, datetime], Figures]
    more: str
    less: str
    same: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    before: str
    after: str
    more: str


@dataclass(frozen=True, slots=True)
class Result:
    """A preview for the page: one sentence, then the figures behind it."""

    headline: str
    note: str
    tone: str
    rows: tuple[Row, ...] = ()


def _dues(dealer: Dealer, now: datetime) -> Figures:
    """Occasions by kind that fall due in the next month."""
    today = local_date(now)
    first, end = _next_month(today)
    found = would_be_due(dealer=dealer, first=first, last=end, as_of=today)
    return {str(KINDS[code].label): Decimal(number) for code, number in found.items()}


def _steps(step: str) -> Callable[[Dealer, datetime], Figures]:
    """Occasions by kind whose step (`message`, `call`) comes in the next month."""

    def count(dealer: Dealer, now: datetime) -> Figures:
        today = local_date(now)
        first, end = _next_month(today)
        leads = {code: kind.policies[step] for code, kind in KINDS.items() if step in kind.policies}
        days = policies_in_force(leads.values(), dealer, today)
        found = {}
        with dealer_scope(dealer.pk):
            for code, lead in leads.items():
                later = timedelta(days=int(days[lead.key].value))
                number = reminders.upcoming(kind=code, first=first + later, last=end + later)
                found[str(KINDS[code].label)] = Decimal(number)
        return found

    return count


def _promised_hours(dealer: Dealer, now: datetime) -> Figures:
    """Hours by skill that may be promised on the next seven days, an average a working day."""
    days = appointments.overview(dealer=dealer, first=local_date(now) + timedelta(days=1), days=7, now=now)
    open_days = [day for day in days if day.is_open]
    found: dict[str, Decimal] = {}
    for day in open_days:
        for load in day.skills:
            share = Decimal(load.limit_hours) / len(open_days)
            found[str(load.skill)] = found.get(str(load.skill), Decimal(0)) + share
    return found


DUES = Measure(
    _dues,
    more=gettext_noop("下月多 {n} 个到期"), less=gettext_noop("下月少 {n} 个到期"),
    same=gettext_noop("下月的到期数量不变"),
)  # fmt: skip
CALLS = Measure(
    _steps("call"),
    more=gettext_noop("下月多 {n} 个致电"), less=gettext_noop("下月少 {n} 个致电"),
    same=gettext_noop("下月的致电数量不变"),
)  # fmt: skip
MESSAGES = Measure(
    _steps("message"),
    more=gettext_noop("下月多 {n} 条消息"), less=gettext_noop("下月少 {n} 条消息"),
    same=gettext_noop("下月的消息数量不变"),
)  # fmt: skip
HOURS = Measure(
    _promised_hours,
    more=gettext_noop("每天可约工时增加"), less=gettext_noop("每天可约工时减少"),
    same=gettext_noop("每天可约工时不变"),
)  # fmt: skip

# By key. Whatever is not here has no preview, and the page says so.
MEASURES: dict[str, Measure] = {
    "appointments.reserve_percent": HOURS,
    **{
        f"reminders.{name}": DUES
        for name in (
            "warranty_months", "warranty_km", "lapsed_months", "at_risk_days", "first_service_months",
            "first_service_km", "service_months", "service_km", "inspection_two_yearly_years",
            "inspection_commercial_years", "deferred_repair_months", "deferred_repair_declined",
        )
    },
    **{kind.policies["on"].key: DUES for kind in KINDS.values()},
    **{kind.policies["call"].key: CALLS for kind in KINDS.values() if "call" in kind.policies},
    **{kind.policies["message"].key: MESSAGES for kind in KINDS.values() if "message" in kind.policies},
}  # fmt: skip


def of(key: str) -> Measure | None:
    """The measure of a policy, or None when there is no preview of it."""
    return MEASURES.get(key)


def preview(policy: Policy[Any], raw: str, place: Place, now: datetime) -> Result:
    """Compare the figures now with those under `raw` (already checked). Writes nothing that stays."""
    measure, stores = of(policy.key), _stores(place)
    if measure is None:
        return Result(_("这个参数没有影响预览"), _("它不改变已有数据的数量。"), "")
    if len(stores) > MOST_STORES:
        note = _("这里有 {n} 家门店,页面上不逐一计算。请在一家有代表性的门店看影响。").format(n=len(stores))
        return Result(_("门店太多,没有计算"), note, "")
    before = _sum(measure, stores, now)
    with as_if(policy.key, raw, now=now, dealer=place.dealer, region=place.region):
        after = _sum(measure, stores, now)
    return _compare(measure, before, after)


def _stores(place: Place) -> list[Dealer]:
    return list(Dealer.objects.filter(pk__in=stores_of(place.dealer, place.region)).order_by("code"))


def _sum(measure: Measure, stores: list[Dealer], now: datetime) -> Figures:
    total: dict[str, Decimal] = {}
    for store in stores:
        for label, number in measure.figures(store, now).items():
            total[label] = total.get(label, Decimal(0)) + number
    return total


def _compare(measure: Measure, before: Figures, after: Figures) -> Result:
    labels = [*before, *(label for label in after if label not in before)]
    rows = tuple(_row(label, before.get(label, Decimal(0)), after.get(label, Decimal(0))) for label in labels)
    change = sum(after.values(), Decimal(0)) - sum(before.values(), Decimal(0))
    if not any(row.more for row in rows):
        return Result(_(measure.same), _("按现有数据计算,没有保存任何东西。"), "", rows)
    sentence = _(measure.more if change > 0 else measure.less).format(n=formats.thousands(abs(change)))
    return Result(sentence, _("按现有数据计算,没有保存任何东西。"), "warn" if change > 0 else "accent", rows)


def _row(label: str, before: Decimal, after: Decimal) -> Row:
    places = 0 if before == int(before) and after == int(after) else 1
    more = after - before
    sign = "+" if more > 0 else ""
    return Row(
        label, formats.thousands(before, places), formats.thousands(after, places),
        f"{sign}{formats.thousands(more, places)}" if more else "",
    )  # fmt: skip


def _next_month(today: date) -> tuple[date, date]:
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)
