"""The store's file of a car, and whose it is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models.customer import Customer
from huichang.domains.vehicles.models import Vehicle
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned


class CarStatus(models.TextChoices):
    ACTIVE = "active", _("在册")
    SOLD_ON = "sold_on", _("已转卖")
    SCRAPPED = "scrapped", _("已报废")
    MOVED_AWAY = "moved_away", _("已迁走")


class Usage(models.TextChoices):
    """How the car is used: a prior for its mileage and a question of the call (CAL)."""

    UNKNOWN = "", _("未知")
    PRIVATE = "private", _("自用")
    BUSINESS = "business", _("公务")
    RIDE_HAILING = "ride_hailing", _("网约车")
    RENTAL = "rental", _("租赁")


class Car(DealerOwned, Audited):
    """A store's file of one vehicle: plate, insurance, inspection, use, whether it is still in the base.

    Insurance and inspection dates are the first day without cover (exclusive ends). `plate_reversed` and
    `vin_reversed` serve the search by tail. `last_visit_date` and `last_visit_km` are kept by the workshop.
    """

    LIFECYCLE = Lifecycle(
        initial="active",
        moves={
            "active": {"sold_on", "scrapped", "moved_away"},
            "sold_on": {"active"},
            "scrapped": set(),
            "moved_away": {"active"},
        },
    )
    audit_ignored = ("plate_reversed", "vin_reversed")

    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="files")
    plate = models.CharField(_("车牌号"), max_length=12, blank=True, db_collation="C")
    plate_reversed = models.CharField(max_length=12, blank=True, db_collation="C")
    vin_reversed = models.CharField(max_length=17, db_collation="C")
    status = models.CharField(max_length=24, choices=CarStatus.choices, default=CarStatus.ACTIVE)
    usage = models.CharField(_("用途"), max_length=16, choices=Usage.choices, default="", blank=True)
    place_of_use = models.CharField(_("使用地点"), max_length=60, blank=True, default="", db_default="")
    insurer = models.CharField(_("保险公司"), max_length=40, blank=True)
    compulsory_insurance_end_date = models.DateField(_("交强险到期日"), null=True, blank=True)
    commercial_insurance_end_date = models.DateField(_("商业险到期日"), null=True, blank=True)
    inspection_due_date = models.DateField(_("年检到期日"), null=True, blank=True)
    sales_advisor_name = models.CharField(_("销售顾问"), max_length=40, blank=True)
    last_visit_date = models.DateField(_("最近进厂"), null=True, blank=True)
    last_visit_km = models.PositiveIntegerField(_("最近里程"), null=True, blank=True)
    remark = models.CharField(_("备注"), max_length=400, blank=True)
    created_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "vehicle"], name="one_file_of_a_car")
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "plate"], name="car_by_plate"),
            models.Index(fields=["dealer", "plate_reversed"], name="car_by_plate_tail"),
            models.Index(fields=["dealer", "vin_reversed"], name="car_by_vin_tail"),
            models.Index(fields=["dealer", "-last_visit_date", "-id"], name="car_by_visit"),
        ]

    def __str__(self) -> str:
        return self.plate or self.vin_reversed[::-1]


class Bond(models.TextChoices):
    """What a person is to a car."""

    OWNER = "owner", _("车主")
    DRIVER = "driver", _("驾驶人")
    DROP_OFF = "drop_off", _("送修人")


class Ownership(DealerOwned, Audited):
    """A customer's bond to a car for a period; `end_date` exclusive, null while it lasts.

    A car has at most one current owner: a new owner ends the old period and histories stay apart (CUS).
    """

    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="ownerships")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="ownerships")
    bond = models.CharField(max_length=8, choices=Bond.choices, default=Bond.OWNER)
    start_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["car"], condition=Q(end_date=None, bond="owner"), name="one_current_owner"
            ),
            models.UniqueConstraint(
                fields=["car", "customer", "bond"], condition=Q(end_date=None), name="one_current_bond"
            ),
        ]
