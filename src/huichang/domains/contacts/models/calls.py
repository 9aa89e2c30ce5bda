"""Refusals, wishes, outcome codes, scripts, the call register."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.contacts.models.channels import Channel
from huichang.domains.customers.models import Car, Customer
from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned


class OptOut(DealerOwned, Audited):
    """A customer's wish not to be contacted, per purpose and channel; only the customer can lift it.

    `purpose` is a reminder kind (`service`, `insurance` …) or `all`; `car` null means every car.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="opt_outs")
    car = models.ForeignKey(Car, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    purpose = models.CharField(max_length=32, default="all")
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.ALL)
    reason = models.CharField(_("原因"), max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_how = models.CharField(max_length=200, blank=True)  # the customer's own words or written request

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["dealer", "customer"], name="standing_opt_out", condition=Q(lifted_at=None))
        ]


class ContactPreference(DealerOwned, Audited):
    """When and how a customer likes to be spoken to (CAL-19): a daily time not to call, a channel, a note.

    `avoid_from` to `avoid_until` (exclusive) may run past midnight; both empty means no wish. `language` is what
    messages speak to this customer; empty is Chinese.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="contact_preference")
    avoid_from = models.TimeField(_("请勿致电:从"), null=True, blank=True)
    avoid_until = models.TimeField(_("到"), null=True, blank=True)
    channel = models.CharField(_("首选方式"), max_length=8, choices=Channel.choices, default=Channel.PHONE)
    note = models.CharField(_("联系习惯"), max_length=120, blank=True)
    language = models.CharField(_("消息语言"), max_length=8, blank=True, default="", db_default="")


class NextStep(models.TextChoices):
    """What the system does after an outcome."""

    NONE = "none", _("无")
    BOOK = "book", _("约好进厂")
    SECOND_CALL = "second_call", _("第二次致电")
    CALL_LATER = "call_later", _("约定时间再打")
    RETRY = "retry", _("隔几天再打")
    MARK_SOLD = "mark_sold", _("登记转卖")
    MARK_SCRAPPED = "mark_scrapped", _("登记报废")
    MARK_MOVED = "mark_moved", _("登记迁走")
    WRONG_NUMBER = "wrong_number", _("登记错号")
    DONE_ELSEWHERE = "done_elsewhere", _("登记他店已做")
    OPT_OUT = "opt_out", _("登记不再联系")
    COMPLAINT = "complaint", _("转投诉")


class OutcomeCode(Audited):
    """The result of a call, as data: label, when the case reappears, what it counts as (CAL).

    Rows without a dealer are the network's; a store may add its own.
    """

    dealer = models.ForeignKey(
        "dealers.Dealer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    code = models.CharField(_("代码"), max_length=30)
    label = models.CharField(_("名称"), max_length=40)
    label_en = models.CharField(_("英文名称"), max_length=60)
    key = models.CharField(_("快捷键"), max_length=1, blank=True)
    retry_working_days = models.PositiveSmallIntegerField(_("几个工作日后再出现"), null=True, blank=True)
    is_contact = models.BooleanField(_("算作联系到"), default=True)
    is_refusal = models.BooleanField(_("算作拒绝"), default=False)
    closes = models.BooleanField(_("结束本事由"), default=False)
    next_step = models.CharField(_("下一步"), max_length=16, choices=NextStep.choices, default="none")
    position = models.PositiveSmallIntegerField(_("顺序"), default=50)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "code"], name="one_outcome_code", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return self.label


class CallScript(Audited):
    """What to say: per reminder kind and language, with an apology version while a complaint is open.

    `text` may use {surname} {title} {plate} {series} {due_date} {store} {agent}. Rows without a dealer are the
    network's.
    """

    dealer = models.ForeignKey(
        "dealers.Dealer", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=32)
    language = models.CharField(max_length=8, default="zh-hans")
    is_apology = models.BooleanField(default=False)
    text = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "kind", "language", "is_apology"], name="one_script", nulls_distinct=False
            )
        ]


class Direction(models.TextChoices):
    OUT = "out", _("呼出")
    IN = "in", _("呼入")


class Call(DealerOwned, Audited):
    """The call register (CAL-16): every call, in or out, with its outcome. Never deleted.

    `kinds` are the reasons talked about, comma separated, each with its own `CallResult`; `outcome` is the
    one that decided what happens next; `task_id` the call task it answered, if any. `rating` (1 to 10) is what the
    customer said of the last visit; `override_reason` why the call was made in spite of the rules.
    """

    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="calls"
    )
    car = models.ForeignKey(Car, on_delete=models.PROTECT, null=True, blank=True, related_name="calls")
    number = models.CharField(_("电话"), max_length=20, blank=True)
    kinds = models.CharField(max_length=200, blank=True)
    outcome = models.ForeignKey(
        OutcomeCode, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("备注"), max_length=500, blank=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    task_id = models.BigIntegerField(null=True, blank=True)
    rating = models.PositiveSmallIntegerField(_("满意度"), null=True, blank=True)
    override_reason = models.CharField(_("破例原因"), max_length=200, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["dealer", "-started_at"], name="call_by_time"),
            models.Index(fields=["dealer", "customer", "-started_at"], name="call_by_customer"),
            models.Index(fields=["dealer", "number"], name="call_by_number"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(rating=None) | Q(rating__gte=1, rating__lte=10), name="call_rating_in_range"
            )
        ]


class CallResult(DealerOwned):
    """What came of one reason in one call. `kind` is a reminder kind, `purpose` what a refusal would name.

    Written once, never changed.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="results")
    car = models.ForeignKey(Car, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=32, blank=True)
    purpose = models.CharField(max_length=32)
    outcome = models.ForeignKey(OutcomeCode, on_delete=models.PROTECT, related_name="+")
