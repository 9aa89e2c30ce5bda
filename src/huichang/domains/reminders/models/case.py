"""Reasons to contact a customer, and the case that gathers them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.appointments.models import Booking
from huichang.domains.customers.models import Car, Customer
from huichang.domains.reminders import kinds
from huichang.domains.worklist.models import CallTask
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class CaseStatus(models.TextChoices):
    OPEN = "open", _("进行中")
    BOOKED = "booked", _("已预约")
    RETURNED = "returned", _("已回厂")
    CLOSED = "closed", _("已结束")


class CloseCause(models.TextChoices):
    NONE = "", "—"
    RETURNED = "returned", _("已回厂")
    REFUSED = "refused", _("客户拒绝")
    SOLD_ON = "sold_on", _("已转卖")
    SCRAPPED = "scrapped", _("已报废")
    MOVED_AWAY = "moved_away", _("已迁走")
    NEW_OWNER = "new_owner", _("换了车主")
    DONE_ELSEWHERE = "done_elsewhere", _("他店已做")
    OPTED_OUT = "opted_out", _("不再联系")
    PASSED = "passed", _("已过期")
    NOT_DUE = "not_due", _("不再到期")
    DONE = "done", _("已办理")
    MERGED = "merged", _("客户档案合并")


class Case(DealerOwned):
    """One occasion to talk to one customer, with every reason in it (PEERS: one call, all reasons).

    `customer` is the person who is called, `car` the car of the earliest reason. `due_date`, `call_date` and
    `last_safe_day` are the earliest of the open reasons; after `last_safe_day` a part would come too late.
    `step` is the last step that was started: `message`, `first_call`, `second_call`. `booked` means that one of its
    reasons has a promised visit; its days are then those of the reasons that have none.
    """

    LIFECYCLE = Lifecycle(
        initial="open",
        moves={
            "open": {"booked", "returned", "closed"},
            "booked": {"open", "returned", "closed"},
            "returned": set(),
            "closed": set(),
        },
    )

    number = models.CharField(_("个案号"), max_length=24)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="cases")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="cases")
    status = models.CharField(max_length=24, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    close_cause = models.CharField(max_length=16, choices=CloseCause.choices, default="", blank=True)
    due_date = models.DateField(_("到期"))
    last_safe_day = models.DateField(_("最晚致电"))
    call_date = models.DateField(_("计划致电"))
    message_date = models.DateField(_("计划短信"), null=True, blank=True)
    second_call_date = models.DateField(_("二次致电"), null=True, blank=True)
    step = models.CharField(max_length=16, blank=True)
    task = models.ForeignKey(CallTask, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    booking = models.ForeignKey(Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "customer"],
                condition=Q(status__in=("open", "booked")),
                name="one_open_case",
            ),
            models.UniqueConstraint(fields=["dealer", "number"], name="one_case_number"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "call_date"], name="case_by_call", condition=Q(status="open")),
            models.Index(fields=["dealer", "customer", "-opened_on"], name="case_by_customer"),
        ]


class DueStatus(models.TextChoices):
    OPEN = "open", _("到期")
    CLOSED = "closed", _("已结束")


class Due(DealerOwned):
    """One reason: a kind, a car, a date, and why. `key` makes it happen once (`after:2026-05-28`).

    `why` holds the figures behind the date; `why.text(due)` makes the sentence. `customer` is who is called, null
    when the car has no known owner. The steps are days: `call_date`, `second_call_date` and `last_safe_day` fall on
    working days. `calls` counts the calls that reached the customer about this reason, `outcome_code` is the last.
    `booking` is the visit that was promised for this reason; reasons of the case without one are still called about.
    """

    LIFECYCLE = Lifecycle(initial="open", moves={"open": {"closed"}, "closed": {"open"}})

    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="dues")
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="dues"
    )
    kind = models.CharField(max_length=32, choices=kinds.choices)
    key = models.CharField(max_length=40)
    due_date = models.DateField(_("到期日"))
    message_date = models.DateField(_("计划短信"), null=True, blank=True)
    call_date = models.DateField(_("计划致电"), null=True, blank=True)
    second_call_date = models.DateField(_("二次致电"), null=True, blank=True)
    last_safe_day = models.DateField(_("最晚致电"))
    why = models.JSONField(default=dict)
    status = models.CharField(max_length=24, choices=DueStatus.choices, default=DueStatus.OPEN)
    close_cause = models.CharField(max_length=16, choices=CloseCause.choices, default="", blank=True)
    closed_on = models.DateField(null=True, blank=True)
    outcome_code = models.CharField(max_length=30, blank=True)
    calls = models.PositiveSmallIntegerField(default=0)
    messaged_on = models.DateField(null=True, blank=True)
    case = models.ForeignKey(Case, on_delete=models.SET_NULL, null=True, blank=True, related_name="reasons")
    booking = models.ForeignKey(Booking, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "car", "kind", "key"], name="one_due_an_occasion")
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "kind", "due_date", "id"], name="due_by_kind"),
            models.Index(
                fields=["dealer", "kind", "car"],
                include=["id", "key", "due_date", "customer", "case"],
                name="open_due_by_kind",
                condition=Q(status="open"),
            ),
            models.Index(fields=["dealer", "customer"], name="open_due", condition=Q(status="open")),
        ]
