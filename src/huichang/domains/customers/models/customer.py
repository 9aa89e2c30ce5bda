"""People and companies of a store: their data, phones, tags and wishes."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.kernel.audit import Audited
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
    name the one who is called in `called_through`, one step deep; `is_called_alone` says that somebody decided
    against it, so that imports do not join them again. A merged record points at its successor in `merged_into`,
    one step deep too. `confirmed_at` is when the customer last said that the data are right (CUS-04).
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
    workplace = models.CharField(_("工作单位"), max_length=80, blank=True, default="", db_default="")
    email = models.EmailField(_("邮箱"), blank=True)
    has_wechat = models.BooleanField(_("微信绑定"), default=False)
    preferred_time = models.CharField(_("方便接听的时间"), max_length=60, blank=True)
    next_service = models.CharField(
        _("下一次服务"), max_length=120, blank=True, default="", db_default=""
    )  # CUS-24
    remark = models.CharField(_("备注"), max_length=400, blank=True)
    confirmed_at = models.DateTimeField(_("资料核对"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("核对人"),
    )  # fmt: skip
    called_through = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="members",
        verbose_name=_("统一联系"),
    )  # fmt: skip
    is_called_alone = models.BooleanField(_("单独联系"), default=False, db_default=False)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("并入")
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


class NeedKind(models.TextChoices):
    """What a customer's wish is about."""

    SERVICE = "service", _("接待服务")
    VEHICLE = "vehicle", _("用车")
    PICK_UP = "pick_up", _("接送车")
    PAYMENT = "payment", _("结算开票")
    DEMAND = "demand", _("潜在需求")
    OTHER = "other", _("其他")


class CustomerNeed(DealerOwned, Audited):
    """A special wish of a customer that stands until `ended_at` (CUS-07)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="needs")
    kind = models.CharField(_("类别"), max_length=12, choices=NeedKind.choices, default=NeedKind.SERVICE)
    text = models.CharField(_("特殊需求"), max_length=200)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("不再需要"), null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["dealer", "customer"], name="standing_need", condition=Q(ended_at=None))
        ]
