"""What else stands in the rows of a sheet: lines beside their orders, several cars of one customer, owners in orders.

Each such facet is a plan of its own over the same rows, with its own counts, its own mapping and its own memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from huichang.domains.intake import headings
from huichang.domains.intake.cleaning import as_text
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.intake.recognise import columns_of, sort_of
from huichang.domains.intake.vocabulary import KINDS, PACKED

Row = Sequence[Any]
LINES, PACKED_LINES, OWNERS, CARS = "lines", "packed", "owners", "cars"

_JOBS, _PARTS = PACKED
# Headings of order sheets under which one cell tells several lines.
_PACKED_WORDS = {
    _JOBS: "维修项目 维修内容 维修项目明细 维修明细 作业内容 作业项目 项目内容 施工项目 服务项目 工时项目 维修项目及工时 "
    "项目明细 工单明细 维修项目及配件 jobs work workdone services",
    _PARTS: "配件明细 配件 更换配件 使用配件 用料 用料明细 材料明细 材料 零件明细 零件 备件明细 备件 维修用料 配件清单 "
    "partslist partsused",
}
_PACKED_FIELDS = {word: name for name, words in _PACKED_WORDS.items() for word in words.split()}


def divided(plan: SheetPlan, body: Sequence[Row]) -> list[SheetPlan]:
    """The plan of a sheet and those of its facets; just the plan when its rows hold one thing each."""
    if plan.kind in {"orders", "order_lines"}:
        return _orders_and_lines(plan, body)
    if plan.kind == "customers":
        return _cars_of_one_row(plan, body)
    return [plan]


def without_twice_told(plans: Iterable[SheetPlan]) -> list[SheetPlan]:
    """Leave out facets of what other sheets of the import tell themselves.

    A sheet of lines that repeats car and day is no second sheet of orders, and orders do not name the owners where a
    customer file does.
    """
    found = list(plans)
    has_orders = any(one.kind == "orders" and not one.fill for one in found)
    has_owners = any(one.kind == "customers" and one.part != OWNERS for one in found)
    return [
        replace(one, fill=[]) if has_orders and one.part == LINES else one
        for one in found
        if not (has_orders and one.kind == "orders" and one.fill) and not (has_owners and one.part == OWNERS)
    ]


def _facet(plan: SheetPlan, part: str, kind: str, columns: dict[int, str], **more: Any) -> SheetPlan:
    words = f"{plan.fingerprint}/{part}"
    fingerprint = hashlib.sha256(words.encode()).hexdigest()[:32]
    columns = dict(sorted(columns.items()))
    by_content = [column for column in plan.by_content if column in columns]
    return replace(
        plan, part=part, kind=kind, columns=columns, fingerprint=fingerprint, by_content=by_content, missing=[],
        remembered=False, **more,
    )  # fmt: skip


# --- orders with their lines ----------------------------------------------------------------------------


def _orders_and_lines(plan: SheetPlan, body: Sequence[Row]) -> list[SheetPlan]:
    row = plan.headings if plan.heading_row else ()
    whole = _columns(row, body, "orders")
    number = _column_of(whole, "number")
    if number is None or not _is_complete("orders", whole):
        return [plan]
    varying, is_repeated = _varying(body, number)
    lines = headings.fields(
        _only(row, [number, *varying] if is_repeated else _rest(row, whole, number)), KINDS["order_lines"]
    )
    own = {column for column in lines if column != number}
    if not is_repeated and plan.remembered and plan.kind == "orders":
        own -= set(plan.columns)
    lines = {column: name for column, name in lines.items() if column == number or column in own}
    if not _is_complete("order_lines", lines):
        return [plan] if plan.kind != "orders" else [plan, *_packed(plan, row), *_owners(plan, row, body)]
    if plan.kind == "orders" and plan.remembered:
        orders = plan.columns
    else:
        orders = {c: n for c, n in _columns(_without(row, own), body, "orders").items() if c not in own}
    fill = sorted(orders)
    main = replace(plan, kind="orders", columns=dict(sorted(orders.items())), missing=[], fill=fill,
                   by_content=[column for column in plan.by_content if column in orders])  # fmt: skip
    return [main, _facet(plan, LINES, "order_lines", lines, fill=fill), *_owners(main, row, body)]


def _columns(row: Row, body: Sequence[Row], kind: str) -> dict[int, str]:
    return columns_of(row, body, KINDS[kind])[0]


def _is_complete(kind: str, columns: Mapping[int, str]) -> bool:
    found = set(columns.values())
    return all(found & set(group) for group in KINDS[kind].needs)


def _column_of(columns: Mapping[int, str], name: str) -> int | None:
    return next((column for column, found in columns.items() if found == name), None)


def _only(row: Row, columns: Iterable[int]) -> list[Any]:
    kept = set(columns)
    return [cell if column in kept else "" for column, cell in enumerate(row)]


def _without(row: Row, columns: Iterable[int]) -> list[Any]:
    left = set(columns)
    return ["" if column in left else cell for column, cell in enumerate(row)]


def _rest(row: Row, taken: Mapping[int, str], number: int) -> list[int]:
    return [number, *(column for column in range(len(row)) if column not in taken)]


def _varying(body: Sequence[Row], number: int) -> tuple[set[int], bool]:
    """Columns whose values differ between rows of one order, and whether orders have several rows at all."""
    groups: dict[str, list[Row]] = {}
    current = ""
    for row in body:
        current = (as_text(row[number]) if number < len(row) else "") or current
        groups.setdefault(current, []).append(row)
    several = [rows for name, rows in groups.items() if name and len(rows) > 1]
    varying: set[int] = set()
    for rows in several:
        for column in range(max(map(len, rows))):
            texts = {text for one in rows if column < len(one) and (text := as_text(one[column]))}
            if len(texts) > 1:
                varying.add(column)
    return varying - {number}, sum(map(len, several)) * 10 >= len(body) > 0


def _packed(plan: SheetPlan, row: Row) -> list[SheetPlan]:
    """Columns of an order that name its lines, several in one cell."""
    number = _column_of(plan.columns, "number")
    if number is None:
        return []
    columns = {number: "number"}
    for column, heading in enumerate(row):
        word = headings.plain(headings.levels(as_text(heading))[-1]) if as_text(heading) else ""
        name = _PACKED_FIELDS.get(word, "")
        if name and column not in plan.columns and name not in columns.values():
            columns[column] = name
    return [_facet(plan, PACKED_LINES, "order_lines", columns)] if len(columns) > 1 else []


# --- owners named in orders -----------------------------------------------------------------------------

_OF_VISIT = {"mileage", "mileage_date", "remark", "transfer_date", "sold"}


def _owners(plan: SheetPlan, row: Row, body: Sequence[Row]) -> list[SheetPlan]:
    """Who owns the cars, where orders say name and phone: for cars of which nobody knows an owner yet."""
    visit = {column for column, name in plan.columns.items() if name in {"number", "arrived_at", "left_at"}}
    found = _columns(_without(row, visit), [_without(one, visit) for one in body], "customers")
    found = {column: name for column, name in found.items() if name not in _OF_VISIT and column not in visit}
    names = set(found.values())
    if not names & {"mixed", "mixed_more"} and not {"vin", "name"} <= names:
        return []
    if not names & {"mobile", "phone", "mixed", "mixed_more"} or not names & {"vin", "mixed", "mixed_more"}:
        return []
    return [_facet(plan, OWNERS, "customers", found, visit=_column_of(plan.columns, "arrived_at"))]


# --- several cars of one customer -----------------------------------------------------------------------

_OF_CAR = {"vin", "plate", "model", "series", "color", "engine_number", "usage", "sale_date", "registration_date",
           "warranty_start", "warranty_end", "insurer", "compulsory_end", "commercial_end", "inspection_due", "mileage",
           "mileage_date"}  # fmt: skip
_NUMBERED = re.compile(r"^(?P<base>.*?)[\s_\-]*[((]?(?P<number>\d+|[一二三四五六七八九])[))]?$")
_HAN = "一二三四五六七八九"


def _cars_of_one_row(plan: SheetPlan, body: Sequence[Row]) -> list[SheetPlan]:
    row = plan.headings if plan.heading_row else ()
    groups = _groups(row)
    plans = [plan]
    taken = set(plan.columns)
    for number in sorted(groups):
        columns = [column for column in groups[number] if column not in taken]
        found = headings.fields([_base(as_text(cell)) for cell in _only(row, columns)], KINDS["customers"])
        cars = {column: name for column, name in found.items() if name in _OF_CAR and column in columns}
        vin = _column_of(cars, "vin")
        if vin is None or sort_of([one[vin] for one in body if vin < len(one)])[0] != "vin":
            continue
        person = {column: name for column, name in plan.columns.items() if name not in _OF_CAR}
        plans.append(_facet(plan, f"{CARS}{number}", "customers", person | cars))
        taken |= set(cars)
    return plans


def _base(heading: str) -> str:
    match = _NUMBERED.match(heading)
    return match["base"] if match and match["base"] else heading


def _groups(row: Row) -> dict[int, list[int]]:
    """Columns by the number at the end of their headings, or by how often the same heading came before."""
    groups: dict[int, list[int]] = {}
    seen: dict[str, int] = {}
    for column, cell in enumerate(row):
        heading = as_text(cell)
        match = _NUMBERED.match(heading)
        if match and match["base"]:
            number = _HAN.find(match["number"]) + 1 or int(
                match["number"] if match["number"].isdigit() else 0
            )
        else:
            seen[heading] = number = seen.get(heading, 0) + 1
        groups.setdefault(number, []).append(column)
    return groups
