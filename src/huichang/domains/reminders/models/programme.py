"""The first three services of a car, followed by whoever sold it (TSP-12…15)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Car
from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned


class Satisfaction(models.TextChoices):
    """What the follow-up of a service heard (TSP-15); whoever is not fully satisfied is called again."""

    UNKNOWN = "", _("还没有回访")
    FULL = "full", _("完全满意")
    PARTLY = "partly", _("不完全满意")
    NOT = "not", _("不满意")


class ProgrammeCard(DealerOwned, Audited):
    """What the sales advisor learned and agreed about one car; which table it stands in follows from its services.

    The mileage and the place of use are kept where they belong (`OdometerReading`, `Car.place_of_use`). `wanted_at` is a
    time the customer would come, asked of the appointment specialist; `answer` what became of that.
    """

    car = models.OneToOneField(Car, on_delete=models.CASCADE, related_name="programme_card")
    talked_at = models.DateTimeField(_("了解用车习惯"), null=True, blank=True)
    talked_by_name = models.CharField(max_length=80, blank=True)
    planned_date = models.DateField(_("约定首保日"), null=True, blank=True)
    note = models.CharField(_("备注"), max_length=200, blank=True)
    wanted_at = models.DateTimeField(_("希望到店"), null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_by_name = models.CharField(max_length=80, blank=True)
    answer = models.CharField(_("预约专员答复"), max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by_name = models.CharField(max_length=80, blank=True)
    satisfaction = models.CharField(
        _("回访满意度"), max_length=8, choices=Satisfaction.choices, default="", blank=True
    )
    satisfaction_note = models.CharField(_("再次致电备注"), max_length=200, blank=True)
    next_reminder_date = models.DateField(_("下次提醒"), null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["dealer", "asked_at"], name="times_asked",
                condition=models.Q(asked_at__isnull=False, answered_at=None),
            )
        ]  # fmt: skip

    @property
    def waits_for_answer(self) -> bool:
        """Whether the appointment specialist has still to say if the time can be had."""
        return self.asked_at is not None and self.answered_at is None
