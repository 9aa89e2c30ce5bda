"""The time line of a booking: its moves and its changes in one list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from huichang.domains.appointments.models import Booking, BookingStatus
from huichang.kernel.audit import history
from huichang.kernel.models import StatusChange
from huichang.ui import formats

_ICONS = {
    "held": "hourglass", "tentative": "calendar-plus", "confirmed": "calendar-check", "prepared": "box",
    "arrived": "car", "no_show": "user-x", "cancelled": "calendar-cancel", "expired": "clock-pause",
}  # fmt: skip
_TONES = {"arrived": "ok", "no_show": "bad", "cancelled": "bad", "confirmed": "ok"}
_SHOWN = (
    "arrive_at",
    "starts_at",
    "ends_at",
    "planned_hours",
    "note",
    "priority",
    "drop_off_name",
    "drop_off_phone",
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry: what happened, who did it, what changed."""

    at: datetime
    who: str
    title: str
    icon: str
    tone: str = ""
    text: str = ""
    changes: tuple[dict[str, str], ...] = ()


def history_of(booking: Booking) -> list[Moment]:
    """Moves and changes of a booking, the latest first; two queries."""
    moves = StatusChange.objects.filter(table_name=booking._meta.db_table, row_id=booking.pk)
    found = [_moved(row) for row in moves]
    for record in history([booking]):
        shown = tuple(_change(name, *values) for name, values in record.changes.items() if name in _SHOWN)
        if shown:
            found.append(Moment(record.at, record.actor_name, _("修改"), "pencil", changes=shown))
    return sorted(found, key=lambda item: item.at, reverse=True)


def _moved(row: StatusChange) -> Moment:
    title = str(BookingStatus(row.after).label)
    return Moment(
        row.at,
        row.actor_name,
        title,
        _ICONS.get(row.after, "point-filled"),
        _TONES.get(row.after, ""),
        row.reason,
    )


def _change(name: str, before: Any, after: Any) -> dict[str, str]:
    label = str(Booking._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a column, not a relation
    return {"label": label, "before": _text(before), "after": _text(after)}


def _text(value: Any) -> str:
    if isinstance(value, str) and "T" in value and (moment := parse_datetime(value)):
        return formats.moment(timezone.localtime(moment))
    return "" if value is None else str(value)
