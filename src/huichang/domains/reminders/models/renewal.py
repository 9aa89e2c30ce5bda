"""An insurance that was renewed at the store (INS-04, INS-06)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models import Car
from huichang.domains.reminders import kinds
from huichang.kernel.audit import Audited
from huichang.kernel.money import MoneyField
from huichang.kernel.scoping import DealerOwned


class Renewal(DealerOwned, Audited):
    """One policy of one car, renewed here. `expired_date` is the end of the one before, null when nobody knew it.

    Both ends are exclusive: the first day without cover.
    """

    car = models.ForeignKey(Car, on_delete=models.CASCADE, related_name="renewals")
    kind = models.CharField(_("险种"), max_length=32, choices=kinds.choices)
    insurer = models.CharField(_("保险公司"), max_length=40)
    premium_amount = MoneyField(_("保费"))
    expired_date = models.DateField(null=True, blank=True)
    end_date = models.DateField(_("失效日"))
    renewed_on = models.DateField()
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    agent_name = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dealer", "car", "kind", "end_date"], name="one_renewal_of_a_policy"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["dealer", "expired_date"], name="renewal_by_expiry")]
