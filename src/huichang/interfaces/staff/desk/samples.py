"""Rows of the open scope under which the desk's pages are shown for review and tested for permission."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Model

from huichang.domains.contacts.models import OptOut
from huichang.domains.customers.models import Car, Customer
from huichang.domains.worklist.models import CallTask


def _first(model: type[Model], name: str) -> dict[str, int]:
    row = cast("Any", model).objects.order_by("pk").first()
    return {name: row.pk if row else 0}


def task() -> dict[str, int]:
    return _first(CallTask, "task")


def customer() -> dict[str, int]:
    return _first(Customer, "customer")


def car() -> dict[str, int]:
    return _first(Car, "car")


def refusal() -> dict[str, int]:
    return _first(OptOut, "refusal")
