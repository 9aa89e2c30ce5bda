"""Two open cases of one customer: `settings.CUSTOMER_MERGE_RULES`."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huichang.domains.customers.merging import Merging
from huichang.domains.reminders.models import Case, CaseStatus, CloseCause, Due, DueStatus
from huichang.domains.reminders.steps import SOURCE
from huichang.domains.worklist.batch import cancel_call_tasks
from huichang.kernel.lifecycle import move
from huichang.kernel.worktime import local_date

_EARLIEST = ("due_date", "last_safe_day", "call_date", "message_date", "second_call_date")


def join_cases(merging: Merging) -> None:
    """One customer, one open case (PEERS: one call, all reasons): the booked or else the older one stays.

    It takes over the other's open reasons and the earlier days. Both bookings stand: the customer was promised both.
    """
    people = (merging.kept, merging.dropped)
    rows = Case.objects.select_for_update().filter(
        customer__in=people, status__in=(CaseStatus.OPEN, CaseStatus.BOOKED)
    )
    found = sorted(rows, key=lambda case: (case.status != CaseStatus.BOOKED, case.opened_on, case.pk))
    if len(found) < 2:
        return
    stays, goes = found
    Due.objects.filter(case=goes, status=DueStatus.OPEN).update(case=stays)
    move(
        goes, CaseStatus.CLOSED, actor=merging.actor, now=merging.now,
        reason=_("并入个案 {number}").format(number=stays.number),
        also={"close_cause": CloseCause.MERGED, "closed_on": local_date(merging.now)},
    )  # fmt: skip
    cancel_call_tasks(SOURCE, [goes.pk], reason=CloseCause.MERGED, now=merging.now)
    if goes.due_date < stays.due_date:
        stays.car_id = goes.car_id
    for column in _EARLIEST:
        days = [day for day in (getattr(stays, column), getattr(goes, column)) if day]
        setattr(stays, column, min(days, default=None))
    stays.save(update_fields=[*_EARLIEST, "car"])
