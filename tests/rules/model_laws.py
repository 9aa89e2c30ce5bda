"""Laws about models, their tables, their statuses and the words for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import models

from huichang.kernel.scoping import DealerManager, DealerOwned, is_dealer_owned

Model = type[models.Model]


def label(model: Model) -> str:
    return f"{model._meta.app_label}.{model.__name__}"


def dealers_are_scoped(found: Iterable[Model], shared: Collection[str]) -> list[str]:
    """A model with a dealer is `DealerOwned` with the scoped manager, or listed because its rows are shared."""
    wrong = []
    for model in found:
        if not is_dealer_owned(model):
            continue
        owned: bool = issubclass(model, DealerOwned)
        if not owned:
            if label(model) not in shared:
                wrong.append(f"{label(model)} has a dealer and is not DealerOwned")
            elif not model._meta.get_field("dealer").null:
                wrong.append(f"{label(model)} is listed as shared and its dealer is never null")
        elif not isinstance(model._default_manager, DealerManager):
            wrong.append(f"{label(model)} has a manager that knows no scope")
    return wrong


def keys_point_down(found: Iterable[Model], order: Sequence[str]) -> list[str]:
    """Foreign keys go from a domain to itself or one below it; `order` is top first."""
    height = {name: -index for index, name in enumerate(order)}
    return [
        f"{label(model)}.{field.name} points up to {label(field.related_model)}"
        for model in found
        if model._meta.app_label in height
        for field in model._meta.local_fields
        if field.is_relation
        and isinstance(field.related_model, type)
        and height.get(field.related_model._meta.app_label, 0) > height[model._meta.app_label]
    ]


def lifecycles_fit(found: Iterable[Model]) -> list[str]:
    """A status field has a lifecycle that reaches every status and names exactly the field's choices."""
    wrong = []
    for model in found:
        names = {field.name for field in model._meta.local_fields}
        lifecycle: Any = getattr(model, "LIFECYCLE", None)
        if "status" not in names:
            if lifecycle is not None:
                wrong.append(f"{label(model)} has a lifecycle and no status")
            continue
        if lifecycle is None:
            wrong.append(f"{label(model)}.status has no lifecycle")
            continue
        status: Any = model._meta.get_field("status")
        choices = {value for value, _ in status.flatchoices}
        if choices != set(lifecycle.moves):
            wrong.append(f"{label(model)}: {sorted(choices ^ set(lifecycle.moves))} is only half known")
        if lifecycle.reachable() != set(lifecycle.moves):
            wrong.append(
                f"{label(model)} never reaches {sorted(set(lifecycle.moves) - lifecycle.reachable())}"
            )
        if status.default != lifecycle.initial:
            wrong.append(f"{label(model)} does not begin as {lifecycle.initial}")
    return wrong


def statuses(model: Model) -> list[str]:
    """`Booking.held` for each choice of a status field."""
    if not any(field.name == "status" for field in model._meta.local_fields):
        return []
    field: Any = model._meta.get_field("status")
    return [f"{model.__name__}.{value}" for value, _ in field.flatchoices]


def glossary_is_complete(found: Iterable[Model], rows: Iterable[Mapping[str, str]]) -> list[str]:
    """Every model and status has its Chinese and English word; no word stands for something that is gone."""
    words = {(row["domain"], row["code"]): row for row in rows}
    needed = {(m._meta.app_label, code) for m in found for code in (m.__name__, *statuses(m))}
    missing = [f"{domain}.{code} is not in the glossary" for domain, code in sorted(needed - words.keys())]
    empty = [
        f"{domain}.{code} lacks a word"
        for (domain, code), row in words.items()
        if not (row["zh"] and row["en"])
    ]
    # Terms that are neither model nor status start with a small letter: they may name anything.
    gone = [
        f"{domain}.{code} is in the glossary only"
        for domain, code in words
        if code[:1].isupper() and (domain, code) not in needed
    ]
    return missing + empty + gone
