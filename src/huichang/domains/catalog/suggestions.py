"""Which jobs of the store's catalogue answer the reasons of a visit: a first choice the agent corrects."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from huichang.domains.catalog.models import LabourOperation

_NEAR_KM = 5_000  # a 60,000 km service answers a due mileage of 55,000 to 65,000
# Words of advisors and of catalogues for the same thing.
_SAME = (
    ("刹车", "制动"),
    ("电瓶", "蓄电池"),
    ("轮胎", "轮胎"),
    ("空调", "空调"),
    ("尾灯", "尾灯"),
    ("四轮", "四轮定位"),
)
_SERVICE_KINDS = {"scheduled_service", "at_risk", "lapsed"}


def suggest(
    labour: Sequence[LabourOperation],
    *,
    kinds: Iterable[str],
    due_km: int | None = None,
    findings: Iterable[str] = (),
) -> list[LabourOperation]:
    """Jobs for the kinds of reminder (`reminders.Kind` values) and the texts of open findings, without repeats.

    `due_km` is the mileage at which the service is due. Empty when nothing in the catalogue fits.
    """
    wanted = set(kinds)
    found: list[LabourOperation | None] = []
    if "first_service" in wanted:
        found.append(_first(labour, r"首保|首次保养") or _service(labour, due_km))
    elif wanted & _SERVICE_KINDS:
        found.append(_service(labour, due_km))
    if "warranty_end" in wanted:
        found.append(_first(labour, r"保修.*检查|质保.*检查"))
    if "deferred_repair" in wanted:
        found += [_for_finding(labour, text) for text in findings]
    return list({row.pk: row for row in found if row is not None}.values())


def _first(labour: Sequence[LabourOperation], pattern: str) -> LabourOperation | None:
    return next((row for row in labour if re.search(pattern, row.name)), None)


def _service(labour: Sequence[LabourOperation], due_km: int | None) -> LabourOperation | None:
    """The service named for the mileage (“6万公里保养”) when one is near, else the ordinary one."""
    if due_km is not None:
        for row in labour:
            named = re.search(r"(\d+)\s*万公里", row.name)
            if named and abs(int(named.group(1)) * 10_000 - due_km) <= _NEAR_KM:
                return row
    ordinary = [row for row in labour if "保养" in row.name and not re.search(r"首|万公里", row.name)]
    return min(ordinary, key=lambda row: row.standard_hours, default=None)


def _for_finding(labour: Sequence[LabourOperation], text: str) -> LabourOperation | None:
    """The job that shares most pairs of characters with the advice; None when fewer than two are shared."""
    pairs = _pairs(text)
    best = max(labour, key=lambda row: len(pairs & _pairs(row.name)), default=None)
    return best if best is not None and len(pairs & _pairs(best.name)) >= 2 else None


def _pairs(text: str) -> set[str]:
    for said, listed in _SAME:
        text = text.replace(said, listed)
    return {text[index : index + 2] for index in range(len(text) - 1)}
