"""The daily mail: tomorrow's list to those who need it (PRE-18, PRE-19)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import override

from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments import readiness
from huichang.domains.appointments.models import PROMISED
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.queries import bookings_between
from huichang.domains.appointments.sheets import fresh_of, made_on, readers, subject_of, text_of
from huichang.domains.contacts import operations as contacts
from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.kernel.actors import Actor
from huichang.kernel.operations import operation
from huichang.kernel.worktime import CHINA, day_bounds, local_date


@operation(P.PLAN_DAY)
def mail_tomorrow(*, dealer: Dealer, actor: Actor, now: datetime, at_once: bool = False) -> int:
    """Queue the list of the next open day to everybody who needs it, once a day each; how many have it.

    Before the policy's hour nothing happens unless `at_once`. With what was booked today for later days, so
    that the workshop hears of it the same day (APT-23). Nobody is written to when there is neither.
    """
    today = local_date(now)
    values = values_in_force((rules.DAILY_MAIL, rules.DAILY_MAIL_AT), dealer, today)
    late_enough = now.astimezone(CHINA).time() >= values[rules.DAILY_MAIL_AT.key]
    if not values[rules.DAILY_MAIL.key] or not (late_enough or at_once):
        return 0
    day = calendars.load(dealer, today, today).step(today, 1)
    start, end = day_bounds(day)
    rows = bookings_between(dealer=dealer, start=start, end=end, statuses=PROMISED)
    fresh = [row for row in made_on(dealer, today) if not start <= row.starts_at < end]
    if not rows and not fresh:
        return 0
    states = readiness.of(dealer, rows, now)
    people = list(readers(dealer, today))
    for user in people:
        with override(user.language):
            text = "\n".join((text_of(rows, states), *fresh_of(fresh)))
            contacts.queue_staff_mail(
                dealer=dealer, user=user, subject=subject_of(dealer, day), text=text,
                key=f"tomorrow:{day}:{user.pk}", language=user.language, actor=actor, now=now,
            )  # fmt: skip
    return len(people)
