"""Tomorrow's list as plain text, and who gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import User
from huichang.domains.appointments.models import PROMISED, Booking
from huichang.domains.appointments.queries import advisor_of, whole, work_blocks
from huichang.domains.appointments.readiness import Readiness
from huichang.domains.dealers.models import Dealer, StorePost
from huichang.kernel.worktime import CHINA, day_bounds

# Whoever may do one of these gets the list: service manager, advisors, foreman, parts, sales.
READERS = (
    "appointments.plan_day",
    "appointments.arrive",
    "appointments.check",
    "parts.draw",
    "appointments.book",
)


def readers(dealer: Dealer, today: date) -> list[User]:
    """The people of a store who need tomorrow's list, by name."""
    wanted = Q()
    for permission in READERS:
        wanted |= Q(role__permissions__contains=[permission])
    posts = StorePost.objects.filter(
        wanted, Q(end_date=None) | Q(end_date__gt=today), dealer=dealer, start_date__lte=today
    )
    return list(User.objects.filter(is_active=True, pk__in=posts.values("user")).order_by("name", "pk"))


def made_on(dealer: Dealer, day: date) -> list[Booking]:
    """What was booked on a day and still stands, by the time of the visit."""
    start, end = day_bounds(day)
    rows = whole().filter(dealer=dealer, status__in=PROMISED, created_at__gte=start, created_at__lt=end)
    return list(rows.order_by("starts_at", "pk"))


def fresh_of(bookings: Sequence[Booking]) -> list[str]:
    """Bookings made today for later days, one a line with the bay that is kept; no lines for none."""
    if not bookings:
        return []
    lines = ["", _("今天新约的以后的预约:{count} 个").format(count=len(bookings))]
    for row in bookings:
        at = row.arrive_at.astimezone(CHINA)
        jobs = "、".join(item.labour.name for item in row.items.all())
        bays = "、".join(dict.fromkeys(str(block.bay) for block in work_blocks(row) if block.bay))
        lines.append(f"{at:%m-%d %H:%M}  {row.car.plate}  {row.customer.name}  {jobs}  {bays}")
    return lines


def subject_of(dealer: Dealer, day: date) -> str:
    return _("{store} {day} 预约清单").format(store=dealer.name, day=f"{day:%m-%d}")


def text_of(bookings: Sequence[Booking], states: Mapping[int, Readiness]) -> str:
    """One booking a line: when, plate, customer, jobs, advisor, technician, what is still missing."""
    lines = [_("共 {count} 个预约").format(count=len(bookings)), ""]
    for row in bookings:
        clock = f"{row.arrive_at.astimezone(CHINA):%H:%M}"
        jobs = "、".join(item.labour.name for item in row.items.all())
        people = " / ".join(
            filter(
                None, (str(advisor_of(row) or ""), "、".join(str(block.staff) for block in work_blocks(row)))
            )
        )
        lines.append(f"{clock}  {row.car.plate}  {row.customer.name}  {jobs}  {people}")
        lacking = [f"{point.text}({point.turn})" for point in states[row.pk].lacking]
        if lacking:
            lines.append("      " + _("还缺:{what}").format(what=";".join(lacking)))
    return "\n".join(lines)
