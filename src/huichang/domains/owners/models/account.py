"""The account of a person across stores: what signing in needs, and nothing else. Network-wide."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.kernel.audit import Audited
from huichang.kernel.sensitive import EncryptedTextField


class OwnerAccount(Audited):
    """Somebody with a mobile. Names, cars and bookings are in the stores' files, reached by `OwnerBinding`.

    `mobile` and `openid` (of the official account, empty without WeChat) are encrypted and found by their blind
    indexes; closing the account empties all four. `notice_version` is the privacy notice that was accepted.
    """

    audit_hidden = ("mobile", "mobile_index", "openid", "openid_index")

    mobile = EncryptedTextField(_("手机"))
    mobile_index = models.CharField(max_length=64, blank=True)
    openid = EncryptedTextField(blank=True, default="")
    openid_index = models.CharField(max_length=64, blank=True)
    language = models.CharField(_("语言"), max_length=8, default="zh-hans")
    notice_version = models.CharField(max_length=10, blank=True)
    noticed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["mobile_index"], condition=~Q(mobile_index=""), name="one_account_a_mobile"
            ),
            models.UniqueConstraint(
                fields=["openid_index"], condition=~Q(openid_index=""), name="one_account_an_openid"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(mobile_index="", openid_index=""),
                name="closed_account_is_empty",
            ),
        ]


class OwnerCode(models.Model):
    """A code sent to a mobile, good once, for the browser that asked for it.

    `ticket` is the digest of what that browser holds; `digest` the keyed digest of the code together with the ticket.
    `errand` is what happens when the code is right: sign in, or also bind the cars it names (the identity number
    they were found by is not kept). Deleted when used or over.
    """

    ticket = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64)
    mobile = EncryptedTextField()
    openid = EncryptedTextField(blank=True, default="")
    errand = models.JSONField(default=dict)
    tries_left = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)


class TryKind(models.TextChoices):
    CODE = "code", _("获取验证码")
    CAR = "car", _("登记车辆")


class OwnerTry(models.Model):
    """One try to get a code or to register a car: the limits are counted from these rows. Digests only."""

    kind = models.CharField(max_length=4, choices=TryKind.choices)
    mobile_index = models.CharField(max_length=64)
    vin_index = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    succeeded = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["kind", "mobile_index", "at"], name="owner_try_by_mobile"),
            models.Index(fields=["kind", "address", "at"], name="owner_try_by_address"),
            models.Index(fields=["kind", "vin_index", "at"], name="owner_try_by_vin"),
            models.Index(fields=["at"], name="owner_try_by_time"),
        ]


class OwnerSession(models.Model):
    """A phone on which an owner is signed in; only the digest of its token is kept. Apart from staff sessions."""

    account = models.ForeignKey(OwnerAccount, on_delete=models.CASCADE, related_name="sessions")
    digest = models.CharField(max_length=64, unique=True)
    device = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField(null=True, blank=True)
