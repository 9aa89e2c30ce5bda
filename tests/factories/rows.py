"""One valid row of any table, made from its model alone: a new table is in the security tests the day it is born."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from huichang.domains.accounts.models import User
from huichang.domains.dealers.models import Dealer
from huichang.kernel.scoping import dealer_scope, is_dealer_owned
from huichang.kernel.worktime import CHINA

_numbers = itertools.count(1)
_START = datetime(2026, 6, 16, 9, 0, tzinfo=CHINA)
# Fields of these beginnings end something: they lie after the rest, so that periods have a length.
_ENDS = ("end", "close", "until", "clock_until", "hold_until", "lifted", "expires", "last", "high")


def _past_month(number: int) -> date:
    """One of 240 months before the tests' today: pages do not open months that are far ahead."""
    return date(2006 + number // 12 % 20, number % 12 + 1, 1)


_SHEET: dict[str, Any] = {
    "file": "a.csv", "sheet": "a", "kind": "bays", "heading_row": 1, "columns": {"0": "name"}, "headings": ["工位"],
    "fingerprint": "x",
}  # fmt: skip

# What a check constraint asks for and a field cannot say. Values may be functions of the store.
SPECIAL: dict[str, dict[str, Any]] = {
    "PolicyValue": {"level": "dealer"},
    "Delegation": {"substitute": lambda dealer: make_row(User, dealer)},
    "Absence": {"bay": lambda dealer: make_row(_model("catalog", "Bay"), dealer)},
    "BookingBlock": {
        "kind": "reception",
        "bay": None,
        "staff": lambda dealer: make_row(_model("catalog", "StaffMember"), dealer),
    },
    "Booking": {"status": "tentative", "hold_until": None},
    "Month": {"month": lambda _dealer: _past_month(next(_numbers))},
    "MonthFigure": {"kind": ""},
    "WaitingEntry": {"clock_until": time(17, 30)},
    "CallResult": {"kind": "scheduled_service"},
    "ImportRun": {"sheets": [_SHEET]},
    "ImportRefusal": {"code": "formula"},
    "RecordToDo": {"code": "formula"},
    "ChangeRecord": {"table_name": "customers_customer"},
}


def _model(app: str, name: str) -> type[models.Model]:
    from django.apps import apps

    return apps.get_model(app, name)


def make_row(model: type[models.Model], dealer: Dealer, **given: Any) -> Any:
    """A row of `model` in `dealer`'s file, with the rows it needs. Raises when the table wants something special."""
    values: dict[str, Any] = {}
    chosen = SPECIAL.get(model.__name__, {}) | given
    with dealer_scope(dealer.pk):
        for field in model._meta.local_fields:
            if field.name in chosen:
                value = chosen[field.name]
                values[field.name] = value(dealer) if callable(value) else value
            elif field.name == "dealer":
                values["dealer"] = dealer
            elif not (field.primary_key or field.null or field.has_default()):
                values[field.name] = _value(field, dealer)
        row = model(**values)
        row.save(force_insert=True)
    return row


def _value(field: Any, dealer: Dealer) -> Any:
    if field.is_relation:
        target = field.related_model
        return dealer if target is Dealer else make_row(target, dealer)
    if field.choices:
        return next(value for value, _ in field.flatchoices if value != "")
    for kind, make in _MAKERS:
        if isinstance(field, kind):
            return make(field)
    raise NotImplementedError(f"no value for {field.model.__name__}.{field.name}: {type(field).__name__}")


def _late(field: Any) -> bool:
    return any(field.name.startswith(word) for word in _ENDS)


def _text(field: Any) -> str:
    text = f"t{next(_numbers)}"
    return text if field.max_length is None or len(text) <= field.max_length else text[-field.max_length :]


_MAKERS: tuple[tuple[type[models.Field[Any, Any]], Callable[[Any], Any]], ...] = (
    (models.DateTimeField, lambda field: _START + timedelta(hours=2 * _late(field))),
    (
        models.DateField,
        lambda field: date(2026, 6, 1) + timedelta(days=next(_numbers) + 30_000 * _late(field)),
    ),
    (models.TimeField, lambda field: time(17 if _late(field) else 8, 30)),
    (models.BooleanField, lambda _: False),
    (models.DecimalField, lambda _: Decimal(1)),
    (models.FloatField, lambda _: 1.0),
    (models.IntegerField, lambda _: 1),
    (models.JSONField, lambda _: {}),
    (models.BinaryField, lambda _: b"x"),
    (models.GenericIPAddressField, lambda _: "127.0.0.1"),
    (ArrayField, lambda _: []),
    (models.TextField, _text),
    (models.CharField, _text),
)


def dealer_tables() -> list[type[models.Model]]:
    """Every model whose rows carry a store, in a stable order."""
    from django.apps import apps

    found = [m for m in apps.get_models() if is_dealer_owned(m) and m.__module__.startswith("huichang.")]
    return sorted(found, key=lambda model: model._meta.db_table)
