"""Dealer scope: the two walls between stores (docs/adr/0003-two-walls.md).

Wall 1: the default manager of a `DealerOwned` model raises `ScopeMissing` outside `dealer_scope()` and
filters by it inside. Wall 2: PostgreSQL row security reads the same scope from a transaction-local setting
(`kernel/secure.py`), because SQL files and bugs go round managers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ClassVar, Self, TypeVar

from django.db import connection, models, transaction

EVERYWHERE = "*"
NOBODY = "0"  # no dealer has this id: an empty reach reads nothing, and is not the error that no scope is


class ScopeMissing(Exception):
    """A dealer-owned model was used outside `dealer_scope()`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The stores that may be read and written now. `dealer_ids` None means every store."""

    dealer_ids: tuple[int, ...] | None

    @property
    def setting(self) -> str:
        if self.dealer_ids is None:
            return EVERYWHERE
        return ",".join(map(str, self.dealer_ids)) or NOBODY


_scope: ContextVar[Scope | None] = ContextVar("dealer_scope", default=None)


def current_scope() -> Scope:
    """The open scope. Raises ScopeMissing."""
    scope = _scope.get()
    if scope is None:
        raise ScopeMissing("open dealer_scope(...) first: this table belongs to stores")
    return scope


def is_open() -> bool:
    """Whether a scope is open: pages of refusals are drawn outside one."""
    return _scope.get() is not None


@contextmanager
def dealer_scope(*dealer_ids: int) -> Iterator[Scope]:
    """Open a transaction in which exactly these stores exist. Scopes nest; leaving restores the outer one."""
    with _open(Scope(tuple(dealer_ids))) as scope:
        yield scope


@contextmanager
def unscoped(reason: str) -> Iterator[Scope]:
    """Open a transaction over every store. `reason` is for the reader of the code: grep for it."""
    if not reason:
        raise ValueError("unscoped() needs a reason")
    with _open(Scope(None)) as scope:
        yield scope


@contextmanager
def _open(scope: Scope) -> Iterator[Scope]:
    outer = _scope.get()
    token = _scope.set(scope)
    is_inner = connection.in_atomic_block
    try:
        with transaction.atomic():
            _tell_database(scope.setting)
            yield scope
            # Our own COMMIT forgets the setting and a savepoint's rollback restores it, but its release keeps it.
            if is_inner:
                _tell_database(outer.setting if outer else "")
    finally:
        _scope.reset(token)


def _tell_database(setting: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('huichang.dealers', %s, true)", [setting])


M = TypeVar("M", bound=models.Model)


class DealerQuerySet(models.QuerySet[M]):
    """Rows of the open scope."""


class DealerManager(models.Manager[M]):
    """Wall 1. Used outside a scope it raises ScopeMissing, and inside it filters by it."""

    def get_queryset(self) -> models.QuerySet[M]:
        scope = current_scope()
        rows: models.QuerySet[M] = super().get_queryset()
        if scope.dealer_ids is None:
            return rows
        if len(scope.dealer_ids) == 1:  # `=` lets an index on (dealer, …) deliver sorted rows; IN does not
            return rows.filter(dealer_id=scope.dealer_ids[0])
        return rows.filter(dealer_id__in=scope.dealer_ids)


class DealerOwned(models.Model):
    """A row that belongs to one store and points only at rows of the same store or of the network."""

    dealer = models.ForeignKey("dealers.Dealer", on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[DealerManager[Self]] = DealerManager()

    class Meta:
        abstract = True


def is_dealer_owned(model: type[models.Model]) -> bool:
    """True when rows of `model` carry a dealer (nullable ones are shared when it is null)."""
    return any(field.name == "dealer" for field in _fields(model))


def _fields(model: type[models.Model]) -> list[Any]:
    return list(model._meta.local_fields)
