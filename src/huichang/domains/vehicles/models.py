"""The car itself, network-wide and without personal data; odometer readings, each the store's that took it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class Vehicle(Audited):
    """A car by its VIN. Plates, owners and insurance are in the store's own file: `customers.Car`."""

    vin = models.CharField(_("车架号"), max_length=17, unique=True)
    make = models.CharField(_("品牌"), max_length=40, blank=True)
    series = models.CharField(_("车系"), max_length=40, blank=True)
    model_name = models.CharField(_("车型"), max_length=80, blank=True)
    color = models.CharField(_("颜色"), max_length=20, blank=True)
    engine_number = models.CharField(_("发动机号"), max_length=30, blank=True)
    sale_date = models.DateField(_("开票日期"), null=True, blank=True)
    registration_date = models.DateField(_("上牌日期"), null=True, blank=True)
    warranty_start_date = models.DateField(_("保修开始日期"), null=True, blank=True)
    # Exclusive: the first day without warranty.
    warranty_end_date = models.DateField(_("保修结束日期"), null=True, blank=True)
    warranty_km = models.PositiveIntegerField(_("保修里程"), null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["warranty_end_date"], name="vehicle_warranty_end"),
            models.Index(fields=["series"], name="vehicle_series"),
        ]

    def __str__(self) -> str:
        return self.vin


class ReadingStatus(models.TextChoices):
    ACCEPTED = "accepted", _("可信")
    SUSPECT = "suspect", _("待核实")
    CONFIRMED = "confirmed", _("已核实")
    REJECTED = "rejected", _("不可信")


class ReadingSource(models.TextChoices):
    VISIT = "visit", _("进厂")
    CALL = "call", _("电话")
    FILE = "file", _("档案")
    OWNER = "owner", _("车主")
    API = "api", _("接口")


READING_LIFECYCLE = Lifecycle(
    initial="accepted",
    moves={
        "accepted": {"suspect"},
        "suspect": {"confirmed", "rejected"},
        "confirmed": {"suspect"},
        "rejected": {"suspect"},
    },
)


class OdometerReading(DealerOwned, Audited):
    """A reading as somebody took it. Only accepted and confirmed ones move a forecast.

    `doubt` says why a suspect one is asked about: `rolls_back` or `leaps`.
    """

    LIFECYCLE = READING_LIFECYCLE

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="readings")
    read_on = models.DateField(_("日期"))
    km = models.PositiveIntegerField(_("里程"))
    source = models.CharField(max_length=8, choices=ReadingSource.choices)
    status = models.CharField(max_length=24, choices=ReadingStatus.choices, default=ReadingStatus.ACCEPTED)
    doubt = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "vehicle", "read_on", "source", "km"], name="one_reading_a_day_and_value"
            )
        ]
