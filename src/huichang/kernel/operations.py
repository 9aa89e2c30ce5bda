"""`@operation(permission)`: the only way to write.

The decorator checks the permission, opens the transaction and tells the database who acts, so that the
audit triggers can name the person. Every operation is keyword-only and takes exactly one `actor`
(rule test `tests/rules/test_operations.py`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection, transaction

from huichang.kernel.actors import Actor, Permission

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declared:
    """One entry of the registry the rule tests read."""

    function: Callable[..., Any]
    permission: Permission


OPERATIONS: dict[str, Declared] = {}


class OperationRefused(Exception):
    """A write that the rules forbid, in words for the person at the desk.

    `message` says what happened and what to do; `field` names the form field it belongs to, if any.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field


def operation(permission: Permission) -> Callable[[F], F]:
    """Declare a write that needs `permission`. Raises TypeError at import for a wrong signature."""

    def declare(function: F) -> F:
        _check_signature(function)

        @functools.wraps(function)
        def run(*, actor: Actor, **kwargs: Any) -> Any:
            actor.require(permission)
            with transaction.atomic(), _acts(actor):
                return function(actor=actor, **kwargs)

        OPERATIONS[f"{function.__module__}.{function.__name__}"] = Declared(run, permission)
        return run  # type: ignore[return-value]  # wraps() keeps the signature; mypy cannot see it

    return declare


def _check_signature(function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    if "actor" not in parameters:
        raise TypeError(f"{function.__qualname__}: an operation takes one `actor`")
    loose = [p.name for p in parameters.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    if loose:
        raise TypeError(f"{function.__qualname__}: operations are keyword-only, not {', '.join(loose)}")


_told: ContextVar[tuple[str, str] | None] = ContextVar("told", default=None)


@contextmanager
def _acts(actor: Actor) -> Iterator[None]:
    """Name the person to the audit triggers, for the transaction only; an operation inside another of the same person
    is theirs already, one of somebody else gives the name back when it is done (a rollback does it by itself).
    """
    outer, own = _told.get(), (str(actor.user_id or ""), actor.name)
    if own != outer:
        _tell_database(own)
    token = _told.set(own)
    try:
        yield
    finally:
        _told.reset(token)
    if outer is not None and own != outer:
        _tell_database(outer)


def _tell_database(person: tuple[str, str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('huichang.actor_id', %s, true), set_config('huichang.actor_name', %s, true)",
            person,
        )
