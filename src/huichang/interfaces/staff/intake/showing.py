"""What the pages of the import show of runs, sheets and columns."""

from __future__ import annotations

from typing import Any

from huichang.domains.intake.classes import label
from huichang.domains.intake.counting import OUTCOMES
from huichang.domains.intake.loading import column_letter
from huichang.domains.intake.models import ImportRun
from huichang.domains.intake.plans import SheetPlan
from huichang.domains.intake.vocabulary import KINDS
from huichang.domains.intake.vocabulary import label as field_label

# What was done with cells and rows, and in which colour it is told.
_GROUPS = (("fixed", "ok"), ("set_aside", "warn"), ("flagged", "bad"), ("left_out", ""))


def stage_label(stage: str) -> str:
    return label(stage) if stage else ""


def sheet_cards(run: ImportRun) -> list[dict[str, Any]]:
    """Each sheet with what it was taken for and what of it will be read."""
    cards: list[dict[str, Any]] = []
    for index, stored in enumerate(run.sheets):
        plan = SheetPlan.from_json(stored)
        unread = [
            heading for column, heading in enumerate(plan.headings) if heading and column not in plan.columns
        ]
        cards.append({
            "index": index,
            "plan": plan,
            "kind": KINDS[plan.kind].label if plan.kind else "",
            "read": [field_label(f"{plan.kind}.{name}") for _column, name in sorted(plan.columns.items())],
            "unread": unread,
            "guessed": len(plan.by_content),
        })  # fmt: skip
    return cards


def outcome_rows(run: ImportRun) -> list[dict[str, Any]]:
    """The counts of each sheet, with the words for what was fixed, set aside and flagged."""
    return [
        {
            **sheet,
            "label": label(sheet["kind"]),
            "figures": [sheet[outcome] for outcome in OUTCOMES],
            "classes": [
                {"tone": tone, "name": label(name), "count": count}
                for group, tone in _GROUPS
                for name, count in sheet.get(group, {}).items()
            ],
        }
        for sheet in run.result.get("sheets", [])
    ]


def columns_of(plan: SheetPlan, kind: str, chosen: dict[int, str] | None) -> list[dict[str, Any]]:
    """Each column of a sheet: what it is called, what is in it, what it is taken for."""
    known = KINDS[kind].fields if kind in KINDS else {}
    columns = chosen if chosen is not None else plan.columns if kind == plan.kind else {}
    return [
        {
            "index": column,
            "letter": column_letter(column),
            "heading": heading,
            "samples": plan.samples[column] if column < len(plan.samples) else [],
            "chosen": columns.get(column, "") if columns.get(column, "") in known else "",
            "guessed": column in plan.by_content,
        }
        for column, heading in enumerate(plan.headings)
    ]
