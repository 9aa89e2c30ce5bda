"""A store's own file: customers, phones, cars with plates, ownership. Another store never sees it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.vehicles.models import Vehicle
from huichang.kernel.audit import Audited
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned
from huichang.kernel.sensitive import EncryptedTextField


class CustomerKind(models.TextChoices):
    PERSON = "person", _("个人")
    COMPANY = "company", _("单位")


class Gender(models.TextChoices):
    UNKNOWN = "", _("未知")
    MALE = "male", _("先生")
    FEMALE = "female", _("女士")


class Customer(DealerOwned, Audited):
    """A person or company in the file of one store (CUS-01…).

    `name_pinyin` ("li haimin" without the space) and `name_initials` ("lhm") are derived for search;
    `id_number` is encrypted, `id_number_index` its blind index. Households and fleets are called once: members
    name the one who is called in `called_through`.
    """

    audit_hidden = ("id_number", "id_number_index")
    audit_ignored = ("name_pinyin", "name_initials")

    number = models.CharField(_("客户编号"), max_length=30)
    kind = models.CharField(_("客户类型"), max_length=8, choices=CustomerKind.choices, default="person")
    name = models.CharField(_("客户名称"), max_length=80)
    name_pinyin = models.CharField(max_length=160, blank=True, db_collation="C")
    name_initials = models.CharField(max_length=80, blank=True, db_collation="C")
    gender = models.CharField(_("称呼"), max_length=8, choices=Gender.choices, default="", blank=True)
    id_number = EncryptedTextField(_("证件号码"), blank=True, default="")
    id_number_index = models.CharField(max_length=64, blank=True)
    birthday = models.DateField(_("生日"), null=True, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    email = models.EmailField(_("邮箱"), blank=True)
    has_wechat = models.BooleanField(_("微信绑定"), default=False)
    preferred_time = models.CharField(_("方便接听的时间"), max_length=60, blank=True)
    remark = models.CharField(_("备注"), max_length=400, blank=True)
    called_through = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="members"
    )
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    created_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "number"], name="one_customer_number")
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "name_pinyin"], name="customer_by_pinyin"),
            models.Index(fields=["dealer", "name_initials"], name="customer_by_initials"),
            models.Index("dealer", OpClass(F("name"), "text_pattern_ops"), name="customer_by_name"),
            models.Index(
                fields=["dealer", "id_number_index"], name="customer_by_id", condition=~Q(id_number_index="")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PhoneKind(models.TextChoices):
    MOBILE = "mobile", _("手机")
    LANDLINE = "landline", _("固定电话")


class CustomerPhone(DealerOwned, Audited):
    """A number of a customer, digits only; `reversed_number` serves the search by its tail."""

    audit_ignored = ("reversed_number",)

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(_("电话"), max_length=20, db_collation="C")
    reversed_number = models.CharField(max_length=20, db_collation="C")
    kind = models.CharField(max_length=8, choices=PhoneKind.choices, default=PhoneKind.MOBILE)
    is_primary = models.BooleanField(_("首选"), default=False)
    is_wrong = models.BooleanField(_("错号"), default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "customer", "number"], name="one_phone_of_a_customer"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_primary=True), name="one_primary_phone"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dealer", "number"], name="phone_by_number"),
            models.Index(fields=["dealer", "reversed_number"], name="phone_by_tail"),
        ]


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


class Tag(DealerOwned, Audited):
    """A word the store gives its customers (VIP, friend of the house …)."""

    name = models.CharField(_("标签"), max_length=20)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dealer", "name"], name="one_tag_name")]


class CustomerTag(DealerOwned, Audited):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["customer", "tag"], name="tag_once")]


class Disclosure(DealerOwned):
    """A masked value shown in clear to somebody, and why (PIPL: access to identity numbers is logged)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="disclosures")
    field = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
