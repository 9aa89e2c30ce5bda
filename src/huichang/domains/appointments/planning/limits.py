"""What is counted beside hours and resources: kinds of work a day, customers who wait, arrivals at one moment."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property

from huichang.domains.appointments import policies
from huichang.domains.appointments.models import JobLimit
from huichang.domains.appointments.planning.facts import Facts, Job


class Counted:
    """The counts of some facts against what a visit of `jobs` would add."""

    def __init__(self, facts: Facts, jobs: Sequence[Job], *, waits: bool) -> None:
        self.facts = facts
        self.jobs = tuple(jobs)
        self.waits = waits
        self._reached: dict[int, JobLimit | None] = {}

    def limit_reached(self, number: int) -> JobLimit | None:
        """The first limit of a kind of work that one more such visit on the day would break."""
        if number not in self._reached:
            self._reached[number] = next(
                (one for one in self._limits(number) if self._full(one, number)), None
            )
        return self._reached[number]

    def _limits(self, number: int) -> list[JobLimit]:
        """The limits that hold on the day and concern these jobs."""
        weekday = self.facts.day(number * 24 * 60).weekday()
        return [
            limit
            for limit in self.facts.resources.limits
            if limit.weekday in {None, weekday}
            and any(matches(limit, job.labour_id, job.skill) for job in self.jobs)
        ]

    def _full(self, limit: JobLimit, number: int) -> bool:
        return self.used(limit, number) >= limit.per_day

    def used(self, limit: JobLimit, number: int) -> int:
        """The bookings that start on the day and contain the limit's kind of work."""
        rows = self.facts.jobs_of_day.get(number, ())
        return len({booking for booking, labour_id, skill in rows if matches(limit, labour_id, skill)})

    @cached_property
    def most_waiters(self) -> int:
        return int(self.facts.rule(policies.WAITERS))

    def too_many_wait(self, start: int, end: int) -> bool:
        """Whether one more customer who waits from `start` to `end` would be too many at some moment."""
        if not self.waits:
            return False
        changes: dict[int, int] = defaultdict(int)
        for begins, ends in self.facts.waiting:
            if begins < end and start < ends:
                changes[max(begins, start)] += 1
                changes[ends] -= 1
        here = most = 0
        for minute in sorted(changes):
            here += changes[minute]
            most = max(most, here)
        return most >= self.most_waiters

    @cached_property
    def _most_arrivals(self) -> int:
        return int(self.facts.rule(policies.ARRIVALS))

    @property
    def counts_arrivals(self) -> bool:
        """Whether the store limits how many customers come at one moment."""
        return bool(self._most_arrivals)

    @cached_property
    def _arrivals(self) -> Counter[int]:
        return Counter(start - start % self.facts.grid for start in self.facts.receptions)

    def too_many_arrive(self, arrive: int) -> bool:
        """Whether the moment already has as many arrivals as the store wants at once."""
        most = self._most_arrivals
        return bool(most) and self._arrivals[arrive - arrive % self.facts.grid] >= most


def matches(limit: JobLimit, labour_id: int, skill: str) -> bool:
    """Whether a job is of the limit's kind."""
    return limit.labour_id == labour_id if limit.labour_id else limit.skill == skill
