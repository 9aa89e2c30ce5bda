"""What the writes about people and cars share: who was faster, and which record still stands."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from huichang.domains.customers.models import Car, Customer
from huichang.domains.customers.queries import changes_after
from huichang.kernel.models import ChangeRecord
from huichang.kernel.operations import OperationRefused


class ChangedMeanwhile(OperationRefused):
    """Somebody changed the record after it was shown; `changes` are theirs, newest first."""

    def __init__(self, changes: Sequence[ChangeRecord]) -> None:
        who = changes[0].actor_name or _("别人")
        super().__init__(
            _("{who}刚刚改了这条记录。请看差别;您填写的内容还在,确认后再保存一次。").format(who=who)
        )
        self.changes = changes


def _refuse_stale(row: Customer | Car, seen: int | None) -> None:
    newer = changes_after(row, seen) if seen is not None else []
    if newer:
        raise ChangedMeanwhile(newer)


def _refuse_merged(customer: Customer) -> None:
    """A record that was merged is a pointer: what is written about it belongs to the one it points at."""
    if customer.merged_into_id is not None:
        raise OperationRefused(
            _("客户 {number} 已并入另一份档案,请刷新后在那里登记。").format(number=customer.number),
            field="customer",
        )


def _save(customer: Customer, *, with_id_number: bool) -> None:
    """Save every column; the identity number only when it changed: encrypting it anew would look like a change."""
    apart = set() if with_id_number else {"id_number", "id_number_index"}
    customer.save(
        update_fields=[
            field.name
            for field in customer._meta.concrete_fields
            if not field.primary_key and field.name not in apart
        ]
    )
