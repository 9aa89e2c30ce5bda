"""What must be true of a store's bookings whoever did what at the same time, each law as the lines that break it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from decimal import Decimal

from django.db import connection

from huichang.domains.appointments import ledger, papers, queries, telling
from huichang.domains.appointments.models import PROMISED, Booking, BookingBlock
from huichang.domains.contacts.models import Message
from huichang.domains.parts import batch as parts
from huichang.domains.parts.models import PROMISED as SET_ASIDE
from huichang.domains.parts.models import Reservation
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import day_bounds
from tests.factories.booking_store import MONDAY, NOW
from tests.factories.crowd import WEEK, Act, Crowd

LAWS = ("overlaps", "lost updates", "capacity", "parts", "messages")


def broken(crowd: Crowd) -> dict[str, list[str]]:
    """Every law that does not hold, with what breaks it; empty when all is well."""
    with dealer_scope(crowd.dealer.pk):
        found = (overlaps(), lost_updates(crowd), capacity(crowd), set_aside(crowd), messages(crowd))
    return {law: lines for law, lines in zip(LAWS, found, strict=True) if lines}


def overlaps() -> list[str]:
    """Pairs of active blocks that share a bay, a person or a piece of equipment, counted without the constraints."""
    found = []
    for resource in ("bay_id", "staff_id", "equipment_id"):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT a.booking_id, b.booking_id FROM appointments_bookingblock a JOIN appointments_bookingblock b"
                f" ON a.id < b.id AND a.is_active AND b.is_active AND a.{resource} = b.{resource}"
                " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
            )
            found += [f"{resource}: bookings {one} and {other}" for one, other in cursor.fetchall()]
    return found


def lost_updates(crowd: Crowd) -> list[str]:
    """Bookings that are not what was last acknowledged, or that nobody acknowledged."""
    acts: dict[int, list[Act]] = defaultdict(list)
    for act in crowd.acts:
        acts[act.booking_id].append(act)
    rows = Booking.objects.exclude(status__in=("held", "expired")).exclude(times_moved=0, status="cancelled")
    written = set(rows.values_list("pk", flat=True))
    found = [f"booking {pk} was acknowledged to nobody" for pk in sorted(written - set(acts))]
    for pk, done in acts.items():
        found += [f"booking {pk}: {wrong}" for wrong in _against(Booking.objects.get(pk=pk), done)]
    return found


def _against(row: Booking, done: list[Act]) -> list[str]:
    wrong = []
    kinds = Counter(act.kind for act in done)
    moves = sorted((act for act in done if act.kind != "cancelled"), key=lambda act: act.round)
    if [act.round for act in moves] != list(range(row.times_moved + 1)):
        wrong.append(f"moves {[act.round for act in moves]} acknowledged, {row.times_moved} kept")
    if kinds["cancelled"] > 1 or (row.status == "cancelled") != bool(kinds["cancelled"]):
        wrong.append(f"{row.status} after {kinds['cancelled']} cancellations")
    jobs = frozenset(row.items.values_list("labour_id", flat=True))
    if (row.starts_at, jobs) != (moves[-1].starts_at, moves[-1].labour_ids):
        wrong.append(f"begins {row.starts_at} with {sorted(jobs)}, not as acknowledged last: {moves[-1]}")
    work = BookingBlock.objects.filter(booking=row, kind="work").order_by("starts_at")
    kept = list(work.filter(is_active=True).values_list("starts_at", flat=True))
    if (row.status in PROMISED and kept[:1] != [row.starts_at]) or (row.status == "cancelled" and kept):
        wrong.append(f"{row.status} for {row.starts_at} but its time is kept at {kept}")
    return wrong


def capacity(crowd: Crowd) -> list[str]:
    """Days whose ledger is not the sum of its blocks, or that are promised beyond what the reserve leaves."""
    found = [
        f"{day.day} {load.skill}: {load.booked_hours} of {load.limit_hours}"
        for day in queries.overview(dealer=crowd.dealer, first=MONDAY, days=len(WEEK), now=NOW)
        for load in day.skills
        if load.booked_hours > load.limit_hours + 1e-6
    ]
    for day in WEEK:
        start, end = day_bounds(day)
        hours: dict[str, Decimal] = defaultdict(Decimal)
        blocks = BookingBlock.objects.filter(
            kind="work", is_active=True, starts_at__gte=start, starts_at__lt=end
        )
        for skill, planned in blocks.values_list("skill", "planned_hours"):
            hours[skill] += planned
        for line in ledger.reserve_of(crowd.dealer, day, NOW):
            if abs(line.promised - float(hours[line.skill])) > 1e-6 or line.eaten_hours:
                found.append(f"{day} {line.skill}: ledger {line.promised}, blocks {hours[line.skill]}")
            if line.promised + line.kept > line.capacity + 1e-6:
                found.append(f"{day} {line.skill}: {line.promised} promised into the reserve of {line.kept}")
    return found


def set_aside(crowd: Crowd) -> list[str]:
    """What the parts' ledger does not prove; visits that hold other parts, or for another day, than they need."""
    found = list(parts.differences(crowd.dealer.pk))
    for row in Booking.objects.exclude(status__in=("held", "expired")):
        needed = Counter(dict(papers.shop_parts(row)) if row.status in PROMISED else {})
        held: Counter[int] = Counter()
        for one in Reservation.objects.filter(reference=row.number, status__in=SET_ASIDE):
            held[one.part_id] += one.quantity  # type: ignore[assignment]  # a counter of decimals
            start, end = day_bounds(one.need_date)
            if not start <= row.starts_at < end:
                found.append(f"{row.number} is on {row.starts_at}, its parts for {one.need_date}")
        if +held != +needed:
            found.append(f"{row.number} ({row.status}) holds {dict(held)}, needs {dict(needed)}")
    return found


def messages(crowd: Crowd) -> list[str]:
    """Acts without exactly one message of their own, messages of no act, and messages that tell another time."""
    told = {row.key: row for row in Message.objects.filter(key__startswith="booking:")}
    expected = {_key(act): act for act in crowd.acts}
    found = [f"{key}: no message" for key in expected.keys() - told.keys()]
    found += [f"{key}: a message of nothing that happened" for key in told.keys() - expected.keys()]
    if len(expected) != len(crowd.acts):
        found.append(f"{len(crowd.acts)} acts acknowledged under {len(expected)} keys")
    for key in expected.keys() & told.keys():
        row, act = told[key], expected[key]
        if row.status not in {"waiting", "sending", "sent"}:
            found.append(f"{key}: {row.status} {row.cause}")
        if spoken(act) not in row.values.get("time", ""):
            found.append(f"{key}: tells {row.values.get('time')}, acknowledged {spoken(act)}")
    return found


_NAMES = {"booked": "received", "changed": "changed", "cancelled": "cancelled"}


def _key(act: Act) -> str:
    return f"booking:{act.booking_id}:{_NAMES[act.kind]}:{act.round}"


def spoken(act: Act) -> str:
    """The agreed arrival, a quarter before the work, as messages write it."""
    return telling.spoken(act.starts_at - timedelta(minutes=15))
