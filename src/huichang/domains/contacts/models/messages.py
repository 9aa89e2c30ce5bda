"""Messages and what became of them; where customers are reached, what they agreed to, what they answered."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.contacts.models.channels import Channel, ChannelAccount, MessageTemplate, Provider
from huichang.domains.customers.models import Car, Customer
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned
from huichang.kernel.sensitive import EncryptedTextField


class MessageStatus(models.TextChoices):
    WAITING = "waiting", _("待发送")
    SENDING = "sending", _("发送中")
    SENT = "sent", _("已发出")
    DELIVERED = "delivered", _("已送达")
    READ = "read", _("已读")
    FAILED = "failed", _("失败")
    SUPPRESSED = "suppressed", _("未发送")
    CANCELLED = "cancelled", _("已取消")


def client_id() -> str:
    """The number under which we tell a provider about a message."""
    return uuid.uuid4().hex


class Message(DealerOwned, Audited):
    """One message to one person over one channel: the outbox, written with the facts it tells of.

    `sending` is a claim: the row that a worker took before it called the provider (ADR 14). `cause` says in our
    words why a message did not go or did not arrive, `provider_code` in the provider's. `values` fill the template;
    `secret` holds those that no page may show. `counts`: it uses up contact pressure; a lower `priority` number goes
    first. `fallback_of` is the failed message that this one stands in for.
    """

    LIFECYCLE = Lifecycle(
        initial="waiting",
        moves={
            "waiting": {"sending", "sent", "suppressed", "cancelled", "failed"},
            "sending": {"sent", "delivered", "failed", "waiting", "suppressed"},
            "sent": {"delivered", "read", "failed"},
            "delivered": {"read"},
            "read": set(),
            # A report may come after we gave up; and a person may send again.
            "failed": {"delivered", "waiting"},
            "suppressed": {"waiting"},
            "cancelled": set(),
        },
    )
    audit_hidden = ("address", "address_index", "secret")
    audit_ignored = ("client_id",)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="messages")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    car = models.ForeignKey(Car, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    purpose = models.CharField(_("用途"), max_length=32)
    channel = models.CharField(_("方式"), max_length=8, choices=Channel.choices)
    status = models.CharField(max_length=24, choices=MessageStatus.choices, default=MessageStatus.WAITING)
    cause = models.CharField(max_length=24, blank=True)
    template = models.ForeignKey(
        MessageTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    template_name = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=8, default="zh-hans")
    values = models.JSONField(default=dict, blank=True)
    secret = EncryptedTextField(blank=True, default="")
    subject = models.CharField(_("标题"), max_length=120, blank=True)
    body = models.TextField(_("内容"), blank=True)
    segments = models.PositiveSmallIntegerField(default=1)
    key = models.CharField(max_length=120)  # the step that asked for it: once per key
    priority = models.PositiveSmallIntegerField(default=50)
    counts = models.BooleanField(default=True)
    planned_for = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    address = EncryptedTextField(blank=True, default="")
    address_index = models.CharField(max_length=64, blank=True)
    address_hint = models.CharField(max_length=80, blank=True)
    account = models.ForeignKey(
        ChannelAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    client_id = models.CharField(max_length=32, default=client_id, unique=True)
    provider_id = models.CharField(max_length=80, blank=True)
    provider_code = models.CharField(max_length=60, blank=True)
    provider_text = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)  # when the first attempt began
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    fallback_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="fallback"
    )
    register_number = models.CharField(_("登记号"), max_length=20, blank=True)  # of letters (CAL-17)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "key"], name="one_message_a_step")]
        indexes: ClassVar = [
            models.Index(
                fields=["dealer", "priority", "planned_for"], name="waiting_messages", condition=Q(status="waiting")
            ),
            models.Index(
                fields=["dealer", "claimed_at"], name="claimed_messages", condition=Q(status="sending")
            ),
            models.Index(fields=["dealer", "sent_at"], name="unreported_messages", condition=Q(status="sent")),
            models.Index(fields=["dealer", "-created_at", "-id"], name="message_by_time"),
            models.Index(fields=["dealer", "customer", "created_at"], name="message_of_customer"),
            models.Index(fields=["dealer", "address_index", "-created_at"], name="message_by_address"),
            models.Index(
                fields=["dealer", "provider_id"], name="message_by_provider_id", condition=~Q(provider_id="")
            ),
        ]  # fmt: skip

    @property
    def root_key(self) -> str:
        """The key under which the first of its chain of channels was queued."""
        return self.key.split(">", 1)[0]


class ChannelAddress(DealerOwned, Audited):
    """Where a customer is reached over a channel, and how we know: an openid, a verified e-mail or mobile.

    `proof` says how it was verified. `credits` counts the one-time subscriptions that a mini-program user
    gave (each is good for one message). An invalid one says why (unfollowed, wrong).
    """

    audit_hidden = ("address", "address_index")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="channel_addresses")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = EncryptedTextField()
    address_index = models.CharField(max_length=64)
    proof = models.CharField(_("如何核实"), max_length=200)
    credits = models.PositiveIntegerField(default=0)
    verified_at = models.DateTimeField()
    invalid_since = models.DateTimeField(null=True, blank=True)
    invalid_cause = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "customer", "channel", "address_index"], name="one_channel_address"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "address_index"], name="address_by_index")]


class Consent(DealerOwned, Audited):
    """What a customer agreed to receive, per purpose, channel and car, with the proof of it (PIPL 13–15).

    `purpose` is a purpose's group or `all`. Withdrawn ones stay: they prove what was sent before.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    purpose = models.CharField(max_length=32)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.ALL)
    proof = models.CharField(_("凭据"), max_length=200)
    given_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_by_name = models.CharField(max_length=80, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_how = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "customer", "car", "purpose", "channel"], name="one_standing_consent",
                condition=Q(withdrawn_at=None), nulls_distinct=False,
            )
        ]  # fmt: skip


class ProviderReport(DealerOwned):
    """What a provider reported about a message, once: the same report again has the same digest."""

    account = models.ForeignKey(ChannelAccount, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="reports")
    provider = models.CharField(max_length=10, choices=Provider.choices)
    provider_id = models.CharField(max_length=80, blank=True)
    result = models.CharField(max_length=12)  # delivered, failed, read
    code = models.CharField(max_length=60, blank=True)
    detail = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "account", "digest"], name="one_report_once")
        ]


class Reply(DealerOwned, Audited):
    """What a customer wrote back: a wish to stop is kept as a refusal at once, the rest is for people to read."""

    audit_hidden = ("address", "address_index")

    account = models.ForeignKey(ChannelAccount, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="replies")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    address = EncryptedTextField()
    address_index = models.CharField(max_length=64)
    address_hint = models.CharField(max_length=80, blank=True)
    text = models.CharField(_("内容"), max_length=500)
    is_stop = models.BooleanField(default=False)
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "account", "digest"], name="one_reply_once")
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "-received_at"], name="reply_by_time")]
