"""What a sheet may hold: kinds, their fields, how each field's cells read, and the words exports use for it.

The words are data in `vocabulary.tsv`, compared after `headings.plain` (half-width, lower case, simplified, without
spaces, punctuation and what stands in brackets). The first word is the label; the order is the order on screen.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from importlib import resources

from django.utils.translation import gettext, gettext_noop


@dataclass(frozen=True, slots=True)
class Field:
    """A target column. `reads` names a cleaner of `cleaning.CLEANERS`; `essential`: without it the row is refused.

    `limit` is the longest text that fits the database, 0 for none.
    """

    name: str
    reads: str
    words: tuple[str, ...]
    essential: bool
    limit: int

    @property
    def label(self) -> str:
        return gettext(self.words[0])


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of sheet.

    `needs`: of each group one field must be found before a sheet is taken for this kind. `key`: the fields by
    which rows of one sheet are the same record; empty when every row is its own. `order`: place in loading.
    """

    name: str
    title: str
    order: int
    needs: tuple[tuple[str, ...], ...]
    key: tuple[str, ...]
    fields: dict[str, Field]

    @property
    def label(self) -> str:
        return gettext(self.title)


def _fields() -> dict[str, dict[str, Field]]:
    found: dict[str, dict[str, Field]] = defaultdict(dict)
    text = resources.files(__package__).joinpath("vocabulary.tsv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        words = next(value for name, value in row.items() if name.startswith("words"))
        found[row["kind"]][row["field"]] = Field(
            row["field"],
            row["reads"],
            tuple(words.split()),
            row["essential"] == "yes",
            int(row["limit"] or 0),
        )
    return found


# Columns that hold several fields in one cell (`张三/13801754045`), and several lines of an order.
MIXED = ("mixed", "mixed_more")
PACKED = ("labour_items", "part_items")

_FIELDS = _fields()
_Needs = tuple[tuple[str, ...], ...]


def _kind(name: str, title: str, order: int, needs: _Needs, key: tuple[str, ...] = ()) -> Kind:
    return Kind(name, title, order, needs, key, _FIELDS[name])


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind(
            "customers",
            gettext_noop("客户车辆"),
            20,
            (("vin", *MIXED), ("name", "mobile", "customer_number", *MIXED)),
            ("vin",),
        ),
        _kind(
            "orders",
            gettext_noop("工单"),
            30,
            (("number",), ("vin", "plate", *MIXED), ("arrived_at",)),
            ("number",),
        ),
        _kind(
            "order_lines",
            gettext_noop("项目明细"),
            40,
            (("number",), ("name", "code", *PACKED), ("amount", "quantity", "unit_price", *PACKED)),
        ),
        _kind(
            "findings",
            gettext_noop("建议维修"),
            50,
            (("text",), ("number", "plate", "vin")),
            ("number", "plate", "vin", "text", "found_date"),
        ),
        _kind(
            "complaints",
            gettext_noop("投诉记录"),
            60,
            (("number",), ("text",), ("complained_date",)),
            ("number",),
        ),
        _kind("bays", gettext_noop("工位"), 2, (("name",), ("opens_at", "closes_at", "skill")), ("name",)),
        _kind("staff", gettext_noop("人员"), 3, (("name",), ("post_title",)), ("name", "post_title")),
        _kind("labour", gettext_noop("工时项目"), 4, (("code",), ("standard_hours",), ("skill",)), ("code",)),
        _kind(
            "parts",
            gettext_noop("配件"),
            5,
            (("code",), ("counted_stock", "lead_days", "location", "safety_stock")),
            ("code",),
        ),
        _kind(
            "schedules",
            gettext_noop("保养周期"),
            1,
            (
                ("series",),
                ("interval_months", "interval_km"),
                ("first_months", "first_km", "warranty_months"),
            ),
            ("series",),
        ),
    )
}

# Columns we write into the workbook of refused rows, as `headings.plain` reads them: skipped when it comes back.
OUR_COLUMNS = ("原因", "处理办法", "reason", "whattodo", "remedy")


def label(name: str) -> str:
    """The name of a field (`name`, or `kind.name`) on screen, translated; a name of no field is given back."""
    kind_name, dot, own = name.partition(".")
    if dot and kind_name in KINDS and own in KINDS[kind_name].fields:
        return KINDS[kind_name].fields[own].label
    for kind in KINDS.values():
        if name in kind.fields:
            return kind.fields[name].label
    return name
