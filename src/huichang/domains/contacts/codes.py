"""The outcome codes a new installation starts with; afterwards they are data (CAL-06…08).

`retry` counts working days until the case appears again; None leaves it to the next step.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CodeSeed:
    """One code. `key` is the letter that chooses it at the desk."""

    code: str
    label: str
    label_en: str
    key: str = ""
    next_step: str = "none"
    retry: int | None = None
    is_contact: bool = True
    is_refusal: bool = False
    closes: bool = False


CODES: tuple[CodeSeed, ...] = (
    CodeSeed("booked", "预约进厂", "Booked", "b", "book"),
    CodeSeed("call_later", "约时间再联系", "Call at an agreed time", "l", "call_later"),
    CodeSeed("undecided", "再考虑", "Undecided", "t", "second_call"),
    CodeSeed("no_answer", "未接通", "No answer", "u", "retry", 1, is_contact=False),
    CodeSeed("unreachable", "停机或关机", "Switched off", "", "retry", 3, is_contact=False),
    CodeSeed("wrong_number", "号码有误", "Wrong number", "w", "wrong_number", 1, is_contact=False),
    CodeSeed("refused", "不需要", "Not wanted", "x", is_refusal=True, closes=True),
    CodeSeed("done_elsewhere", "已在外店做", "Done elsewhere", "o", "done_elsewhere", closes=True),
    CodeSeed("done_here", "已办妥", "Already settled", "d", closes=True),
    CodeSeed("sold", "车已转让", "Car sold", "s", "mark_sold", closes=True),
    CodeSeed("scrapped", "车已报废", "Car scrapped", "", "mark_scrapped", closes=True),
    CodeSeed("moved", "车已迁走", "Car moved away", "", "mark_moved", closes=True),
    CodeSeed("complaint", "客户投诉", "Complaint", "c", "complaint", 2),
    CodeSeed("opt_out", "不再联系", "No more contact", "", "opt_out", is_refusal=True, closes=True),
)
