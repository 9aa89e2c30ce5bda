"""Cells set aside on two records of one customer: `settings.CUSTOMER_MERGE_RULES`."""

from __future__ import annotations

from huichang.domains.customers.merging import Merging
from huichang.domains.intake.models import RecordKind, RecordToDo


def move_todos(merging: Merging) -> None:
    """To-dos name their record by id, so the merge moves them here; the same cell on both is one to-do."""
    own = set(
        RecordToDo.objects.filter(record=RecordKind.CUSTOMER, record_id=merging.kept.pk).values_list(
            "field", "value_index"
        )
    )
    for todo in RecordToDo.objects.filter(record=RecordKind.CUSTOMER, record_id=merging.dropped.pk):
        if (todo.field, todo.value_index) in own:
            todo.delete()
        else:
            todo.record_id = merging.kept.pk
            todo.save(update_fields=["record_id"])
