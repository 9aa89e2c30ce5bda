"""Writes of the appointments."""

from __future__ import annotations

from huichang.domains.appointments.operations.bands import remove_band, save_band
from huichang.domains.appointments.operations.booking import book, expire_holds, extend_hold, hold, release
from huichang.domains.appointments.operations.changing import arrive, cancel, change, mark_no_show
from huichang.domains.appointments.taking import SlotTaken

__all__ = [
    "SlotTaken", "arrive", "book", "cancel", "change", "expire_holds", "extend_hold", "hold", "mark_no_show", "release",
    "remove_band", "save_band",
]  # fmt: skip
