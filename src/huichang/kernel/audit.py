"""The change history of a record, read back for its time line. Written by triggers: see `secure.py`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django.db import models
from django.db.models import Q

from huichang.kernel.models import ChangeRecord


class Audited(models.Model):
    """A table whose every insert, update and delete is kept in `ChangeRecord` by a trigger.

    `audit_hidden` columns are recorded as changed without their values; `audit_ignored` are not recorded.
    """

    audit_hidden: ClassVar[tuple[str, ...]] = ()
    audit_ignored: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True


class AppendOnly(models.Model):
    """A ledger: the application may add rows and read them, never change or delete one (`secure.py`)."""

    class Meta:
        abstract = True


def history(rows: Iterable[models.Model], *, limit: int = 200) -> list[ChangeRecord]:
    """The latest changes of these rows, newest first; one query."""
    wanted = Q(pk__in=[])
    for row in rows:
        wanted |= Q(table_name=row._meta.db_table, row_id=row.pk)
    return list(ChangeRecord.objects.filter(wanted).order_by("-at", "-id")[:limit])
