"""Who may have a priority seat, and why (CAP-05, QC-12): what the records of several domains say of a car and customer.

The person with the right decides; this only finds the reasons and words them, so that they are kept with the booking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huichang.domains.appointments import policies
from huichang.domains.appointments.models import Booking, BookingStatus, Priority
from huichang.domains.complaints.queries import open_complaints
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.workshop.models import LineKind, ServiceOrder
from huichang.domains.workshop.queries import last_visit, open_findings
from huichang.kernel.worktime import local_date


@dataclass(frozen=True, slots=True)
class Claim:
    """One reason for a priority seat: which kind, and the words kept with the booking."""

    priority: Priority
    why: str

    @property
    def label(self) -> str:
        return str(self.priority.label)


def claims_of(
    car: Car, customer: Customer, now: datetime, *, jobs: Iterable[str] = (), fault: str = ""
) -> list[Claim]:
    """The reasons of a car and its customer, the gravest first; six queries. `jobs` are the names of what is asked for."""
    values = values_in_force((policies.COMEBACK_DAYS, policies.SAFETY_WORDS), car.dealer, local_date(now))
    words = [word for word in re.split(r"[,,、;;\s]+", values[policies.SAFETY_WORDS.key]) if word]
    return [
        *_safety(car, words, fault),
        *_complaint(customer),
        *_comeback(car, now, int(values[policies.COMEBACK_DAYS.key]), tuple(jobs)),
    ]


def _safety(car: Car, words: list[str], fault: str) -> Iterator[Claim]:
    named = next((word for word in words if word in fault), "")
    if named:
        yield Claim(Priority.SAFETY, _("客户说的故障涉及“{word}”").format(word=named))
    for finding in open_findings(car):
        if any(word in finding.text for word in words):
            text = _("{day} 建议“{text}”,{status},还没有做").format(
                day=f"{finding.found_date:%Y-%m-%d}", text=finding.text, status=finding.get_status_display()
            )
            yield Claim(Priority.SAFETY, text)
            return


def _complaint(customer: Customer) -> Iterator[Claim]:
    for complaint in open_complaints(customer)[:1]:
        day = f"{complaint.complained_date:%Y-%m-%d}"
        yield Claim(Priority.COMPLAINT, _("{day} 的投诉还没有结案").format(day=day))


def _comeback(car: Car, now: datetime, days: int, jobs: tuple[str, ...]) -> Iterator[Claim]:
    """A visit again within the store's days after the last one; the same job again is said so."""
    if not days:
        return
    order = last_visit(car, before=now)
    left = (order.left_at or order.arrived_at) if order else None
    here = (
        Booking.objects.filter(car=car, status=BookingStatus.ARRIVED, ends_at__lt=now)
        .order_by("-ends_at")
        .first()
    )
    if here is not None and (left is None or here.ends_at > left):
        order, left = None, here.ends_at
    if left is None or left < now - timedelta(days=days):
        return
    ago = (local_date(now) - local_date(left)).days
    same = _same_job(order, jobs) if order else ""
    if same:
        yield Claim(Priority.COMEBACK, _("{days} 天前刚做过“{job}”,又要做").format(days=ago, job=same))
    else:
        yield Claim(
            Priority.COMEBACK,
            _("{days} 天前刚来过({day}),再次进厂").format(days=ago, day=f"{local_date(left):%m-%d}"),
        )


def _same_job(order: ServiceOrder, jobs: tuple[str, ...]) -> str:
    done = {line.name for line in order.lines.all() if line.kind == LineKind.LABOUR}
    return next((job for job in jobs if job in done), "")
