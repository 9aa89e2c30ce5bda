from __future__ import annotations

from huichang.domains.complaints.models import Complaint, ComplaintStatus
from huichang.domains.customers.models import Customer


def open_complaints(customer: Customer) -> list[Complaint]:
    """The customer's complaints that are not closed, newest first: no cheerful script while there is one."""
    waiting = Complaint.objects.filter(customer=customer, status=ComplaintStatus.OPEN)
    return list(waiting.order_by("-complained_date", "-pk"))
