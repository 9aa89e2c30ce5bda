"""Everything a store's bookings depend on, loaded once: constant number of queries for any number of days.

Times inside are minutes since local midnight of `Facts.first`, so that the search compares plain integers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from huichang.domains.appointments import batch, policies
from huichang.domains.appointments.batch import Resources
from huichang.domains.appointments.models import (
    ACTIVE,
    Away,
    BlockKind,
    Booking,
    BookingBand,
    BookingStatus,
    Equipment,
)
from huichang.domains.appointments.planning.taken import DAY, Busy, Span, Taken, Work
from huichang.domains.catalog.models import Duty
from huichang.domains.dealers import calendars
from huichang.domains.dealers.models import Dealer
from huichang.kernel.worktime import local_date, local_moment

OUTSIDE = BookingBand(is_peak=True)  # the time that belongs to no band, where the store books in bands only
SPILL = 30  # days loaded beyond the strip, so that the end of long work is seen


@dataclass(frozen=True, slots=True)
class Job:
    """A job of the labour catalogue as asked for."""

    labour_id: int
    name: str
    skill: str
    hours: float


class Facts:
    """A store's days from `first`, as the search sees them."""

    def __init__(  # the one place where the loaded rows meet
        self,
        *,
        dealer: Dealer,
        first: date,
        days: int,
        now: datetime,
        calendar: calendars.Calendar,
        rules: dict[str, Any],
        resources: Resources,
        blocks: Sequence[Taken],
        jobs: tuple[Job, ...] = (),
        ignore: Booking | None = None,
    ) -> None:
        self.dealer = dealer
        self.first = first
        self._weekday = first.weekday()
        self.days = days
        self.rules = rules
        self.bays = resources.bays
        self.technicians = [person for person in resources.staff if person.duty == Duty.TECHNICIAN]
        self.advisors = [person for person in resources.staff if person.duty == Duty.ADVISOR]
        self.resources = resources
        self._base = local_moment(first, time.min)
        self._base_utc = self._base.astimezone(UTC)  # two moments of one zone subtract fastest
        self.now = self.minute(now)
        self.calendar = [calendar.on(first + timedelta(days=number)) for number in range(days + SPILL)]
        # Work that began before the first day is spread over its own days, so those days are needed too.
        earliest = min((block.start // DAY for block in blocks[:1]), default=0)
        before = [calendar.on(first + timedelta(days=number)) for number in range(min(earliest, 0), 0)]
        self.open: list[Span] = [
            (number * DAY + _clock(opens), number * DAY + _clock(closes))
            for number, info in enumerate((*before, *self.calendar), -len(before))
            for opens, closes in info.periods
        ]
        self.ignore = ignore
        self.absences: list[Away] = [*resources.absences, *resources.outages]
        self.blocks = blocks
        self.jobs = jobs  # those asked for, in the order asked; unknown or retired ones are left out
        self.bay_busy, self.staff_busy, self.equipment_busy = self._busy()

    @cached_property
    def work(self) -> list[Work]:
        """The blocks of work, as the counts see them."""
        return [
            Work(block.staff_id, block.start, block.end, block.planned_hours, block.purpose, block.channel)
            for block in self.blocks
            if block.kind == BlockKind.WORK and block.staff_id
        ]

    @cached_property
    def receptions(self) -> list[int]:
        """When customers are already expected, minutes in order."""
        return [block.start for block in self.blocks if block.kind == BlockKind.RECEPTION]

    @cached_property
    def equipment(self) -> dict[str, list[Equipment]]:
        """The pieces in use by kind; one query, asked only for jobs that need some."""
        found: dict[str, list[Equipment]] = defaultdict(list)
        for piece in Equipment.objects.filter(dealer=self.dealer, is_active=True).order_by("name"):
            found[piece.kind].append(piece)
        return found

    def rule(self, policy: Any) -> Any:
        return self.rules[policy.key]

    @cached_property
    def grid(self) -> int:
        return int(self.rule(policies.GRID))

    @cached_property
    def share(self) -> float:
        """The share of a technician's hours that may be promised."""
        return 1 - int(self.rule(policies.RESERVE)) / 100

    def minute(self, moment: datetime) -> int:
        since = moment.astimezone(UTC) - self._base_utc
        return since.days * DAY + since.seconds // 60

    def moment(self, minute: int) -> datetime:
        return self._base + timedelta(minutes=minute)

    def day(self, minute: int) -> date:
        return self.first + timedelta(days=minute // DAY)

    def _busy(self) -> tuple[dict[int, Busy], dict[int, Busy], dict[int, Busy]]:
        """When each bay, person and piece of equipment is taken, by id."""
        bays: dict[int, list[Span]] = defaultdict(list)
        staff: dict[int, list[Span]] = defaultdict(list)
        equipment: dict[int, list[Span]] = defaultdict(list)
        for block in self.blocks:
            span = (block.start, block.end)
            if block.bay_id:
                bays[block.bay_id].append(span)
            if block.staff_id:
                staff[block.staff_id].append(span)
            if block.equipment_id:
                equipment[block.equipment_id].append(span)
        for away in self.absences:
            span = (self.minute(away.starts_at), self.minute(away.ends_at))
            keys = (away.bay_id, away.staff_id, getattr(away, "equipment_id", None))
            for taken, key in zip((bays, staff, equipment), keys, strict=True):
                if key:
                    taken[key].append(span)
        return _merged(bays), _merged(staff), _merged(equipment)

    @cached_property
    def open_of_bay(self) -> dict[int, list[Span]]:
        """When each bay is open: the store's periods within the bay's own hours."""
        found: dict[int, list[Span]] = {}
        by_hours: dict[Span, list[Span]] = {}  # most bays of a store keep the same hours
        for bay in self.bays:
            hours = (_clock(bay.opens_at), _clock(bay.closes_at))
            if hours not in by_hours:
                by_hours[hours] = list(self._open_within(*hours))
            found[bay.id] = by_hours[hours]
        return found

    def _open_within(self, opens: int, closes: int) -> Iterator[Span]:
        """The store's periods cut to the hours of a bay, minutes of the day."""
        for start, end in self.open:
            midnight = start - start % DAY
            cut = (max(start, midnight + opens), min(end, midnight + closes))
            if cut[0] < cut[1]:
                yield cut

    @cached_property
    def available(self) -> dict[tuple[int, int], float]:
        """Hours of each technician on each day: {(staff id, day number): hours}, calendar minus absences."""
        away: dict[int, list[Span]] = defaultdict(list)
        for row in self.absences:
            if row.staff_id:
                away[row.staff_id].append((self.minute(row.starts_at), self.minute(row.ends_at)))
        hours: dict[tuple[int, int], float] = defaultdict(float)
        for person in self.technicians:
            gone = Busy(away[person.id])
            if not gone.starts:
                for day, minutes in self._open_minutes.items():
                    hours[person.id, day] = minutes / 60
                continue
            for start, end in self.open:
                lost = sum(
                    max(0, min(end, e) - max(start, s)) for s, e in zip(gone.starts, gone.ends, strict=True)
                )
                hours[person.id, start // DAY] += (end - start - lost) / 60
        return hours

    @cached_property
    def _open_minutes(self) -> dict[int, int]:
        return {day: sum(end - start for start, end in spans) for day, spans in self.open_of_day.items()}

    @cached_property
    def open_of_day(self) -> dict[int, list[Span]]:
        """The open periods by day number."""
        return _by_day(self.open)

    @cached_property
    def open_of_bay_and_day(self) -> dict[tuple[int, int], list[Span]]:
        """When each bay is open, by (bay id, day number)."""
        found: dict[tuple[int, int], list[Span]] = {}
        by_list: dict[int, dict[int, list[Span]]] = {}  # bays that keep the same hours share their list
        for bay_id, spans in self.open_of_bay.items():
            if id(spans) not in by_list:
                by_list[id(spans)] = _by_day(spans)
            for day, of_day in by_list[id(spans)].items():
                found[bay_id, day] = of_day
        return found

    def by_day(self, start: int, end: int, hours: float) -> dict[int, float]:
        """How planned hours of work in [start, end) fall on the days, by open minutes; on the first day if none."""
        if start // DAY == (end - 1) // DAY:
            return {start // DAY: hours}
        minutes: dict[int, int] = defaultdict(int)
        for opens, closes in self.open:
            if opens >= end:
                break
            overlap = min(end, closes) - max(start, opens)
            if overlap > 0:
                minutes[opens // DAY] += overlap
        total = sum(minutes.values())
        if not total:
            return {start // DAY: hours}
        return {day: hours * part / total for day, part in minutes.items()}

    def by_skill(self, work: Iterable[Work]) -> dict[tuple[str, int], float]:
        """Hours by (skill, day number): an hour counts for every skill its technician holds."""
        skills = {person.id: person.skills for person in self.technicians}
        found: dict[tuple[str, int], float] = defaultdict(float)
        for one in work:
            for day, hours in self.by_day(one.start, one.end, one.hours).items():
                for skill in skills.get(one.staff_id, ()):
                    found[skill, day] += hours
        return found

    @cached_property
    def booked(self) -> dict[tuple[str, int], float]:
        """Hours promised to ordinary bookings, by (skill, day number)."""
        return self.by_skill(work for work in self.work if not work.purpose)

    @cached_property
    def capacity(self) -> dict[tuple[str, int], float]:
        """Technicians' hours by (skill, day number), before the reserve."""
        found: dict[tuple[str, int], float] = defaultdict(float)
        skills = {person.id: person.skills for person in self.technicians}
        days = len(self.calendar)
        for (person_id, day), hours in self.available.items():
            if 0 <= day < days:
                for skill in skills[person_id]:
                    found[skill, day] += hours
        return found

    @cached_property
    def load_of_person(self) -> dict[tuple[int, int], float]:
        """Booked hours by (staff id, day number): work goes to whoever has least."""
        found: dict[tuple[int, int], float] = defaultdict(float)
        for work in self.work:
            for day, hours in self.by_day(work.start, work.end, work.hours).items():
                found[work.staff_id, day] += hours
        return found

    @cached_property
    def waiting(self) -> list[Span]:
        """When customers who wait at the store are there, one span a booking; one query."""
        start, end = self._base, self.moment((self.days + SPILL) * DAY)
        rows = self._counted(Booking.objects.filter(waits=True, starts_at__lt=end, ends_at__gt=start))
        return [(self.minute(a), self.minute(b)) for a, b in rows.values_list("arrive_at", "ends_at")]

    @cached_property
    def jobs_of_day(self) -> dict[int, list[tuple[int, int, str]]]:
        """The jobs of the bookings that start on a day: {day number: [(booking, labour, skill)]}; one query."""
        start, end = self._base, self.moment((self.days + SPILL) * DAY)
        rows = self._counted(Booking.objects.filter(starts_at__gte=start, starts_at__lt=end))
        found: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for pk, moment, labour_id, skill in rows.values_list(
            "pk", "starts_at", "items__labour_id", "items__labour__skill"
        ):
            found[self.minute(moment) // DAY].append((pk, labour_id, skill))
        return found

    def _counted(self, rows: QuerySet[Booking]) -> QuerySet[Booking]:
        """Those that still count: promised or here, and holds that are not over; never the booking being moved."""
        now = self.moment(self.now)
        rows = rows.filter(dealer=self.dealer, status__in=ACTIVE)
        rows = rows.exclude(Q(status=BookingStatus.HELD) & Q(hold_until__lte=now))
        return rows.exclude(pk=self.ignore.pk) if self.ignore is not None else rows

    def discount(self, minute: int, channel: str) -> int:
        """The labour discount of a start, percent: of its band for the channel, else of the band itself."""
        band = self.band_at(minute)
        if band is None or band.is_peak:
            return 0
        for row in self.resources.discounts:
            if row.band_id == band.id and row.channel == channel:
                return row.discount_percent
        return band.discount_percent

    def band_at(self, minute: int) -> BookingBand | None:
        """The band a start falls into, a peak before any other; where only bands are booked, `OUTSIDE` of them all."""
        clock, weekday = minute % DAY, (self._weekday + minute // DAY) % 7
        for day, start, end, band in self._ranked_bands:
            if day in {None, weekday} and start <= clock < end:
                return band
        return OUTSIDE if self.rule(policies.ONLY_IN_BANDS) else None

    @cached_property
    def _ranked_bands(self) -> list[tuple[int | None, int, int, BookingBand]]:
        """Weekday, start and end (minutes of the day) of each band: peaks first, then the highest discount."""
        ranked = sorted(
            self.resources.bands, key=lambda band: (not band.is_peak, -band.discount_percent, band.id)
        )
        return [(band.weekday, _clock(band.starts_at), _clock(band.ends_at), band) for band in ranked]


def load(
    dealer: Dealer, first: date, days: int, now: datetime, *, ignore: Booking | None = None,
    labour_ids: Sequence[int] = (),
) -> Facts:  # fmt: skip
    """Load a store's facts for `days` days from `first`; two queries whatever the store's size.

    `ignore` leaves a booking's own blocks out (when it is moved). Holds past their end are not there. `labour_ids` are
    the jobs that `Facts.jobs` has.
    """
    last = first + timedelta(days=days + SPILL)
    resources = batch.facts(
        dealer_id=dealer.pk,
        labour_ids=labour_ids,
        first=first,
        last=last,
        now=now,
        ignore=ignore.pk if ignore else None,
    )
    blocks = list(map(Taken._make, resources.taken))
    before = min((block.start // DAY for block in blocks[:1]), default=0)
    calendar, rules = calendars.load_with_values(
        dealer, first + timedelta(days=min(before, 0)), last,
        declared=policies.FOR_OFFERS, on=local_date(now),
    )  # fmt: skip
    known = {pk: Job(pk, name, skill, hours) for pk, name, skill, hours in resources.jobs}
    return Facts(
        dealer=dealer,
        first=first,
        days=days,
        now=now,
        calendar=calendar,
        rules=rules,
        resources=resources,
        blocks=blocks,
        jobs=tuple(known[pk] for pk in dict.fromkeys(labour_ids) if pk in known),
        ignore=ignore,
    )


def _merged(taken: dict[int, list[Span]]) -> dict[int, Busy]:
    return {key: Busy(spans) for key, spans in taken.items()}


def _by_day(spans: Iterable[Span]) -> dict[int, list[Span]]:
    """Spans by the number of the day they begin on."""
    found: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        found[span[0] // DAY].append(span)
    return found


def _clock(value: time) -> int:
    return value.hour * 60 + value.minute
