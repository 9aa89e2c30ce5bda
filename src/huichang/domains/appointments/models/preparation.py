"""How far a booked visit is prepared, and the checks the store makes of its preparations."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.appointments.models.booking import Booking
from huichang.kernel.audit import Audited
from huichang.kernel.money import MoneyField
from huichang.kernel.scoping import DealerOwned


class PaperPlace(models.TextChoices):
    """In whose hands the papers of a visit are, in the order they go round (PRE-05, 06, 13, 14; CNF-02)."""

    DESK = "desk", _("预约专员")
    DIRECTOR = "director", _("技术总监")
    TECHNICIAN = "technician", _("维修技师")
    BACK = "back", _("交回技术总监")
    FOLDER = "folder", _("服务顾问的资料夹")


class Preparation(DealerOwned, Audited):
    """What people said and did for a booked visit; what follows from other tables is not repeated here.

    `confirmed_at` is the customer's word that he comes at this time. `parts_expected_date` is set while parts are
    known to be late. A deposit is only recorded: the payment itself is the cashier's (APT-21). `papers_with` follows the
    printed papers from hand to hand; new papers start at the desk again.
    """

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="preparation")
    confirmed_at = models.DateTimeField(_("客户确认"), null=True, blank=True)
    confirmed_by = models.CharField(_("确认登记人"), max_length=40, blank=True)
    technician_agreed_at = models.DateTimeField(_("技师确认项目和配件"), null=True, blank=True)
    technician_agreed_by = models.CharField(_("确认的技师"), max_length=40, blank=True)
    parts_expected_date = models.DateField(_("配件预计到货"), null=True, blank=True)
    deposit_amount = MoneyField(_("应收定金"), default=0)
    deposit_paid_amount = MoneyField(_("已收定金"), default=0)
    deposit_paid_at = models.DateTimeField(null=True, blank=True)
    deposit_paid_to = models.CharField(_("收定金的人"), max_length=40, blank=True)
    deposit_receipt = models.CharField(_("收据号"), max_length=40, blank=True)
    deposit_returned_amount = MoneyField(_("已退定金"), default=0)
    deposit_returned_at = models.DateTimeField(null=True, blank=True)
    deposit_returned_by = models.CharField(_("退定金的人"), max_length=40, blank=True)
    papers_with = models.CharField(
        _("单据在谁手上"), max_length=12, choices=PaperPlace.choices, default=PaperPlace.DESK,
        db_default=PaperPlace.DESK,
    )  # fmt: skip
    papers_since = models.DateTimeField(null=True, blank=True)
    papers_by = models.CharField(_("交接登记人"), max_length=40, blank=True)

    @property
    def lacks_deposit(self) -> bool:
        return bool(self.deposit_paid_amount < self.deposit_amount)

    @property
    def deposit_held(self) -> Decimal:
        """What the store holds of the customer's money: paid and not returned."""
        return Decimal(self.deposit_paid_amount - self.deposit_returned_amount)


class CheckKind(models.TextChoices):
    MORNING = "morning", _("开工前检查")  # PRE-15
    FOLDERS = "folders", _("N-2 资料夹检查")  # CNF-03, CNF-04
    TOMORROW = "tomorrow", _("次日计划")  # PRE-17, PRE-18


class DayCheck(DealerOwned, Audited):
    """Somebody looked through the preparations of a day. `about` is that day; `lacking` what was not ready then.

    `lacking` is a list of {"booking", "number", "plate", "reasons": [..]} as seen at that moment.
    """

    kind = models.CharField(max_length=12, choices=CheckKind.choices)
    about = models.DateField()
    checked_on = models.DateField()
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    checked_by_name = models.CharField(max_length=40)
    expected = models.PositiveSmallIntegerField(_("预约数"))
    ready = models.PositiveSmallIntegerField(_("已备好"))
    lacking = models.JSONField(default=list)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "kind", "about", "checked_on"], name="one_check_a_day")
        ]
