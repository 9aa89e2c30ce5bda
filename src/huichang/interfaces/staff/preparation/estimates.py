"""The estimate of a booking as a form of rows: jobs, parts, who supplies them, the way it is priced (EST)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import Booking, EstimateLine, Grade, LineKind, Pricing, Supplier
from huichang.domains.appointments.operations import Item
from huichang.domains.parts.models import PROMISED, Part, Reservation
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.preparation.booking import found
from huichang.interfaces.staff.preparation.recommended import Advice, advices, rows_for
from huichang.kernel.operations import OperationRefused

_SPARE = 2  # empty rows for what the customer adds


def edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Show the estimate as rows, or keep what was written."""
    booking = found(pk)
    if request.method != "POST":
        return _form(request, booking, rows=_rows_of(booking), data=_stored(booking))
    rows = _rows_sent(request.POST)
    if key := request.POST.get("add", ""):
        return _form(request, booking, rows=[*rows, *rows_for(booking, key)], data=request.POST.dict())
    try:
        operations.save_estimate(
            booking=booking, items=[_item(row) for row in rows], pricing=_choice(request.POST, "pricing", Pricing),
            risk_amount=_number(request.POST.get("risk_amount", "")), note=request.POST.get("note", ""),
            explained_by=request.POST.get("explained_by", ""), actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        data = request.POST.dict()
        return _form(request, booking, rows=rows, data=data, refusal=refusal, status=422)
    return redirect("staff:booking", pk)


def _form(
    request: StaffRequest, booking: Booking, *, rows: Sequence[dict[str, Any]], data: dict[str, Any],
    refusal: OperationRefused | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    empty = {"kind": LineKind.PART, "quantity": "", "supplied_by": Supplier.SHOP, "grade": Grade.GENUINE}
    named = {str(row.get("name", "")).strip() for row in rows}
    context = {
        "stock": _stock(booking), "advices": [one for one in advices(booking) if not _named(one, named)],
        "estimate": getattr(booking, "estimate", None),
        "booking": booking, "rows": [*rows, *(dict(empty) for _spare in range(_SPARE))], "data": data,
        "refusal": refusal, "pricings": Pricing.choices, "suppliers": Supplier.choices, "grades": Grade.choices,
        "parts": Part.objects.filter(is_active=True).select_related("total").order_by("name")[:500],
        "advisor": queries.advisor_of(booking),
    }  # fmt: skip
    return render(request, "staff/preparation/estimate.html", context, status=status)


def _named(advice: Advice, named: set[str]) -> bool:
    """Whether the rows hold it already."""
    return advice.title in named or (advice.job is not None and advice.job.name in named)


def _stock(booking: Booking) -> list[Reservation]:
    """How the parts of the saved estimate stand (EST-11): each reservation of the visit."""
    rows = Reservation.objects.filter(reference=booking.number, status__in=PROMISED).select_related("part")
    return list(rows.order_by("part__code", "pk"))


def _stored(booking: Booking) -> dict[str, Any]:
    estimate = getattr(booking, "estimate", None)
    if estimate is None:
        return {"pricing": Pricing.SYSTEM}
    names = ("pricing", "risk_amount", "explained_by", "note")
    return {name: getattr(estimate, name) for name in names}


def _rows_of(booking: Booking) -> list[dict[str, Any]]:
    estimate = getattr(booking, "estimate", None)
    if estimate is not None:
        return [_row(line) for line in estimate.lines.order_by("position")]
    quote = queries.estimate(
        dealer=booking.dealer, labour_ids=[item.labour_id for item in booking.items.all()],
        starts_at=booking.starts_at,
    )  # fmt: skip
    return [
        {
            "kind": line.kind, "item": line.item_id, "name": line.name, "quantity": line.quantity,
            "unit_price": line.unit_price, "supplied_by": Supplier.SHOP, "grade": Grade.GENUINE, "is_key_place": False,
        }
        for line in quote.lines
    ]  # fmt: skip


def _row(line: EstimateLine) -> dict[str, Any]:
    return {
        "kind": line.kind, "item": line.labour_id or line.part_id, "name": line.name, "quantity": line.quantity,
        "unit_price": line.unit_price, "supplied_by": line.supplied_by, "grade": line.grade,
        "is_key_place": line.is_key_place,
    }  # fmt: skip


_COLUMNS = ("kind", "item", "name", "quantity", "unit_price", "supplied_by", "grade", "is_key_place")


def _rows_sent(data: QueryDict) -> list[dict[str, Any]]:
    """The rows as sent, those without a name left out. A part chosen by its name is the catalogue's."""
    columns = [data.getlist(name) for name in _COLUMNS]
    rows = [dict(zip(_COLUMNS, values, strict=True)) for values in zip(*columns, strict=False)]
    named = [row for row in rows if row["name"].strip()]
    known = dict(
        Part.objects.filter(is_active=True, name__in=[row["name"].strip() for row in named]).values_list(
            "name", "pk"
        )
    )
    for row in named:
        row["is_key_place"] = row["is_key_place"] == "1"
        if row["kind"] == LineKind.PART and not row["item"]:
            row["item"] = known.get(row["name"].strip(), "")
            if row["item"] and not row["unit_price"]:
                row["unit_price"] = Part.objects.get(pk=row["item"]).price
    return named


def _item(row: dict[str, Any]) -> Item:
    kind = LineKind.LABOUR if row["kind"] == LineKind.LABOUR else LineKind.PART
    number = int(row["item"]) if str(row["item"]).isdecimal() else None
    return Item(
        kind=kind, name=row["name"], quantity=_number(row["quantity"]), unit_price=_number(row["unit_price"]),
        labour_id=number if kind == LineKind.LABOUR else None, part_id=number if kind == LineKind.PART else None,
        supplied_by=row["supplied_by"] if row["supplied_by"] in Supplier.values else Supplier.SHOP,
        grade=row["grade"] if row["grade"] in Grade.values else Grade.GENUINE, is_key_place=bool(row["is_key_place"]),
    )  # fmt: skip


def _number(raw: Any) -> Decimal:
    try:
        value = Decimal(str(raw or "0").strip())
    except InvalidOperation as error:
        raise OperationRefused(_("“{raw}”不是数字。").format(raw=raw), field="items") from error
    if not value.is_finite() or abs(value) >= 1_000_000:
        raise OperationRefused(_("“{raw}”不是数字。").format(raw=raw), field="items")
    return value


def _choice(data: QueryDict, name: str, choices: Any) -> str:
    value = data.get(name, "")
    return value if value in choices.values else choices.values[0]
