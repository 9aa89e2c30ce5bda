"""What the day board shows: bays × time, the day's figures, what somebody has to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from django.utils.translation import gettext as _

from huichang.domains.appointments import queries
from huichang.domains.appointments.away import hits
from huichang.domains.appointments.models import (
    PROMISED,
    Away,
    BlockKind,
    Booking,
    BookingBlock,
    Equipment,
    EquipmentOutage,
)
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.reserve import Line, Reserve
from huichang.domains.appointments.queries import OCCUPYING
from huichang.domains.catalog.models import Bay
from huichang.domains.dealers.models import Dealer
from huichang.domains.parts.queries import readiness
from huichang.kernel.models import StatusChange
from huichang.kernel.worktime import day_bounds, local_date

SHOWN = (*OCCUPYING, "no_show")
MINUTES = 5  # of a column
_PER_HOUR = 60 // MINUTES
_DAY = 24 * 60
_ON_TIME = timedelta(minutes=10)
_TONES = {"held": "held", "tentative": "tentative", "no_show": "missed"}


@dataclass(frozen=True, slots=True)
class Bar:
    """A block on the board: `left` and `width` in columns of five minutes; `tone` names its look."""

    booking: Booking
    block: BookingBlock
    who: str
    left: int
    width: int
    tone: str
    note: str
    is_narrow: bool
    may_move: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A bay (or a piece of equipment) with its bars; `shut` are the columns in which it cannot be used, and why."""

    bay: Bay | Equipment
    bars: tuple[Bar, ...]
    shut: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that waits for a person: why, and where it is done."""

    booking: Booking
    text: str
    tone: str
    action: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    """A day between two full hours. `version` changes whenever anything shown does."""

    hours: tuple[tuple[int, int], ...]  # each with its column
    first_hour: int
    lanes: tuple[Lane, ...]
    equipment: tuple[Lane, ...]
    now: int | None
    reserve: tuple[Line, ...]
    figures: dict[str, Any]
    todos: tuple[Todo, ...]
    late_parts: tuple[Todo, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking in the day's list; of a car that is here, whether its work may be begun or ended now."""

    booking: Booking
    may_begin: bool
    may_finish: bool


def visits(found: Sequence[Booking], now: datetime) -> list[Visit]:
    """The day's bookings with what can be said of their work."""
    rows = []
    for row in found:
        work = [b for b in queries.work_blocks(row) if b.is_active and not b.finished_at]
        here = row.status == "arrived" and bool(work)
        begun = here and (work[0].started_at is not None or work[0].starts_at <= now)
        rows.append(Visit(row, here and work[0].started_at is None, begun))
    return rows


