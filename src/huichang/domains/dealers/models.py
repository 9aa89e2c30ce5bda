"""Stores and the network above them; posts, delegation, policies, working calendars."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.accounts.models import Role
from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned


class Region(Audited):
    """A sales region of the manufacturer; regions may nest."""

    code = models.CharField(_("代码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )

    def __str__(self) -> str:
        return self.name


class DealerGroup(Audited):
    """A company that owns several stores."""

    code = models.CharField(_("代码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=60)

    def __str__(self) -> str:
        return self.name


class Dealer(Audited):
    """A store (4S). Everything it writes carries its id; see `kernel.scoping`."""

    code = models.CharField(_("代码"), max_length=20, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="dealers"
    )
    group = models.ForeignKey(
        DealerGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="dealers"
    )
    city = models.CharField(_("城市"), max_length=40, blank=True)
    address = models.CharField(_("地址"), max_length=120, blank=True)
    phone = models.CharField(_("电话"), max_length=30, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)

    def __str__(self) -> str:
        return self.name


class StorePost(DealerOwned, Audited):
    """A person's role in a store for a period; `end_date` is exclusive, null while it lasts."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="store_posts")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    start_date = models.DateField(_("开始"))
    end_date = models.DateField(_("结束"), null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "user", "role"], condition=Q(end_date=None), name="one_current_post"
            )
        ]


class NetworkPost(Audited):
    """A person's role at a region, or at the manufacturer when `region` is null (PRM-10)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="network_posts")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    start_date = models.DateField(_("开始"))
    end_date = models.DateField(_("结束"), null=True, blank=True)


class Delegation(DealerOwned, Audited):
    """One person's duties given to another for a period (leave, resignation: PRM-04)."""

    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    substitute = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    start_date = models.DateField(_("开始"))
    end_date = models.DateField(_("结束"), help_text=_("不含当天"))
    reason = models.CharField(_("原因"), max_length=100)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end_date__gt=F("start_date")), name="delegation_has_a_day"),
            models.CheckConstraint(condition=~Q(giver=F("substitute")), name="delegation_to_another"),
        ]

    @property
    def last_date(self) -> date:
        """The last day that counts, as people say it."""
        return self.end_date - timedelta(days=1)


class PolicyLevel(models.TextChoices):
    MAKER = "maker", _("主机厂")
    REGION = "region", _("大区")
    DEALER = "dealer", _("本店")


class PolicyValue(Audited):
    """A value of a declared policy (`kernel.policies`) at one level from a date on; the nearest level wins.

    Rows are never edited: a change is a new row, so the history is the table itself.
    """

    key = models.CharField(max_length=80)
    level = models.CharField(max_length=8, choices=PolicyLevel.choices)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dealer = models.ForeignKey(Dealer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    value = models.CharField(max_length=200)
    effective_date = models.DateField(_("生效日期"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    author_name = models.CharField(max_length=80)
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "effective_date"], name="policy_by_key")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(level="maker", region=None, dealer=None)
                | Q(level="region", region__isnull=False, dealer=None)
                | Q(level="dealer", region=None, dealer__isnull=False),
                name="policy_level_names_its_place",
            )
        ]


class OpeningPeriod(DealerOwned, Audited):
    """One period of an ordinary week; a day may have several (a lunch break makes two)."""

    weekday = models.PositiveSmallIntegerField(_("星期"))  # 0 = Monday
    opens_at = models.TimeField(_("开门"))
    closes_at = models.TimeField(_("关门"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="period_has_length"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="period_weekday"),
            models.UniqueConstraint(fields=["dealer", "weekday", "opens_at"], name="one_period_a_start"),
        ]


class SpecialDay(DealerOwned, Audited):
    """A day that differs from the ordinary week: closed, or open at its own hours."""

    day = models.DateField(_("日期"))
    is_open = models.BooleanField(_("营业"))
    opens_at = models.TimeField(_("开门"), null=True, blank=True)
    closes_at = models.TimeField(_("关门"), null=True, blank=True)
    reason = models.CharField(_("原因"), max_length=60)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "day"], name="one_special_day")]


class HolidayDay(Audited):
    """A public holiday or make-up working day that the calendar library does not know, or knows wrongly."""

    day = models.DateField(_("日期"), unique=True)
    is_working = models.BooleanField(_("上班"))
    name = models.CharField(_("名称"), max_length=40)
