"""Things a job cannot be done without that stand in no bay: alignment rig, diagnostic tester, spray booth."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.catalog.models import LabourOperation
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
