"""How one sheet is read: what is recognised, shown, corrected, remembered and carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huichang.domains.intake import headings
from huichang.domains.intake.vocabulary import KINDS

# Facets of a sheet (facets.py) by the beginning of their names.
_PARTS: dict[str, str | Promise] = {
    "lines": _("同一行里的项目明细"),
    "packed": _("一格里的几项明细"),
    "owners": _("工单里的车主(只给还没有车主的车)"),
    "cars": _("同一行里的另一辆车"),
}


@dataclass(slots=True)
class SheetPlan:
    """How one sheet is read. `kind` '' leaves it out; columns count from 0; `heading_row` is a row number (0: none).

    `remembered` says that the store has set this mapping before; `samples` are the first values of each column.
    `part` names a facet of the sheet ('' is the sheet itself, see facets.py); `fill` are the columns that stand only in
    the first of several rows of one order; `titles` what stands above the headings; `day_orders` how the days of a
    column are written (see day_order.py); `visit` the column of the visit by which the newest row of a car is taken.
    """

    file: str
    sheet: str
    kind: str
    heading_row: int
    columns: dict[int, str]
    headings: list[str]
    fingerprint: str
    by_content: list[int] = field(default_factory=list)
    samples: list[list[str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    rows: int = 0
    remembered: bool = False
    part: str = ""
    fill: list[int] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    day_orders: dict[int, str] = field(default_factory=dict)
    visit: int | None = None

    def as_json(self) -> dict[str, Any]:
        shown = {name: getattr(self, name) for name in self.__slots__}
        for name in ("columns", "day_orders"):
            shown[name] = {str(column): value for column, value in shown[name].items()}
        return shown

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SheetPlan:
        numbered = {
            name: {int(column): value for column, value in stored.get(name, {}).items()}
            for name in ("columns", "day_orders")
        }
        return cls(**{**stored, **numbered})

    @property
    def order(self) -> int:
        return KINDS[self.kind].order if self.kind else 999

    @property
    def part_label(self) -> str:
        """What of its sheet a facet reads; '' for the sheet itself."""
        name = next((one for one in _PARTS if self.part.startswith(one)), "")
        return str(_PARTS[name]) if name else ""

    @property
    def is_correction(self) -> bool:
        """Whether it comes from our workbook of refused rows: it holds only these, not whole orders."""
        return sum(headings.is_ours(headings.plain(heading)) for heading in self.headings) > 1
