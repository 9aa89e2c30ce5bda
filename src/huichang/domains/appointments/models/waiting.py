"""Customers who would come earlier, and the freed slots offered to them one after the other."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.appointments.models.booking import Booking
from huichang.domains.customers.models import Car, Customer
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class WaitingStatus(models.TextChoices):
    WAITING = "waiting", _("候补中")
    BOOKED = "booked", _("已约上")
    WITHDRAWN = "withdrawn", _("已退出")
    LAPSED = "lapsed", _("已过期")


class WaitingEntry(DealerOwned, Audited):
    """A wish for a slot between `first_day` and `last_day` (inclusive), from `clock_from` to before `clock_until`.

    `labour_ids` are jobs of the catalogue. `booking` is the later one the customer already has, given up when an
    earlier slot is accepted; afterwards the booking that came of it. First come, first served; a customer who lets an
    offer lapse keeps the place but is not offered that slot again.
    """

    LIFECYCLE = Lifecycle(
        initial="waiting",
        moves={
            "waiting": {"booked", "withdrawn", "lapsed"},
            "booked": set(),
            "withdrawn": set(),
            "lapsed": set(),
        },
    )

    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    labour_ids = ArrayField(models.BigIntegerField())
    status = models.CharField(max_length=24, choices=WaitingStatus.choices, default=WaitingStatus.WAITING)
    first_day = models.DateField(_("最早"))
    last_day = models.DateField(_("最晚"))
    clock_from = models.TimeField(_("几点以后"))
    clock_until = models.TimeField(_("几点以前"))
    note = models.CharField(_("备注"), max_length=200, blank=True)
    source = models.CharField(_("来源"), max_length=20, default="desk")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="waiting_has_days"),
            models.CheckConstraint(condition=Q(clock_until__gt=F("clock_from")), name="waiting_has_hours"),
            models.UniqueConstraint(
                fields=["car"], condition=Q(status="waiting"), name="one_waiting_entry_of_a_car"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["dealer", "created_at"], name="waiting_by_time", condition=Q(status="waiting")
            ),
        ]


class OfferStatus(models.TextChoices):
    OPEN = "open", _("等待答复")
    ACCEPTED = "accepted", _("已接受")
    DECLINED = "declined", _("已谢绝")
    LAPSED = "lapsed", _("已过期")


class SlotOffer(DealerOwned):
    """A freed slot kept for one waiting customer until `expires_at`: its time is a hold, so nobody else can take it."""

    LIFECYCLE = Lifecycle(
        initial="open",
        moves={
            "open": {"accepted", "declined", "lapsed"},
            "accepted": set(),
            "declined": set(),
            "lapsed": set(),
        },
    )

    entry = models.ForeignKey(WaitingEntry, on_delete=models.CASCADE, related_name="offers")
    hold = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=24, choices=OfferStatus.choices, default=OfferStatus.OPEN)
    starts_at = models.DateTimeField()
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(status="open"), name="one_open_offer_at_a_time"
            ),
            models.UniqueConstraint(fields=["entry", "starts_at"], name="a_slot_is_offered_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "expires_at"], name="open_offers", condition=Q(status="open")),
        ]
