"""Writes of parts, by what they are for. Whoever books calls `reserve` and `release`; the rest is the clerk's day."""

from __future__ import annotations

from huichang.domains.parts.operations.baskets import draw, issue, put_back, sign
from huichang.domains.parts.operations.catalogue import save_part, save_supplier
from huichang.domains.parts.operations.counting import (
    add_count_line,
    approve_stocktake,
    cancel_stocktake,
    enter_count,
    open_stocktake,
    reopen_stocktake,
    submit_stocktake,
)
from huichang.domains.parts.operations.daily import start_day
from huichang.domains.parts.operations.purchasing import (
    Wanted,
    amend_draft,
    cancel_order,
    close_line,
    draft_order,
    expect,
    place_order,
    receive,
)
from huichang.domains.parts.operations.stock import (
    add_bin,
    answer_alarm,
    move_old_part,
    open_stock,
    retire_bin,
    save_warehouse,
    scrap,
    transfer,
)
from huichang.domains.parts.operations.visits import release, reserve

__all__ = [
    "Wanted", "add_bin", "add_count_line", "amend_draft", "answer_alarm", "approve_stocktake", "cancel_order",
    "cancel_stocktake", "close_line", "draft_order", "draw", "enter_count", "expect", "issue",
    "move_old_part", "open_stock", "open_stocktake", "place_order", "put_back", "receive", "release",
    "reopen_stocktake", "reserve", "retire_bin", "save_part", "save_supplier", "save_warehouse", "scrap",
    "sign", "start_day", "submit_stocktake", "transfer",
]  # fmt: skip
