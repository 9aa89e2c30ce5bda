"""What is taken: spans of minutes, when a bay or a person is busy, the blocks of bookings as the search reads them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

DAY = 24 * 60
Span = tuple[int, int]


class Busy:
    """When a bay or a person is taken: merged spans, asked by bisection."""

    __slots__ = ("ends", "starts")

    def __init__(self, spans: Iterable[Span]) -> None:
        starts: list[int] = []
        ends: list[int] = []
        last: int | None = None
        for start, end in sorted(spans):
            if last is not None and start <= last:
                if end > last:
                    ends[-1] = last = end
            else:
                starts.append(start)
                ends.append(end)
                last = end
        self.starts, self.ends = starts, ends

    def during(self, start: int, end: int) -> bool:
        """Whether any of [start, end) is taken."""
        index = bisect_right(self.ends, start)
        return index < len(self.starts) and self.starts[index] < end


NEVER = Busy(())


class Work(NamedTuple):
    """A block of work already promised: who, when, how many planned hours, by which channel, from which part."""

    staff_id: int
    start: int
    end: int
    hours: float
    purpose: str = ""
    channel: str = ""


class Taken(NamedTuple):
    """A block of a booking that counts, with the booking's channel; times in minutes of the facts."""

    pk: int
    kind: str
    bay_id: int | None
    staff_id: int | None
    equipment_id: int | None
    planned_hours: float
    purpose: str
    start: int
    end: int
    channel: str
