"""Tomorrow's list as plain text, and who gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import User
from huichang.domains.appointments.models import Booking
from huichang.domains.appointments.queries import advisor_of, work_blocks
from huichang.domains.appointments.readiness import Readiness
from huichang.domains.dealers.models import Dealer, StorePost
from huichang.kernel.worktime import CHINA

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
