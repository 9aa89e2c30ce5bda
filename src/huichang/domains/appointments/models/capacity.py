"""What limits a day beside bays and people: limits of kinds of work, the reserve, who went beyond, new plans."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.appointments.models.bands import BookingBand
from huichang.domains.appointments.models.booking import Booking, ReservePurpose
from huichang.domains.catalog.models import LabourOperation
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class Channel(models.TextChoices):
    """The way a booking came (APT-02, APT-03, D-24)."""

    DESK = "desk", _("柜台")
    CALL = "call", _("电话")
    WALK_IN = "walk_in", _("直接到店")
    PORTAL = "portal", _("车主手机")
    WECHAT = "wechat", _("微信")
    APP = "app", _("APP")
    WEB = "web", _("官网")
    API = "api", _("接口")


ONLINE = frozenset(
    {Channel.PORTAL, Channel.WECHAT, Channel.APP, Channel.WEB}
)  # the owner books without a person


class BandDiscount(DealerOwned, Audited):
    """The labour discount of a band for one channel, in place of the band's own (APT-06: the APP has the largest)."""

    band = models.ForeignKey(BookingBand, on_delete=models.CASCADE, related_name="discounts")
    channel = models.CharField(_("渠道"), max_length=20, choices=Channel.choices)
    discount_percent = models.PositiveSmallIntegerField(_("工时优惠"))

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["band", "channel"], name="one_discount_a_channel"),
            models.CheckConstraint(condition=Q(discount_percent__lte=100), name="channel_discount"),
        ]


class JobLimit(DealerOwned, Audited):
    """At most `per_day` bookings a day that contain a kind of job: one labour operation, or any of a skill."""

    name = models.CharField(_("名称"), max_length=40)
    skill = models.CharField(_("工种"), max_length=20, blank=True)
    labour = models.ForeignKey(
        LabourOperation, on_delete=models.CASCADE, null=True, blank=True, related_name="+",
        verbose_name=_("项目"),
    )  # fmt: skip
    weekday = models.PositiveSmallIntegerField(
        _("星期"), null=True, blank=True
    )  # 0 = Monday; null: every day
    per_day = models.PositiveSmallIntegerField(_("每天最多"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(skill="", labour__isnull=False) | (~Q(skill="") & Q(labour=None)),
                name="limit_of_one_kind",
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="limit_weekday"),
        ]


class ReserveUse(DealerOwned):
    """Hours that ate reserve without a block of their own: carry-over that found no place, hours lost to mishaps.

    Blocks with a `purpose` are the other half of the ledger: `planning.reserve` adds the two up.
    """

    day = models.DateField()
    skill = models.CharField(max_length=20)
    purpose = models.CharField(max_length=12, choices=ReservePurpose.choices)
    hours = models.DecimalField(_("工时"), max_digits=6, decimal_places=2)
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, null=True, related_name="reserve_uses")
    reason = models.CharField(_("原因"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_by_name = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["booking", "day", "skill"],
                condition=Q(purpose="carry_over"),
                name="carried_over_once",
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="reserve_use_has_purpose"),
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "day"], name="reserve_use_by_day")]


class ReserveDay(DealerOwned):
    """The reserve of a skill on a day that is over, as it stood at closing. All hours.

    `capacity` = technicians' hours; `reserve` of them kept; `promised` went to ordinary bookings; the rest is what ate
    the reserve. `released` is what nobody needed and was given back to bookings during the day.
    """

    day = models.DateField()
    skill = models.CharField(max_length=20)
    capacity = models.DecimalField(max_digits=7, decimal_places=2)
    reserve = models.DecimalField(max_digits=7, decimal_places=2)
    promised = models.DecimalField(max_digits=7, decimal_places=2)
    quick = models.DecimalField(max_digits=7, decimal_places=2)
    urgent = models.DecimalField(max_digits=7, decimal_places=2)
    carry_over = models.DecimalField(max_digits=7, decimal_places=2)
    unforeseen = models.DecimalField(max_digits=7, decimal_places=2)
    released = models.DecimalField(max_digits=7, decimal_places=2)
    closed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "day", "skill"], name="one_reserve_a_day_and_skill")
        ]


class BookingOverride(DealerOwned):
    """A booking that was made although a counted rule stood against it: which rules, who allowed it, and why."""

    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="overrides")
    rules = ArrayField(models.CharField(max_length=200))
    reason = models.CharField(_("原因"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_by_name = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["dealer", "-created_at"], name="override_by_time")]


class ReplanStatus(models.TextChoices):
    PROPOSED = "proposed", _("待确认")
    ACCEPTED = "accepted", _("已采用")
    REJECTED = "rejected", _("已放弃")


class Replan(DealerOwned, Audited):
    """A proposal for the rest of a day after something broke: what moves and why; nothing happens until accepted.

    `moves` is what `planning.wording.move` makes of each changed visit, `emergency` what is to be squeezed in (car,
    customer, jobs, is_here). `asked` says what went wrong in words.
    """

    LIFECYCLE = Lifecycle(
        initial="proposed",
        moves={"proposed": {"accepted", "rejected"}, "accepted": set(), "rejected": set()},
    )

    day = models.DateField()
    status = models.CharField(max_length=24, choices=ReplanStatus.choices, default=ReplanStatus.PROPOSED)
    asked = models.CharField(_("原因"), max_length=200)
    emergency = models.JSONField(default=dict, blank=True)
    moves = models.JSONField(default=list)
    is_optimal = models.BooleanField(default=False)
    took_ms = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["dealer", "-created_at"], name="replan_by_time")]


class WelcomeScreen(DealerOwned, Audited):
    """A screen on the wall that may show today's names without a person signed in; only its token's hash is kept."""

    audit_hidden: ClassVar = ("token_hash",)
    audit_ignored: ClassVar = ("seen_at",)

    name = models.CharField(_("名称"), max_length=40)
    token_hash = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(_("在用"), default=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
