"""A sheet's row → what is staged: clean values under field names, fixes, cells set aside, reasons to refuse it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from huichang.domains.customers import identifiers
from huichang.domains.intake.cleaning import CLEANERS, as_text, says_sold
from huichang.domains.intake.day_order import rewritten
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.intake.problems import Problem
from huichang.domains.intake.records import effective_columns
from huichang.domains.intake.vocabulary import KINDS, MIXED, Field, Kind
from huichang.domains.vehicles import vin
from huichang.kernel.sensitive import blind_index, encrypt

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A cell without which the row is still taken. `field` names it, `raw` is what stood there."""

    field: str
    raw: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a row is not taken. `column` is the sheet's column, None when the whole row is meant."""

    field: str
    column: int | None
    raw: str
    problem: Problem


@dataclass(slots=True)
class CleanRow:
    """One row after cleaning. `data` is JSON-ready and holds only what the row says."""

    row: int
    data: Values = field(default_factory=dict)
    fixes: list[str] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    key: str = ""
    digest: str = ""  # equal for rows that say the same; a cell set aside counts as said


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one sheet by its mapping (column → field name)."""

    kind: Kind
    columns: Mapping[int, str]
    as_of: date
    day_orders: Mapping[int, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()  # rows that agree in these say the same; all fields when empty

    def read(self, number: int, cells: Sequence[Any]) -> CleanRow:
        """Clean one row; nothing is raised, everything wrong is in the result."""
        row = CleanRow(number)
        mixed: list[tuple[int, Any]] = []
        for column, name in self.columns.items():
            raw = cells[column] if column < len(cells) else ""
            if raw == "" or raw is None:
                continue
            if name in MIXED:
                mixed.append((column, raw))
            else:
                self._read_cell(row, column, self.kind.fields[name], self._with_year_first(row, column, raw))
        for column, raw in mixed:
            self._read_mixed(row, column, raw)
        self._require(row)
        # Before anything is derived, or encrypted (which never gives the same text twice).
        if self.identity:
            row.digest = _digest([row.data.get(name) for name in self.identity])
        else:
            row.digest = _digest([row.data, [(one.field, one.raw) for one in row.aside]])
        row.key = "|".join(str(row.data.get(name, "")) for name in self.kind.key)
        if len(row.key) > _LONGEST_KEY:
            row.key = _digest(row.key)
        finish = _FINISH.get(self.kind.name)
        if finish and not row.refused:
            finish(row, self)
        return row

    def _with_year_first(self, row: CleanRow, column: int, raw: Any) -> Any:
        if column not in self.day_orders:
            return raw
        written = rewritten(raw, self.day_orders[column])
        if written is None:
            return raw
        row.fixes.append("date_day_order")
        return written

    def _read_mixed(self, row: CleanRow, column: int, raw: Any) -> None:
        """The parts of a cell of several fields; a column of its own is believed first."""
        cell = CLEANERS["mixed"](raw)
        if cell.problem:
            row.aside.append(SetAside(self.columns[column], as_text(raw), cell.problem))
        told = {one.field for one in row.aside} | {one.field for one in row.refused}
        for part, text in (cell.value or {}).items():
            name = _NAMES_IN_ORDERS.get(part, part) if self.kind.name == "orders" else part
            if name in self.kind.fields and name not in row.data and name not in told:
                self._read_cell(row, column, self.kind.fields[name], text)

    def says(self, *names: str) -> bool:
        """Whether the sheet has columns for all of these fields."""
        return set(names) <= set(self.columns.values())

    def _read_cell(self, row: CleanRow, column: int, target: Field, raw: Any) -> None:
        cell = CLEANERS[target.reads](raw)
        problem = cell.problem
        if target.limit and isinstance(cell.value, str) and len(cell.value) > target.limit:
            problem = Problem("too_long", {"length": len(cell.value), "limit": target.limit})
        if cell.fix:
            row.fixes.append(cell.fix)
        if problem and target.essential:
            row.refused.append(Refused(target.name, column, as_text(raw), problem))
        elif problem:
            row.aside.append(SetAside(target.name, as_text(raw), problem))
        elif cell.value is not None:
            row.data[target.name] = cell.value
        if cell.doubt:
            row.aside.append(SetAside(target.name, as_text(raw), cell.doubt))

    def _require(self, row: CleanRow) -> None:
        told = {one.field for one in row.refused}
        for item in self.kind.fields.values():
            if item.essential and item.name not in row.data and item.name not in told:
                column = next((c for c, name in self.columns.items() if name == item.name), None)
                code = "vin_missing" if item.reads == "vin" else "missing"
                row.refused.append(
                    Refused(item.name, column, "", Problem(code, {"field": f"{self.kind.name}.{item.name}"}))
                )


_LONGEST_KEY = 100


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


_NAMES_IN_ORDERS = {"name": "customer_name"}


def reader(plan: SheetPlan, as_of: date) -> Reader:
    """Raises KeyError for an unknown kind. An order that stands in each row of its lines is one order."""
    columns = effective_columns(plan)
    car = "plate" if "plate" in columns.values() else "vin"
    identity = ("number", car) if plan.fill and plan.kind == "orders" else ()
    return Reader(KINDS[plan.kind], columns, as_of, plan.day_orders, identity)


# --- customers and cars ---------------------------------------------------------------------------------

_COMPANY_WORDS = re.compile(
    r"公司|集团|工厂|厂$|大学|学校|医院|银行|委员会|管理局|局$|所$|中心$|研究院|合作社|\b(?:ltd|co|inc)\b",
    re.IGNORECASE,
)
_NEWCOMER = re.compile(r"新车主|二手车主|过户客户|new owner", re.IGNORECASE)


def _customer(row: CleanRow, sheet: Reader) -> None:
    data = row.data
    data["_said"] = sorted(data)
    _phones(data)
    _person(data)
    _order_of_dates(row, "warranty_start", "warranty_end")
    remark = data.get("remark", "")
    data["sold"] = says_sold(remark) or "note_sold_on" in row.fixes
    if data["sold"] and "note_sold_on" not in row.fixes:
        row.fixes.append("note_sold_on")
    data["newcomer"] = not data["sold"] and bool(_NEWCOMER.search(remark))
    _car(data)
    data["number"] = data.pop("customer_number", None) or _own_number(data)
    data["own_number"] = "customer_number" not in data["_said"]
    data.setdefault("transfer_date", None)
    if data.get("mileage"):
        data.setdefault("mileage_date", None)
    number = data.pop("id_number", "")
    data["id_token"], data["id_index"] = (encrypt(number), blind_index(number)) if number else ("", "")


def _phones(data: Values) -> None:
    found = (data.pop(name, []) for name in ("mobile", "phone", "third_phone"))
    numbers = list(dict.fromkeys(number for numbers in found for number in numbers))
    if numbers:
        data["phones"] = [
            {"number": number, "kind": "mobile" if len(number) == 11 and number[0] == "1" else "landline"}
            for number in numbers
        ]


def _person(data: Values) -> None:
    number, name = str(data.get("id_number", "")), data["name"]
    is_person = len(number) == 18 and number[:17].isdigit()
    if "customer_kind" not in data:
        company = (number and not is_person) or _COMPANY_WORDS.search(name)
        data["customer_kind"] = "company" if company else "person"
    if is_person and data["customer_kind"] == "person":
        data.setdefault("gender", "male" if int(number[16]) % 2 else "female")
        born = identifiers.birth_date(number)
        if born and "birthday" not in data:
            data["birthday"] = born.isoformat()
    data["pinyin"], data["initials"] = identifiers.pinyin_keys(name)


def _order_of_dates(row: CleanRow, earlier: str, later: str) -> None:
    """The later of two dates is set aside when it is the earlier one."""
    first, second = row.data.get(earlier), row.data.get(later)
    if first and second and second < first:
        params = {"later": later, "value": second, "earlier": earlier, "other": first}
        row.aside.append(SetAside(later, second, Problem("date_order", params)))
        del row.data[later]


_SERIES = re.compile(r"^([^\s\d][^\s]*)")


def _car(data: Values) -> None:
    data["make"] = vin.make(data["vin"])
    model = data.get("model", "")
    if "series" not in data and (found := _SERIES.match(model)):
        data["series"] = found[1][:40]


def _own_number(data: Values) -> str:
    """A number for a customer whose export gives none: the same for the same person in every export."""
    phones = data.get("phones") or [{"number": data["vin"]}]
    known_by = data.get("id_number") or f"{data['name']}|{phones[0]['number']}"
    return f"I{blind_index(known_by)[:11].upper()}"


# --- orders ---------------------------------------------------------------------------------------------


def _order(row: CleanRow, sheet: Reader) -> None:
    data = row.data
    vin_found = next((one for one in row.aside if one.field == "vin"), None)
    if "plate" not in data and "vin" not in data:
        problem = vin_found.problem if vin_found else Problem("vin_missing")
        row.refused.append(Refused("vin", None, vin_found.raw if vin_found else "", problem))
        return
    if data["arrived_at"][:10] > sheet.as_of.isoformat():
        problem = Problem("date_range", {"value": data["arrived_at"][:10]})
        row.refused.append(Refused("arrived_at", None, data["arrived_at"], problem))
        return
    _order_of_dates(row, "arrived_at", "left_at")
    for name in ("labour_amount", "parts_amount", "discount_amount"):
        data.setdefault(name, "0.00")
    due = sum((Decimal(data[name]) for name in ("labour_amount", "parts_amount")), Decimal(0))
    due -= Decimal(data["discount_amount"])
    paid = Decimal(data.setdefault("paid_amount", str(due)))
    # Some systems write the discount with its sign. Where the sheet has not both parts, nothing can be added up.
    adds_up = paid in (due, due + 2 * Decimal(data["discount_amount"]))
    data["total_off"] = sheet.says("labour_amount", "parts_amount", "paid_amount") and not adds_up
    data.pop("mobile", None)
    if "vin" in data:
        data["make"] = vin.make(data["vin"])


def _line(row: CleanRow, sheet: Reader) -> None:
    data = row.data
    quantity = Decimal(data.setdefault("quantity", "1.00"))
    price, amount = data.get("unit_price"), data.get("amount")
    if price is None and amount is not None:
        data["unit_price"] = str(
            (Decimal(amount) / quantity).quantize(Decimal("0.01")) if quantity else amount
        )
    elif amount is None:
        data["amount"] = str((Decimal(price or 0) * quantity).quantize(Decimal("0.01")))
        data.setdefault("unit_price", "0.00")
    data.setdefault("line_kind", "other")


def _finding(row: CleanRow, sheet: Reader) -> None:
    data = row.data
    if not any(name in data for name in ("number", "plate", "vin")):
        row.refused.append(Refused("plate", None, "", Problem("plate_missing")))
    data.setdefault("status", "untold")


def _complaint(row: CleanRow, sheet: Reader) -> None:
    row.data.setdefault("status", "open")


# --- resources and catalogues ---------------------------------------------------------------------------

_DUTIES = (("技师", "technician"), ("维修工", "technician"), ("technician", "technician"), ("mechanic", "technician"),
           ("服务顾问", "advisor"), ("接待", "advisor"), ("service advisor", "advisor"),
           ("销售", "sales"), ("sales", "sales"))  # fmt: skip


def _bay(row: CleanRow, sheet: Reader) -> None:
    data = row.data
    data.setdefault("opens_at", "08:30")
    data.setdefault("closes_at", "17:30")
    data.setdefault("skill", "机修")
    if data["closes_at"] <= data["opens_at"]:
        row.refused.append(Refused("closes_at", None, data["closes_at"], Problem("opens_after_closing")))


def _staff(row: CleanRow, sheet: Reader) -> None:
    title = row.data["post_title"].lower()
    # Only people who sell are sales; their manager books no test drives with us.
    duty = next((duty for word, duty in _DUTIES if word in title), "other")
    is_boss = any(word in title for word in ("经理", "主管", "总监", "内勤", "manager", "director"))
    row.data["duty"] = "other" if is_boss else duty


def _labour(row: CleanRow, sheet: Reader) -> None:
    if Decimal(row.data["standard_hours"]) <= 0:
        value = row.data["standard_hours"]
        row.refused.append(Refused("standard_hours", None, value, Problem("number_range", {"value": value})))


_FINISH: dict[str, Callable[[CleanRow, Reader], None]] = {
    "customers": _customer,
    "orders": _order,
    "order_lines": _line,
    "findings": _finding,
    "complaints": _complaint,
    "bays": _bay,
    "staff": _staff,
    "labour": _labour,
}
