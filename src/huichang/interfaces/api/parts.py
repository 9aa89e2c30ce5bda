"""`/parts`: the catalogue with what lies on the shelves, is promised and is coming."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from huichang.domains.parts import lists
from huichang.domains.parts.models import Part
from huichang.domains.parts.permissions import P
from huichang.interfaces.api.cursors import Page, PagingQuery, page
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.types import Day, Line80

router = Router()


class PartOut(Schema):
    """A part in use. `free` is what lies in the stock rooms and is promised to nobody; `incoming` is on order.

    `lead_days` are learned from the store's receipts where there are enough, else as the catalogue states.
    """

    id: int
    code: str
    name: str
    specification: str
    unit: str
    price: Decimal
    on_hand: Decimal
    reserved: Decimal
    free: Decimal
    incoming: Decimal
    next_expected_date: Day | None
    lead_days: int


class PartQuery(Schema):
    search: Line80 = ""


@route(router, "GET", "/parts", needs=P.SEE, response=Page[PartOut], summary=_("配件库存"))
def list_parts(
    request: ApiRequest, wanted: Annotated[PartQuery, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """Parts with their stock; `search` looks in codes and names."""
    rows = lists.with_stock(Part.objects.filter(is_active=True, kind="part"))
    if words := wanted.search.strip():
        rows = rows.filter(Q(code__icontains=words) | Q(name__icontains=words))
    return page(rows, paging, _part, of="parts")


def _part(row: Any) -> PartOut:
    total = getattr(row, "total", None)
    on_hand, reserved = (total.on_hand, total.reserved) if total else (Decimal(0), Decimal(0))
    return PartOut(
        id=row.pk, code=row.code, name=row.name, specification=row.specification, unit=row.unit, price=row.price,
        on_hand=on_hand, reserved=reserved, free=max(on_hand - reserved, Decimal(0)),
        incoming=row.incoming or Decimal(0), next_expected_date=row.next_expected_date, lead_days=row.usual_lead_days,
    )  # fmt: skip
