"""What was done about a record: shown in clear, merged, found to be another."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.customers.models.customer import Customer
from huichang.kernel.audit import Audited
from huichang.kernel.scoping import DealerOwned
from huichang.kernel.sensitive import EncryptedTextField


class KnownApart(DealerOwned, Audited):
    """Two records that look like one customer and are not, as somebody found; `first` has the lower id."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["first", "second"], name="known_apart_once")]


class CustomerMerge(DealerOwned, Audited):
    """One record taken into another, with what taking it apart again needs.

    `moved` is {"table.column": [ids]} of the rows that pointed at `dropped`; `chosen` names the columns whose value
    `kept` took over from `dropped`. What these columns held before stands in the audit of `kept`, except the
    identity number, which the audit hides: `replaced_id_number` keeps it, encrypted.
    """

    audit_hidden = ("replaced_id_number",)

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    dropped = models.OneToOneField(Customer, on_delete=models.PROTECT, related_name="merge")
    chosen = models.JSONField(default=list)
    moved = models.JSONField(default=dict)
    replaced_id_number = EncryptedTextField(blank=True, default="")
    reason = models.CharField(_("原因"), max_length=200)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )


class Disclosure(DealerOwned):
    """A masked value shown in clear to somebody, and why (PIPL: access to identity numbers is logged)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="disclosures")
    field = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
