"""Which person sees which car of a store's file, by what proof and until when; what they sent with a booking."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Car, Customer
from huichang.domains.owners.models.account import OwnerAccount
from huichang.domains.owners.rights import Right
from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned


class Proof(models.TextChoices):
    """How somebody showed that the car is theirs (WX-02)."""

    IDENTITY = "identity", _("车架号、证件号码和短信验证码")
    NEW_MOBILE = "new_mobile", _("车架号、证件号码和短信验证码,手机号与档案不同")
    INVITED = "invited", _("车主邀请")


class OwnerBinding(DealerOwned, Audited):
    """An account and a car of a store's file. `customer` is the owner in that file, also for invited drivers.

    It holds only while `customer` owns the car: `queries` asks the ownership each time. `label` is what the owner
    calls an invited person ("妻子").
    """

    account = models.ForeignKey(OwnerAccount, on_delete=models.PROTECT, related_name="bindings")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="owner_bindings")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="owner_bindings")
    right = models.CharField(max_length=8, choices=Right.choices, default=Right.OWNER)
    proof = models.CharField(max_length=12, choices=Proof.choices)
    label = models.CharField(_("称呼"), max_length=20, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "car"], condition=Q(ended_at=None), name="one_binding_of_a_car"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "customer"], name="binding_by_customer"),
            models.Index(fields=["dealer", "-began_at"], name="binding_by_time"),
        ]


class OwnerInvite(DealerOwned, Audited):
    """A link by which the owner lets one other person use the car; good once."""

    audit_hidden = ("digest",)

    binding = models.ForeignKey(OwnerBinding, on_delete=models.CASCADE, related_name="invites")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(_("称呼"), max_length=20)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class FaultPhoto(DealerOwned):
    """A picture of the fault sent with a booking (`reference` is its number), as JPEG.

    It was drawn anew on arrival (`pictures`): no position, no hidden content, no larger than a page needs.
    """

    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="+")
    reference = models.CharField(_("预约号"), max_length=20)
    account = models.ForeignKey(OwnerAccount, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.BinaryField()
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["dealer", "reference"], name="photo_by_booking")]
