"""What people ask about their own data, and answering it (PIPL art. 44–47, 50)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import ChannelAddress, Consent, ContactPreference
from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.customers import operations as customers
from huichang.domains.customers.models import Customer, CustomerNeed
from huichang.domains.customers.permissions import P as CustomersP
from huichang.domains.dealers.queries import policy
from huichang.domains.owners import policies
from huichang.domains.owners.models import (
    FaultPhoto,
    OwnerAccount,
    OwnerBinding,
    PrivacyRequest,
    RequestKind,
    RequestStatus,
)
from huichang.domains.owners.operations.bindings import leave
from huichang.domains.owners.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move, record
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

# What only contact and courtesy needed; the name, the telephone and the cars stand in the repair records.
_SOFT = {
    "birthday": None, "address": "", "workplace": "", "email": "", "preferred_time": "", "next_service": "", "remark": "",
    "has_wechat": False,
}  # fmt: skip
_CARRIES_OUT = (P.USE, ContactsP.OPT_OUT, ContactsP.CONSENT, ContactsP.NOTIFY, CustomersP.EDIT)


@operation(P.ASK)
def ask_privacy(
    *,
    customer: Customer,
    kind: str,
    text: str,
    actor: Actor,
    now: datetime,
    account: OwnerAccount | None = None,
) -> PrivacyRequest:
    """Keep what a customer asks, to be answered within the policy's days. The same request twice is one row.

    Raises OperationRefused for an unknown kind, and for a correction that does not say what is wrong.
    """
    if kind not in RequestKind.values:
        raise OperationRefused(_("请选择要办什么。"), field="kind")
    if kind == RequestKind.CORRECT and not text.strip():
        raise OperationRefused(_("请写明哪里不对、应当是什么。"), field="text")
    days = policy(policies.ANSWER_DAYS, customer.dealer, local_date(now))
    row = PrivacyRequest(
        dealer_id=customer.dealer_id, customer=customer, account=account, kind=kind, text=text.strip()[:400],
        asked_at=now, due_date=local_date(now) + timedelta(days=days),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return PrivacyRequest.objects.get(customer=customer, kind=kind, status=RequestStatus.OPEN)
    record(row, before="", after=row.status, actor=actor, now=now)
    return row


@operation(P.ASK)
def withdraw_privacy(*, customer: Customer, request_id: int, actor: Actor, now: datetime) -> None:
    """The customer thought better of it. Raises OperationRefused when it was answered meanwhile."""
    row = PrivacyRequest.objects.filter(pk=request_id, customer=customer, status=RequestStatus.OPEN).first()
    if row is None:
        raise OperationRefused(_("这项请求已经办完。"))
    move(row, RequestStatus.WITHDRAWN, actor=actor, now=now, also={"answered_at": now})


@operation(P.ANSWER)
def answer_privacy(
    *,
    request: PrivacyRequest,
    is_done: bool,
    answer: str,
    actor: Actor,
    now: datetime,
    last_visit: date | None = None,
) -> None:
    """Answer in words the customer reads; a granted erasure erases at once what no law keeps.

    The repair records stay for the policy's years after `last_visit` and are used for nothing else: every contact is
    refused from now on. Raises OperationRefused without an answer, TransitionRefused when somebody answered already.
    """
    if len(answer.strip()) < 4:
        raise OperationRefused(_("请写明答复,客户会看到。"), field="answer")
    erases = is_done and request.kind == RequestKind.ERASE
    years = policy(policies.RECORD_YEARS, request.dealer, local_date(now))
    also = {
        "answer": answer.strip()[:400], "answered_at": now, "answered_by_id": actor.user_id,
        "kept_until": _years_after(last_visit, years) if erases and last_visit else None,
    }  # fmt: skip
    move(request, RequestStatus.DONE if is_done else RequestStatus.REFUSED, actor=actor, now=now, also=also)
    if erases:
        _erase(request.customer, actor=_by_law(actor), now=now)


def _by_law(actor: Actor) -> Actor:
    """Who answers, with the rights that carrying a granted erasure out takes."""
    return actor.holding(*_CARRIES_OUT)


def _years_after(day: date, years: int) -> date:
    """The same day so many years later; the 29th of February becomes the 28th."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return date(day.year + years, day.month, last)


def _erase(customer: Customer, *, actor: Actor, now: datetime) -> None:
    """Forget what served contact and courtesy; stop every use of what the law keeps."""
    why = _("个人信息删除请求")
    contacts.opt_out(customer=customer, reason=why, actor=actor, now=now)
    for consent in Consent.objects.filter(customer=customer, withdrawn_at=None):
        contacts.withdraw_consent(consent=consent, how=why, actor=actor, now=now)
    ChannelAddress.objects.filter(customer=customer).delete()
    ContactPreference.objects.filter(customer=customer).delete()
    for binding in OwnerBinding.objects.filter(customer=customer, ended_at=None).select_related(
        "account", "car"
    ):
        leave(binding=binding, reason=why, actor=actor, now=now)
    bound = OwnerBinding.objects.filter(customer=customer)
    FaultPhoto.objects.filter(car__in=bound.values("car"), account__in=bound.values("account")).delete()
    customers.set_tags(customer=customer, names=(), actor=actor)
    for need in CustomerNeed.objects.filter(customer=customer, ended_at=None):
        customers.end_need(need=need, actor=actor, now=now)
    customers.edit_customer(customer=customer, facts=_SOFT, id_number="", actor=actor)