def day_bookings(dealer: Dealer, day: date, now: datetime) -> list[Booking]:
    """The bookings of a day as the board shows them: holds that are over are not."""
    start, end = day_bounds(day)
    found = queries.bookings_between(dealer=dealer, start=start, end=end, statuses=SHOWN)
    return [row for row in found if row.status != "held" or (row.hold_until and row.hold_until > now)]


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all lanes of a day have in common: its hours, when the store is open, who and what is away."""

    midnight: datetime
    first: int
    last: int
    periods: Sequence[tuple[int, int]]
    now: datetime
    away: Sequence[Away]

    def lane(self, what: Bay | Equipment, blocks: Sequence[tuple[Booking, BookingBlock]]) -> Lane:
        """The row of a bay or of a piece of equipment."""
        bay = what if isinstance(what, Bay) else None
        gone = [row for row in self.away if row.bay_id == bay.pk] if bay else _outages(self.away, what)
        bars = (_bar(row, b, self.midnight, self.first, self.last, self.now, self.away) for row, b in blocks)
        shut = _shut(self.first * 60, self.last * 60, self.periods, bay, gone, self.midnight)
        return Lane(what, tuple(bars), shut)


def build(dealer: Dealer, day: date, now: datetime, found: Sequence[Booking]) -> Board:
    """The board of a day for bookings already read; about twenty queries, whatever their number."""
    midnight, end = day_bounds(day)
    facts = planning.load(dealer, day, 1, now)
    periods = [(_clock(opens), _clock(closes)) for opens, closes in facts.calendar[0].periods]
    whole = [
        (row, block)
        for row in found
        for block in row.blocks.all()
        if (block.is_active or row.status == "no_show") and block.starts_at < end and block.ends_at > midnight
    ]
    blocks = [(row, block) for row, block in whole if block.kind == BlockKind.WORK]
    spans = [(_minute(b.starts_at, midnight), _minute(b.ends_at, midnight)) for _row, b in blocks]
    first, last = _hours(periods, spans)
    away = [row for row in facts.absences if row.starts_at < end]
    frame = _Frame(midnight, first, last, periods, now, away)
    lanes = tuple(
        frame.lane(bay, [(row, b) for row, b in blocks if b.bay_id == bay.pk]) for bay in facts.bays
    )
    pieces = tuple(
        frame.lane(piece, [(row, b) for row, b in whole if b.equipment_id == piece.pk])
        for piece in queries.active_equipment(dealer)
    )
    minute = _minute(now, midnight)
    lines = tuple(Reserve(facts).lines(0))
    todos = tuple(_todos(found, now, away))
    late = tuple(_late_parts(dealer, found))
    return Board(
        hours=tuple((hour, (hour - first) * _PER_HOUR) for hour in range(first, last)),
        first_hour=first,
        lanes=lanes,
        equipment=pieces,
        now=(minute - first * 60) // MINUTES if first * 60 <= minute < last * 60 else None,
        reserve=lines,
        figures=_figures(found, facts, lines, now),
        todos=todos,
        late_parts=late,
        version=_version(found, away, now, todos, late),
    )


def _bar(
    booking: Booking, block: BookingBlock, midnight: datetime, first: int, last: int, now: datetime,
    away: Sequence[Away],
) -> Bar:  # fmt: skip
    start = max(_minute(block.starts_at, midnight), first * 60) - first * 60
    stop = min(_minute(block.ends_at, midnight), last * 60) - first * 60
    tone, note = _look(booking, block, now, away)
    return Bar(
        booking=booking,
        block=block,
        who=block.staff.name if block.staff else "",
        left=start // MINUTES,
        width=max(1, (stop - start) // MINUTES),
        tone=tone,
        note=note,
        is_narrow=stop - start <= 45,
        may_move=booking.status in {*PROMISED, "arrived"} and block.finished_at is None,
    )


def _look(booking: Booking, block: BookingBlock, now: datetime, away: Sequence[Away]) -> tuple[str, str]:
    """How a block looks and what is said of it: the worst first."""
    if block.finished_at:
        return "done", _("已完工")
    if is_broken(block, away, now) and booking.status != "no_show":
        return "late", _("工位或技师不可用")
    if booking.status == "arrived" and block.ends_at <= now:
        return "late", _("超时 {minutes} 分").format(minutes=int((now - block.ends_at).total_seconds() // 60))
    if booking.status in PROMISED and booking.arrive_at + _ON_TIME < now:
        return "warn", _("未到店")
    if block.purpose:
        return "reserve", str(block.get_purpose_display())
    if booking.status == "arrived":
        return "arrived", _("作业中") if block.started_at else _(
            "直接到店"
        ) if booking.source == "walk_in" else ""
    return _TONES.get(booking.status, "kept"), ""  # the look says it


def is_broken(block: BookingBlock, away: Iterable[Away], now: datetime) -> bool:
    """Whether the bay, person or equipment of a block is away while it is still needed."""
    return any(hits(one, block, now) for one in away)


def _todos(found: Sequence[Booking], now: datetime, away: Sequence[Away]) -> Iterable[Todo]:
    for row in found:
        blocks = [b for b in row.blocks.all() if b.is_active and not b.finished_at]
        work = [b for b in blocks if b.kind == BlockKind.WORK]
        if row.status in {*PROMISED, "arrived"} and any(is_broken(b, away, now) for b in blocks):
            yield Todo(row, _("工位或人员不可用"), "bad", "replan")
        elif row.status == "arrived" and work and max(b.ends_at for b in work) <= now:
            yield Todo(row, _("超过计划完工时间"), "bad", "finish")
        elif row.status in PROMISED and row.arrive_at + _ON_TIME < now:
            minutes = int((now - row.arrive_at).total_seconds() // 60)
            yield Todo(row, _("晚到 {minutes} 分,请联系").format(minutes=minutes), "warn", "open")


def _late_parts(dealer: Dealer, found: Sequence[Booking]) -> Iterable[Todo]:
    """Visits of the day whose parts are not there yet."""
    promised = {row.number: row for row in found if row.status in {*PROMISED, "arrived"}}
    for number, state in readiness(dealer, promised).items() if promised else ():
        if state.state in {"late", "short"}:
            day = f"{state.eta:%m-%d}" if state.eta else ""
            text = _("到货 {day}").format(day=day) if day else _("还没有到货日期")
            yield Todo(promised[number], text, "bad" if state.state == "late" else "warn")


def _figures(
    found: Sequence[Booking], facts: planning.Facts, lines: Sequence[Line], now: datetime
) -> dict[str, Any]:
    of_day = [row for row in found if local_date(row.arrive_at) == facts.first]
    booked = [row for row in of_day if row.status != "held" and row.source != "walk_in"]
    arrived = [row for row in booked if row.status == "arrived"]
    moments = dict(
        StatusChange.objects.filter(
            table_name=Booking._meta.db_table, after="arrived", row_id__in=[row.pk for row in arrived]
        ).values_list("row_id", "at")
    )
    on_time = sum(row.pk in moments and moments[row.pk] <= row.arrive_at + _ON_TIME for row in arrived)
    due = [row for row in booked if row.arrive_at + _ON_TIME <= now or row.status == "arrived"]
    # A person may hold several skills: the store's hours are those of its people, each once.
    whole = sum(facts.available.get((person.pk, 0), 0.0) for person in facts.technicians)
    used = sum(hours for (_person, number), hours in facts.load_of_person.items() if number == 0)
    return {
        "used_hours": used,
        "limit_hours": whole * facts.share,
        "load_percent": round(100 * used / (whole * facts.share)) if whole else 0,
        "booked": len(booked),
        "arrived": len(arrived),
        "walk_ins": sum(row.source == "walk_in" for row in of_day),
        "missed": sum(row.status == "no_show" for row in booked),
        "held": sum(row.status == "held" for row in found),
        "on_time_percent": round(100 * on_time / len(due)) if due else None,
        "left": sum(line.left for line in lines),
        "reserve": sum(line.reserve for line in lines),
    }


def _version(
    found: Sequence[Booking],
    away: Sequence[Away],
    now: datetime,
    todos: Sequence[Todo],
    late: Sequence[Todo],
) -> str:
    """A short text that differs whenever the board would look different; minutes count by fives."""
    facts = [(row.pk, row.status, str(row.hold_until)) for row in found]
    facts += [
        (b.pk, str(b.starts_at), f"{b.ends_at}{b.started_at}{b.finished_at}")
        for row in found
        for b in row.blocks.all()
    ]
    rest = [(row.pk, row.starts_at, row.ends_at) for row in away]
    seen = (facts, rest, int(now.timestamp()) // 300, [t.text for t in todos], [t.text for t in late])
    return f"{crc32(str(seen).encode()):x}"


def _hours(periods: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The full hours the board reaches over: opening hours and whatever is booked outside them."""
    starts = [opens for opens, _closes in periods] + [max(0, start) for start, _stop in spans]
    ends = [closes for _opens, closes in periods] + [min(_DAY, stop) for _start, stop in spans]
    return min(starts, default=8 * 60) // 60, -(-max(ends, default=18 * 60) // 60)


