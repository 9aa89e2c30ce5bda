"""Things a job cannot be done without that stand in no bay: alignment rig, diagnostic tester, spray booth."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huichang.domains.catalog.models import Absence, LabourOperation
from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned


class Equipment(DealerOwned, Audited):
    """One piece of equipment; any active piece of the `kind` a job needs will do."""

    name = models.CharField(_("设备"), max_length=40)
    kind = models.CharField(_("设备种类"), max_length=40)
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dealer", "name"], name="one_equipment_name"),
        ]

    def __str__(self) -> str:
        return self.name


class EquipmentNeed(DealerOwned, Audited):
    """A labour operation that cannot be done without a piece of equipment of a kind."""

    labour = models.ForeignKey(
        LabourOperation, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目")
    )
    kind = models.CharField(_("设备种类"), max_length=40)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["labour", "kind"], name="one_need_a_kind")]


class EquipmentOutage(DealerOwned, Audited):
    """A time in which a piece of equipment cannot be used: [starts_at, ends_at). As `catalog.Absence` of a bay.

    It never cancels a booking: what it hits is shown, and re-planning takes it into account.
    """

    bay_id: ClassVar[None] = None  # read beside absences, which are of bays and people
    staff_id: ClassVar[None] = None

    equipment = models.ForeignKey(Equipment, on_delete=models.CASCADE, related_name="outages")
    starts_at = models.DateTimeField(_("开始"))
    ends_at = models.DateTimeField(_("结束"))
    reason = models.CharField(_("原因"), max_length=100, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="outage_has_length"),
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "ends_at"], name="outage_by_end")]


Away = Absence | EquipmentOutage  # whatever takes a bay, a person or a piece of equipment out of a day
