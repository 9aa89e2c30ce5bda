from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from huichang.domains.complaints.models import Complaint, ComplaintStatus
from huichang.domains.contacts.models import Message
from huichang.domains.customers.models import Customer


def open_complaints(customer: Customer) -> list[Complaint]:
    """The customer's complaints that are not closed, newest first: no cheerful script while there is one."""
    waiting = Complaint.objects.filter(customer=customer, status=ComplaintStatus.OPEN)
    return list(waiting.order_by("-complained_date", "-pk"))


def hold_of(message: Message) -> str:
    """`complaint` while the message's customer, or the owner of its car, waits for an answer (PEERS: tone guard)."""
    about = Q(customer_id=message.customer_id) | (
        Q(car_id=message.car_id) if message.car_id else Q(pk__in=())
    )
    waits = Complaint.objects.filter(about, dealer_id=message.dealer_id, status=ComplaintStatus.OPEN)
    return "complaint" if waits.exists() else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list, for paging by key: the row after (complained_date, id)."""

    day: date
    pk: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}~{self.pk}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """The place of a page address; None for what is not one."""
        day, _tilde, pk = text.partition("~")
        try:
            return cls(date.fromisoformat(day), int(pk))
        except ValueError:
            return None


def complaints(*, status: str, after: Place | None = None, size: int = 50) -> list[Complaint]:
    """One page of a status with customer and car, and one row more when there is more; one query.

    Open ones: who waits longest first; closed ones: the newest first.
    """
    waits = status == ComplaintStatus.OPEN
    rows = Complaint.objects.filter(status=status).select_related("customer", "car__vehicle")
    if after:
        beyond = "gt" if waits else "lt"
        same_day = Q(complained_date=after.day, **{f"pk__{beyond}": after.pk})
        rows = rows.filter(Q(**{f"complained_date__{beyond}": after.day}) | same_day)
    order = ("complained_date", "pk") if waits else ("-complained_date", "-pk")
    return list(rows.order_by(*order)[: size + 1])


def number_open() -> int:
    """How many complaints wait for an answer in the open scope."""
    return Complaint.objects.filter(status=ComplaintStatus.OPEN).count()
