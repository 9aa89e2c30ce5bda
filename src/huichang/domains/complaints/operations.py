"""Recording and closing a complaint; grading, dispatch and time limits build on it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from huichang.domains.complaints.events import ComplaintClosed
from huichang.domains.complaints.models import Complaint, ComplaintStatus
from huichang.domains.complaints.permissions import P
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move, record
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@operation(P.RECORD)
def record_complaint(
    *,
    dealer: Dealer,
    customer: Customer | None,
    car: Car | None,
    category: str,
    text: str,
    actor: Actor,
    now: datetime,
    complained_date: date | None = None,
) -> Complaint:
    """Open a complaint; the call desk is quiet and apologetic with this customer until it is closed.

    Raises OperationRefused without a text, or for nobody's complaint.
    """
    if not text.strip():
        raise OperationRefused(_("请写下客户投诉的内容。"), field="text")
    if customer is None and car is None:
        raise OperationRefused(_("请选择客户或车辆。"), field="customer")
    day = complained_date or local_date(now)
    complaint = Complaint.objects.create(
        dealer=dealer, number=next_number(dealer_id=dealer.pk, kind="T", day=local_date(now)), car=car,
        customer=customer, plate=car.plate if car else "", complained_date=day, category=category, text=text.strip(),
    )  # fmt: skip
    record(complaint, before="", after=complaint.status, actor=actor, now=now)
    return complaint


@operation(P.CLOSE)
def close_complaint(*, complaint: Complaint, reason: str, actor: Actor, now: datetime) -> None:
    """Close a complaint with what was done; reminders that it held back may go.

    Raises OperationRefused without words, TransitionRefused when it is closed already.
    """
    if not reason.strip():
        raise OperationRefused(_("请写下怎样处理、客户是否满意。"), field="reason")
    move(complaint, ComplaintStatus.CLOSED, actor=actor, now=now, reason=reason.strip()[:200])
    publish(ComplaintClosed(complaint.dealer_id, complaint.customer_id, complaint.car_id))
