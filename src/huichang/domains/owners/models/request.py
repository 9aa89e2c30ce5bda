"""What people ask of the store about their own data (PIPL art. 44–47, 50), and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Customer
from huichang.domains.owners.models.account import OwnerAccount
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class RequestKind(models.TextChoices):
    ERASE = "erase", _("删除个人信息")
    CORRECT = "correct", _("更正个人信息")


class RequestStatus(models.TextChoices):
    OPEN = "open", _("待办理")
    DONE = "done", _("已办理")
    REFUSED = "refused", _("不予办理")
    WITHDRAWN = "withdrawn", _("本人撤回")


class PrivacyRequest(DealerOwned, Audited):
    """One request of a customer of the store; answered until `due_date`, with words the customer reads.

    What the law makes the store keep (repair records) is kept until `kept_until` and used for nothing else.
    """

    LIFECYCLE = Lifecycle(
        initial="open",
        moves={"open": {"done", "refused", "withdrawn"}, "done": set(), "refused": set(), "withdrawn": set()},
    )

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="privacy_requests")
    account = models.ForeignKey(OwnerAccount, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("请求"), max_length=8, choices=RequestKind.choices)
    text = models.CharField(_("说明"), max_length=400, blank=True)
    status = models.CharField(max_length=24, choices=RequestStatus.choices, default=RequestStatus.OPEN)
    asked_at = models.DateTimeField()
    due_date = models.DateField(_("最晚答复"))
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(_("答复"), max_length=400, blank=True)
    kept_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["customer", "kind"], condition=Q(status="open"), name="one_open_request_a_kind"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "status", "due_date"], name="privacy_by_status"),
        ]
