"""Pages by cursor: ordered by id, so that nothing is skipped or shown twice while others write."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import StringConstraints

from huichang.interfaces.api.problems import Problem
from huichang.interfaces.api.types import Limit

Cursor = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9_-]*$")]

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=Schema)


class Paging(Schema):
    """Where to go on and how many at most."""

    cursor: Cursor = ""
    limit: Limit = 50


PagingQuery = Annotated[Paging, Query()]


class Page(Schema, Generic[S]):
    """Some rows; `next` is the cursor of the following page, null on the last one."""

    items: list[S]
    next: str | None


def page(rows: QuerySet[M], paging: Paging, show: Callable[[M], Any], *, of: str) -> dict[str, Any]:
    """One page of `rows` by id. `of` names the list: a cursor of another list is not taken."""
    after = _read(paging.cursor, of)
    found = list(rows.filter(pk__gt=after).order_by("pk")[: paging.limit + 1])
    more = len(found) > paging.limit
    shown = found[: paging.limit]
    return {"items": [show(row) for row in shown], "next": _write(shown[-1].pk, of) if more else None}


def _write(pk: int, of: str) -> str:
    signed = signing.Signer(salt=f"api.cursor.{of}").sign(str(pk))
    return base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def _read(cursor: str, of: str) -> int:
    if not cursor:
        return 0
    try:
        signed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        return int(signing.Signer(salt=f"api.cursor.{of}").unsign(signed))
    except (binascii.Error, UnicodeDecodeError, signing.BadSignature) as error:
        raise Problem(
            404, _("没有这一页。请使用上一次回答里的 next。"), errors=[("cursor", _("游标无效"))]
        ) from error
