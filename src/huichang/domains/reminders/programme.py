"""The sales advisors' tables of the first, second and third service, and what is to be done next for each car."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from huichang.domains.accounts.models import User
from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Dealer, StorePost
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.reminders import policies
from huichang.domains.reminders.engine import HERE
from huichang.domains.reminders.models import ProgrammeCard
from huichang.domains.reminders.permissions import P
from huichang.kernel import sql
from huichang.kernel.worktime import day_bounds, local_date

FIRST, SECOND, THIRD = (
    0,
    1,
    2,
)  # by the services a car has had: it moves on by itself when one is recorded (TSP-14)
# How long after the sale a car may still stand in each table; later ones are everybody's customers.
_SOLD_WITHIN = {FIRST: 460, SECOND: 920, THIRD: 1380}
_RULES = (policies.USAGE_TALK_DAYS, policies.FIX_TIME_DAYS, policies.SERVICE_WORDS)
PAGE = 50


class Step(StrEnum):
    """What is to be done next for a car."""

    BOOKED = "booked"
    ASKED = "asked"  # the appointment specialist is to say whether the time can be had
    REFUSED = "refused"  # it cannot: agree on another with the customer
    FIX = "fix"  # the limit is near: agree on the time
    TALK = "talk"  # learn how the car is used
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Row:
    """A car of a table: `facts` as the statement names them, `due` the limit of the next service, `step_on` its day."""

    facts: dict[str, Any]
    step: Step
    step_on: date
    is_late: bool

    @property
    def km_a_month(self) -> int:
        return round(float(self.facts["km_per_day"]) * 30)


def rows(
    dealer: Dealer, done: int, *, today: date, advisor: str = "", car: Car | None = None,
    after: tuple[date, int] | None = None, most: int = PAGE,
) -> list[Row]:  # fmt: skip
    """One page of a table, the car whose service is due first on top; two statements."""
    values = values_in_force(_RULES, dealer, today)
    parameters = {
        "dealer_id": dealer.pk, "done": done, "advisor": advisor, "car_id": car.pk if car else None,
        "since": today - timedelta(days=_SOLD_WITHIN[done]), "service_words": values[policies.SERVICE_WORDS.key],
        "after_day": after[0] if after else None, "after_id": after[1] if after else None, "most": most,
    }  # fmt: skip
    return [_row(facts, values, today) for facts in sql.rows(HERE, "programme_page", parameters)]


def of_car(dealer: Dealer, car: Car, *, today: date) -> tuple[int, Row] | None:
    """The table a car stands in and its row; None when it is in none."""
    for done in (FIRST, SECOND, THIRD):
        if found := rows(dealer, done, today=today, car=car, most=1):
            return done, found[0]
    return None


def _row(facts: dict[str, Any], values: dict[str, Any], today: date) -> Row:
    due, sold_on = facts["service_due_date"], facts["sold_on"]
    fix_on = due - timedelta(days=values[policies.FIX_TIME_DAYS.key])
    talk_on = min(sold_on + timedelta(days=values[policies.USAGE_TALK_DAYS.key]), fix_on)
    if facts["booking_id"]:
        return Row(facts, Step.BOOKED, local_date(facts["booked_at"]), is_late=False)
    if facts["asked_at"] and not facts["answered_at"]:
        return Row(facts, Step.ASKED, local_date(facts["wanted_at"]), is_late=False)
    if facts["answered_at"] and facts["answer"]:
        return Row(facts, Step.REFUSED, due, is_late=due < today)
    if today >= fix_on:
        return Row(facts, Step.FIX, fix_on, is_late=due < today)
    if facts["talked_at"] is None and facts["service_kind"] == "first_service" and today >= talk_on:
        return Row(facts, Step.TALK, talk_on, is_late=talk_on < today - timedelta(days=7))
    return Row(facts, Step.WAIT, fix_on if facts["talked_at"] else min(talk_on, fix_on), is_late=False)


def advisors(dealer: Dealer) -> list[str]:
    """The sales advisors named in the store's files, by name."""
    names = Car.objects.filter(dealer=dealer, status="active").exclude(sales_advisor_name="")
    return list(names.order_by("sales_advisor_name").values_list("sales_advisor_name", flat=True).distinct())


def seller_ids(dealer: Dealer, today: date) -> dict[str, int]:
    """Users of the store who follow their customers, by name: whose to-do it is (TSP-01)."""
    posts = StorePost.objects.filter(
        dealer=dealer, start_date__lte=today, role__permissions__contains=[P.PROGRAMME.value]
    ).exclude(end_date__lte=today)
    return dict(User.objects.filter(is_active=True, pk__in=posts.values("user")).values_list("name", "pk"))


def times_asked(dealer: Dealer) -> list[ProgrammeCard]:
    """Times that sales advisors asked for and nobody answered, the earliest wanted first."""
    rows = ProgrammeCard.objects.filter(dealer=dealer, asked_at__isnull=False, answered_at=None)
    return list(rows.select_related("car__vehicle").order_by("wanted_at", "pk"))


def cards_of(dealer: Dealer, car: Car) -> ProgrammeCard:
    """The card of a car, unsaved when nothing was learned yet."""
    found = ProgrammeCard.objects.filter(dealer=dealer, car=car).first()
    return found or ProgrammeCard(dealer=dealer, car=car)


def due_moment(day: date, now: datetime) -> datetime:
    """The end of a day as a limit, never in the past."""
    return max(day_bounds(day)[1], now)
