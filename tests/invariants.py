"""What must hold at every moment, asked of the database. Journeys call these after every step."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db import connection
from django.db.models import ForeignKey

from huichang.kernel.scoping import is_dealer_owned, unscoped


def keys_between_stores_rows() -> Iterator[tuple[str, str, str]]:
    """(table, column, target table) of every foreign key between two tables whose rows belong to stores."""
    for model in apps.get_models():
        if not is_dealer_owned(model):
            continue
        for field in model._meta.local_fields:
            target = field.related_model
            if isinstance(field, ForeignKey) and isinstance(target, type) and is_dealer_owned(target):
                yield model._meta.db_table, field.column, target._meta.db_table


def misplaced_rows() -> list[str]:
    """Rows that point at a row of another store (law: a store's row points at its own store's or the network's)."""
    found = []
    with unscoped("the invariant is about every store at once"), connection.cursor() as cursor:
        for table, column, target in keys_between_stores_rows():
            cursor.execute(
                f"SELECT a.id, a.dealer_id, b.dealer_id FROM {table} a JOIN {target} b ON b.id = a.{column}"
                " WHERE a.dealer_id <> b.dealer_id OR (a.dealer_id IS NULL AND b.dealer_id IS NOT NULL) LIMIT 5"
            )
            found += [
                f"{table} {row} of store {own} points by {column} into store {other}"
                for row, own, other in cursor.fetchall()
            ]
    return found
