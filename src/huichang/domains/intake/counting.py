"""What an import did, sheet by sheet: for each, rows = created + updated + unchanged + merged + refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

OUTCOMES = ("created", "updated", "unchanged", "merged", "refused")


@dataclass(slots=True)
class SheetCount:
    """Counts of one sheet. `fixed` counts classes of repaired dirt, `set_aside` cells left as to-dos, `flagged`
    what was kept as recorded but doubted; both count what stood in the file, also in rows that were refused.
    `left_out` are rows that are no records (totals, repeated headings, notes) and not among `rows`.
    """

    file: str
    sheet: str
    kind: str
    rows: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    fixed: Counter[str] = field(default_factory=Counter)
    set_aside: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "sheet": self.sheet,
            "kind": self.kind,
            "rows": self.rows,
            **{outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "fixed": dict(sorted(self.fixed.items())),
            "set_aside": dict(sorted(self.set_aside.items())),
            "flagged": dict(sorted(self.flagged.items())),
            "left_out": dict(sorted(self.left_out.items())),
        }

    @property
    def adds_up(self) -> bool:
        return self.rows == sum(self.outcomes[outcome] for outcome in OUTCOMES)
