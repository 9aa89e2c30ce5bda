"""What takes a bay, a person or a piece of equipment out of a day, against the blocks that need it."""

from __future__ import annotations

from datetime import datetime

from huichang.domains.appointments.models import Away, BookingBlock, EquipmentOutage


def hits(away: Away, block: BookingBlock, now: datetime | None = None) -> bool:
    """Whether what is away is what a block needs, at a time it needs it (from `now` on, when given)."""
    same = (
        (away.bay_id and away.bay_id == block.bay_id)
        or (away.staff_id and away.staff_id == block.staff_id)
        or (isinstance(away, EquipmentOutage) and away.equipment_id == block.equipment_id)
    )
    begins = max(block.starts_at, now) if now else block.starts_at
    return bool(same) and away.starts_at < block.ends_at and begins < away.ends_at


def name_of(away: Away) -> str:
    """Who or what is away."""
    if isinstance(away, EquipmentOutage):
        return str(away.equipment)
    return str(away.staff or away.bay)
