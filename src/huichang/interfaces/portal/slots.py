"""What an owner asks of a visit, as an address carries it; the slots that can be kept for it, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from huichang.domains.appointments import queries as appointments
from huichang.domains.appointments import quoting
from huichang.domains.appointments.models import Booking, Channel
from huichang.domains.appointments.queries import Offers, Slot
from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.models import Duty, StaffMember
from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import queries as parts
from huichang.interfaces.portal.reasons import Visit
from huichang.interfaces.portal.requests import OwnerRequest
from huichang.kernel.worktime import CHINA, local_date

WAITS, LEAVES = "wait", "leave"
NOON, EVENING = 12, 17
FARTHEST = timedelta(days=400)  # days beyond are nonsense in an address
MOST_WAITING = Decimal(3)  # hours of work: for longer ones people do not sit and wait unless they say so


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address says: reasons, day, start, advisor, waits or leaves. Everything may be missing or nonsense.

    `since` is the first of the days shown.
    """

    why: tuple[str, ...]
    day: date | None = None
    start: datetime | None = None
    advisor_id: int | None = None
    stay: str = ""
    since: date | None = None

    def address(self, **changed: Any) -> str:
        """The query of an address with some of it changed."""
        start = changed.get("start", self.start)
        day = changed.get("day", self.day)
        pairs: list[tuple[str, str]] = [("why", code) for code in changed.get("why", self.why)]
        if day:
            pairs.append(("day", f"{day:%Y-%m-%d}"))
        if since := changed.get("since", self.since):
            pairs.append(("since", f"{since:%Y-%m-%d}"))
        if start:
            pairs.append(("start", f"{start.astimezone(CHINA):%Y-%m-%dT%H:%M}"))
        if advisor := changed.get("advisor_id", self.advisor_id):
            pairs.append(("advisor", str(advisor)))
        if stay := changed.get("stay", self.stay):
            pairs.append(("stay", stay))
        return urlencode(pairs)


def wish_of(data: QueryDict) -> Wish:
    """Read a wish from an address or a form; what cannot be read is missing."""
    advisor, stay = data.get("advisor", ""), data.get("stay", "")
    return Wish(
        why=tuple(code for code in data.getlist("why") if len(code) <= 40), day=_day(data.get("day", "")),
        start=_start(data.get("start", "")),
        advisor_id=int(advisor) if advisor.isascii() and advisor.isdigit() and len(advisor) < 19 else None,
        stay=stay if stay in {WAITS, LEAVES} else "", since=_day(data.get("since", "")),
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _start(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=CHINA) if found.tzinfo is None else found


def channel_of(request: OwnerRequest) -> str:
    """The way the booking comes (D-24): it decides the discount (APT-06)."""
    return Channel.WECHAT if request.in_wechat else Channel.PORTAL


def waits_of(wish: Wish, hours: Decimal) -> bool:
    """Whether the owner stays at the store: as said, else for short work."""
    return wish.stay == WAITS if wish.stay else hours <= MOST_WAITING


def find(
    request: OwnerRequest, visit: Visit, wish: Wish, *, ignore: Booking | None = None, days: int | None = None
) -> Offers:
    """The slots that can be kept for the wish, on a day of it or the first with room; parts there first."""
    dealer, today = request.dealer, local_date(request.now)
    hours = sum((job.standard_hours for job in visit.jobs), Decimal(0))
    lines = parts.parts_for(visit.labour_ids)
    ready = parts.ready_date(dealer, lines, today) if lines else None
    day, since = (one if one and today <= one <= today + FARTHEST else None for one in (wish.day, wish.since))
    asked: dict[str, Any] = {
        "dealer": dealer, "labour_ids": visit.labour_ids, "now": request.now, "first_service": visit.first_service,
        "advisor_id": wish.advisor_id, "channel": ignore.source if ignore else channel_of(request),
        "waits": ignore.waits if ignore else waits_of(wish, hours), "ready_date": ready, "ignore_booking": ignore,
    }  # fmt: skip
    return appointments.offers(**asked, earliest=since, day=day, wanted=wish.start, days=days)


@dataclass(frozen=True, slots=True)
class Part:
    """The free slots of a part of the day."""

    label: str
    slots: Sequence[Slot]


def parts_of_day(slots: Sequence[Slot]) -> list[Part]:
    """Free slots of a day as people think of it; empty parts are left out."""
    free = [slot for slot in slots if slot.is_free]
    hour = [slot.arrive_at.astimezone(CHINA).hour for slot in free]
    named = (
        (_("上午"), [s for s, h in zip(free, hour, strict=True) if h < NOON]),
        (_("下午"), [s for s, h in zip(free, hour, strict=True) if NOON <= h < EVENING]),
        (_("傍晚"), [s for s, h in zip(free, hour, strict=True) if h >= EVENING]),
    )
    return [Part(label, found) for label, found in named if found]


def advisors(dealer: Dealer) -> list[StaffMember]:
    """Who receives customers at the store."""
    return catalog.active_staff(dealer, [Duty.ADVISOR])


def price(request: OwnerRequest, visit: Visit, slot: Slot | None = None) -> quoting.Quote:
    """What the visit will cost, with the discount of the slot's band for this channel (APT-10, EST-07)."""
    return quoting.quote(
        request.dealer, visit.labour_ids, now=request.now, starts_at=slot.starts_at if slot else None,
        ends_at=slot.ends_at if slot else None, channel=channel_of(request),
        discount_percent=slot.discount_percent if slot else None,
    )  # fmt: skip
