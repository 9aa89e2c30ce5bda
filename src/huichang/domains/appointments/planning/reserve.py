"""The reserve of a day: what it is for, what ate it, what is left, what has been given back.

For a skill on a day, in hours: capacity C; reserve R, a share of C; N promised to ordinary bookings; E eaten, which is
the blocks with a purpose and the `ReserveUse` rows. While the day runs R is released hour by hour to K, what is still
kept. Ordinary bookings may use C - max(E, K): neither what was eaten nor what is still kept.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from huichang.domains.appointments import policies
from huichang.domains.appointments.models import ONLINE, ReservePurpose
from huichang.domains.appointments.planning.facts import Facts
from huichang.kernel.worktime import local_date

Cell = tuple[str, int]  # a skill and the number of a day
EATERS = (
    ReservePurpose.QUICK, ReservePurpose.URGENT, ReservePurpose.CARRY_OVER, ReservePurpose.UNFORESEEN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """The ledger of one skill on one day, hours. `eaten` by purpose, `seats` the part meant for each purpose."""

    skill: str
    capacity: float
    reserve: float
    kept: float
    promised: float
    eaten: dict[str, float]
    seats: dict[str, float]

    @property
    def eaten_hours(self) -> float:
        return sum(self.eaten.values())

    @property
    def left(self) -> float:
        """What is still kept and not eaten; never below zero."""
        return max(0.0, self.kept - self.eaten_hours)

    @property
    def released(self) -> float:
        """What the passing hours gave back to bookings: of the reserve, what is neither kept nor eaten."""
        return max(0.0, self.reserve - max(self.kept, self.eaten_hours))

    @property
    def limit(self) -> float:
        """What ordinary bookings may use."""
        return max(0.0, self.capacity - max(self.eaten_hours, self.kept))

    @property
    def over(self) -> float:
        """Hours promised and eaten beyond the whole capacity: work that needs another day or overtime."""
        return max(0.0, self.promised + self.eaten_hours - self.capacity)


class Reserve:
    """The ledger of the days of some facts."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        rule = facts.rule
        shares = {
            "quick": int(rule(policies.RESERVE_QUICK)) / 100,
            "urgent": int(rule(policies.RESERVE_URGENT)) / 100,
            "carry_over": int(rule(policies.RESERVE_CARRY_OVER)) / 100,
        }
        self.shares = {**shares, "unforeseen": max(0.0, 1 - sum(shares.values()))}

    @cached_property
    def eaten(self) -> dict[Cell, dict[str, float]]:
        """Hours that ate the reserve, by cell and purpose."""
        found: dict[Cell, dict[str, float]] = defaultdict(lambda: dict.fromkeys(EATERS, 0.0))
        for purpose in EATERS:
            work = [one for one in self.facts.work if one.purpose == purpose]
            for cell, hours in self.facts.by_skill(work).items() if work else ():
                found[cell][purpose] += hours
        for row in self.facts.resources.uses:
            found[row.skill, (row.day - self.facts.first).days][row.purpose] += float(row.hours)
        return found

    @cached_property
    def online(self) -> dict[Cell, float]:
        """Ordinary hours booked by owners themselves."""
        return self.facts.by_skill(w for w in self.facts.work if not w.purpose and w.channel in ONLINE)

    @cached_property
    def _kept_share(self) -> dict[int, float]:
        """The share of the reserve still kept, for days that have begun; by whole hours of opening time."""
        facts = self.facts
        if not facts.rule(policies.RESERVE_RELEASED):
            return {}
        today = (local_date(facts.moment(facts.now)) - facts.first).days
        found = dict.fromkeys(range(min(today, facts.days + 1)), 0.0)
        periods = facts.open_of_day.get(today, ())
        total = sum(closes - opens for opens, closes in periods)
        passed = sum(max(0, min(facts.now, closes) - opens) for opens, closes in periods)
        if total:
            found[today] = 1 - (passed if passed == total else passed - passed % 60) / total
        return found

    def reserve(self, cell: Cell) -> float:
        """R of a cell."""
        return self.facts.capacity.get(cell, 0.0) * (1 - self.facts.share)

    def kept(self, cell: Cell) -> float:
        """K of a cell: the reserve that has not been released yet."""
        return self.reserve(cell) * self._kept_share.get(cell[1], 1.0)

    def limit(self, cell: Cell, more: float = 0.0) -> float:
        """What ordinary bookings may use of a cell, when `more` hours are eaten besides."""
        eaten = more + (sum(self.eaten[cell].values()) if cell in self.eaten else 0.0)
        return max(0.0, self.facts.capacity.get(cell, 0.0) - max(eaten, self.kept(cell)))

    def room(
        self, cell: Cell, purpose: str, channel: str = "", promised: float = 0.0, eaten: float = 0.0
    ) -> float:
        """Hours of a cell still free for a purpose ('' = an ordinary booking by `channel`).

        `promised` and `eaten` are hours that the same visit takes of the cell already.
        """
        capacity = self.facts.capacity.get(cell, 0.0)
        booked = self.facts.booked.get(cell, 0.0) + promised
        if purpose == ReservePurpose.NONE:
            free = self.limit(cell, eaten) - booked
            if channel in ONLINE:
                quota = capacity * self.facts.share * int(self.facts.rule(policies.ONLINE_SHARE)) / 100
                free = min(free, quota - self.online.get(cell, 0.0) - promised)
            return free
        uses: dict[str, float] = (
            self.eaten[cell] if cell in self.eaten else dict.fromkeys(map(str, EATERS), 0.0)
        )
        whole = capacity - booked - sum(uses.values()) - eaten
        if purpose != ReservePurpose.QUICK:
            return whole  # urgent work and priority customers may take any seat of the reserve
        seats = self.reserve(cell) * (self.shares["quick"] + self.shares["unforeseen"])
        return min(whole, seats - uses["quick"] - uses["unforeseen"] - eaten)

    def line(self, skill: str, number: int) -> Line:
        """The ledger of one skill on one day."""
        cell = (skill, number)
        reserve = self.reserve(cell)
        return Line(
            skill=skill,
            capacity=self.facts.capacity.get(cell, 0.0),
            reserve=reserve,
            kept=self.kept(cell),
            promised=self.facts.booked.get(cell, 0.0),
            eaten=dict(self.eaten[cell]) if cell in self.eaten else dict.fromkeys(EATERS, 0.0),
            seats={purpose: reserve * self.shares[purpose] for purpose in EATERS},
        )

    def lines(self, number: int) -> list[Line]:
        """The ledger of a day, one line a skill that somebody holds, by name."""
        skills = sorted({skill for person in self.facts.technicians for skill in person.skills})
        return [self.line(skill, number) for skill in skills]