def _outages(away: Iterable[Away], piece: Bay | Equipment) -> list[Away]:
    return [row for row in away if isinstance(row, EquipmentOutage) and row.equipment_id == piece.pk]


def _shut(
    first: int,
    last: int,
    opened: Sequence[tuple[int, int]],
    bay: Bay | None,
    gone: Iterable[Away],
    midnight: datetime,
) -> tuple[tuple[int, int, str], ...]:
    """The (left, width, why) columns in which a bay cannot be used; None: a piece that follows the store's hours."""
    own = (_clock(bay.opens_at), _clock(bay.closes_at)) if bay else (0, _DAY)
    usable = sorted((max(o, own[0]), min(c, own[1])) for o, c in opened)
    edges, shut = first, []
    for start, stop in [span for span in usable if span[0] < span[1]]:
        if start > edges:
            shut.append((edges, start, ""))
        edges = max(edges, stop)
    if edges < last:
        shut.append((edges, last, ""))
    for one in gone:
        start, stop = _minute(one.starts_at, midnight), _minute(one.ends_at, midnight)
        if start < last and stop > first:
            shut.append((max(first, start), min(last, stop), one.reason or _("停用")))
    return tuple(((s - first) // MINUTES, max(1, (e - s) // MINUTES), why) for s, e, why in shut)


def _minute(moment: datetime, midnight: datetime) -> int:
    return int((moment - midnight).total_seconds() // 60)


def _clock(value: Any) -> int:
    return int(value.hour * 60 + value.minute)
