"""What a screen on the wall may show: today's booked customers, no more of a person than the store's policy allows."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.appointments import policies, queries
from huichang.domains.appointments.models import PROMISED, Booking, WelcomeScreen
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import day_bounds, local_date

# The store stands in the key, so that its row is looked for inside that store's walls only.
_FORM = re.compile(r"([1-9][0-9]{0,17})-[A-Za-z0-9_-]{32}")
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "司徒", "夏侯", "皇甫", "尉迟", "公孙", "令狐", "慕容", "东方")


@dataclass(frozen=True, slots=True)
class Guest:
    """A customer on the welcome board: `who` and `plate` already masked."""

    arrive_at: datetime
    who: str
    plate: str
    advisor: str
    bay: str
    has_come: bool


def digest_of(key: str) -> str:
    """What is kept of a screen's key."""
    return hashlib.sha256(key.encode()).hexdigest()


def screen_of(key: str, now: datetime) -> WelcomeScreen | None:
    """The screen behind a key, with its store; None when unknown, closed or of a store that is shut."""
    form = _FORM.fullmatch(key)
    if form is None:
        return None
    with dealer_scope(int(form.group(1))):
        found = WelcomeScreen.objects.filter(
            token_hash=digest_of(key), is_active=True, dealer__is_active=True
        )
        screen = found.select_related("dealer").first()
        if screen is not None:
            WelcomeScreen.objects.filter(pk=screen.pk).update(seen_at=now)
        return screen


def guests(dealer: Dealer, now: datetime) -> list[Guest]:
    """Today's booked customers who are here or still to come, by time; those whose visit is over are not shown."""
    today = local_date(now)
    style = policy(policies.WELCOME_NAMES, dealer, today)
    start, end = day_bounds(today)
    rows: Sequence[Booking] = queries.bookings_between(
        dealer=dealer, start=start, end=end, statuses=(*PROMISED, "arrived")
    )
    found = []
    for row in sorted(rows, key=lambda one: one.arrive_at):
        if row.source == "walk_in" or row.ends_at <= now:
            continue
        advisor, work = queries.advisor_of(row), queries.work_blocks(row)
        found.append(
            Guest(
                row.arrive_at, masked_name(row.customer.name, row.customer.gender, style), masked_plate(row.car.plate),
                advisor.name if advisor else "", work[0].bay.name if work and work[0].bay else "",
                row.status == "arrived",
            )
        )  # fmt: skip
    return found


def masked_name(name: str, gender: str, style: str) -> str:
    """`欧阳先生` (surname), `欧**` (masked) or nothing (plate)."""
    name = name.strip()
    if style == "plate" or not name:
        return ""
    surname = name[:2] if name[:2] in _COMPOUND else name[:1]
    if style == "masked":
        return name[:1] + "*" * max(1, len(name) - 1)
    title = {"male": _("先生"), "female": _("女士")}.get(gender, _("先生/女士"))
    return _("{surname}{title}").format(surname=surname, title=title)


def masked_plate(plate: str) -> str:
    """`渝A·**528`: where it is from and its tail."""
    if len(plate) < 6:
        return "*" * len(plate)
    return f"{plate[:2]}·{'*' * (len(plate) - 5)}{plate[-3:]}"
