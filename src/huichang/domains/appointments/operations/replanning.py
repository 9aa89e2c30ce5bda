"""Proposing a new plan for a day, accepting it in one transaction, or leaving it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.appointments import batch, following, handing, policies, queries
from huichang.domains.appointments.events import Arrived, BookingChanged
from huichang.domains.appointments.models import (
    ACTIVE,
    PROMISED,
    BlockKind,
    Booking,
    BookingBlock,
    BookingItem,
    BookingStatus,
    Channel,
    Replan,
    ReplanStatus,
)
from huichang.domains.appointments.operations import changing
from huichang.domains.appointments.operations.day import CONSENTS
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.replan import problem
from huichang.domains.appointments.planning.solving import solve
from huichang.domains.appointments.planning.wording import active, grid_starts, moves
from huichang.domains.appointments.taking import EXCLUSION_VIOLATION
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy, values_in_force
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move, record
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import day_bounds, local_date

_OTHER_DAYS = 10  # days searched for a visit that has no room today


@dataclass(frozen=True, slots=True)
class Emergency:
    """A car that must be taken in today. `within`: minutes until its work begins."""

    car: Car
    customer: Customer
    labour_ids: tuple[int, ...]
    within: int = 120


@operation(P.RUN_DAY)
def propose(
    *, dealer: Dealer, day: date, asked: str, actor: Actor, now: datetime, emergency: Emergency | None = None
) -> Replan:
    """The plan for the rest of a day with the fewest moved promises, to be accepted or left; nothing moves yet.

    Raises OperationRefused when the day is over or nothing has to change.
    """
    if day < local_date(now):
        raise OperationRefused(_("这一天已经过去了。"))
    facts = planning.load(dealer, day, 1, now)
    jobs = queries.jobs_of(dealer, emergency.labour_ids) if emergency else ()
    if emergency and not jobs:
        raise OperationRefused(_("请选择要做的项目"), field="labour")
    start, end = day_bounds(day)
    bookings = [
        row for row in queries.bookings_between(dealer=dealer, start=start, end=end, statuses=ACTIVE)
        if row.status != BookingStatus.HELD
    ]  # fmt: skip
    rules = values_in_force([policies.NOTICE, policies.ARRIVE_EARLY], dealer, local_date(now))
    begin = max(now, start)
    asked_problem = problem(
        facts, bookings, emergency=jobs, notice=int(rules[policies.NOTICE.key]),
        emergency_starts=grid_starts(facts, begin, emergency.within) if emergency else (),
    )  # fmt: skip
    solution = solve(asked_problem)
    if asked_problem.tasks and not solution.placed:
        raise OperationRefused(_("时限内没有算出方案,请再试一次。"))
    found = moves(asked_problem, solution.placed, int(rules[policies.ARRIVE_EARLY.key]))
    if not found:
        raise OperationRefused(_("当天的安排都能兑现,没有需要移动的。"))
    _propose_other_days(dealer, day, found, now)
    return Replan.objects.create(
        dealer=dealer, day=day, asked=asked[:200], moves=found, is_optimal=solution.is_optimal,
        took_ms=solution.milliseconds, emergency=_as_json(emergency), created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip


def _as_json(emergency: Emergency | None) -> dict[str, Any]:
    if emergency is None:
        return {}
    return {
        "car": emergency.car.pk, "customer": emergency.customer.pk, "labour": list(emergency.labour_ids),
        "plate": emergency.car.plate,
    }  # fmt: skip


def _propose_other_days(dealer: Dealer, day: date, found: Sequence[dict[str, Any]], now: datetime) -> None:
    """For the visits without room today: the nearest starts on the next days at the hour the customer chose."""
    for row in found:
        if row["kind"] != "out" or row["booking"] is None:
            continue
        booking = queries.get(row["booking"])
        wanted = booking.starts_at + timedelta(days=1)
        offers = queries.offers(
            dealer=dealer, labour_ids=[item.labour_id for item in booking.items.all()], now=now,
            earliest=day + timedelta(days=1), wanted=wanted, days=_OTHER_DAYS, priority=booking.priority,
            first_service=booking.is_first_service, ignore_booking=booking, channel=booking.source, waits=booking.waits,
        )  # fmt: skip
        if offers.wanted_slot is not None and offers.wanted_slot.is_free:
            row["alternatives"] = [offers.wanted_slot.starts_at.isoformat()]
        else:
            row["alternatives"] = [one.slot.starts_at.isoformat() for one in offers.alternatives]


@operation(P.RUN_DAY)
def reject(*, replan: Replan, actor: Actor, now: datetime) -> None:
    """Leave everything as it is."""
    move(replan, ReplanStatus.REJECTED, actor=actor, now=now, also={"decided_at": now})


@operation(P.RUN_DAY)
def accept(
    *,
    replan: Replan,
    told: Mapping[int, str],
    actor: Actor,
    now: datetime,
    choices: Mapping[int, datetime] | None = None,
) -> int:
    """Do what the proposal says, all of it or nothing; the number of visits changed.

    `told` says by booking how the customer agreed to another time (`day.CONSENTS`); `choices` which other day a visit
    without room today goes to. Raises OperationRefused when anything has changed since it was worked out, when an
    answer is missing, SlotTaken when another day was taken meanwhile.
    """
    batch.lock_day(dealer_id=replan.dealer_id, day=replan.day)
    move(replan, ReplanStatus.ACCEPTED, actor=actor, now=now, also={"decided_at": now})
    rows = list(replan.moves)
    bookings = {
        row.pk: row for row in queries.whole().filter(pk__in=[r["booking"] for r in rows if r["booking"]])
    }
    for row in rows:
        _still_as_read(row, bookings, told, now)
    stay = [row for row in rows if row["kind"] in {"time", "people"}]
    before = {row["booking"]: handing.hands_of(bookings[row["booking"]]) for row in stay}
    for row in stay:
        _clear(bookings[row["booking"]], row, now)
    leaving = [row for row in rows if row["kind"] == "out" and row["booking"]]
    for row in leaving:  # their place of today is given back before anybody takes it
        bookings[row["booking"]].blocks.update(is_active=False)
    for row in stay:
        _write(bookings[row["booking"]], row, told.get(row["booking"], ""), replan, actor=actor, now=now)
        if row["kind"] == "people":
            handing.changed(bookings[row["booking"]], before[row["booking"]], actor=actor, now=now)
    if any(row["kind"] == "new" for row in rows):
        _take_in(replan, next(row for row in rows if row["kind"] == "new"), actor=actor, now=now)
    for row in sorted(leaving, key=lambda one: str(_chosen(one, choices))):
        booking = bookings[row["booking"]]
        changing.change(
            booking=booking, starts_at=_chosen(row, choices), actor=actor, now=now,
            reason=_reason(replan, told.get(booking.pk, "")),
        )  # fmt: skip
    return len(rows)


def _chosen(row: Mapping[str, Any], choices: Mapping[int, datetime] | None) -> datetime:
    """The other day of a visit without room: the one chosen, else the first proposed."""
    chosen = (choices or {}).get(row["booking"])
    if chosen is not None:
        return chosen
    if not row.get("alternatives"):
        raise OperationRefused(
            _("{plate} 另约不到合适的时间,请先与客户商定后改期").format(plate=row["plate"])
        )
    return datetime.fromisoformat(row["alternatives"][0])


def _reason(replan: Replan, told: str) -> str:
    return ";".join(
        filter(None, (_("当日重排:{why}").format(why=replan.asked), str(CONSENTS.get(told, ""))))
    )[:200]


def _still_as_read(
    row: Mapping[str, Any], bookings: Mapping[int, Booking], told: Mapping[int, str], now: datetime
) -> None:
    """Refuse a proposal that no longer fits the facts, or that lacks a customer's answer."""
    if row["kind"] == "new":
        if datetime.fromisoformat(row["will"]["start"]) < now - timedelta(minutes=10):
            raise OperationRefused(_("方案里的时间已经过去,请重新计算。"))
        return
    if row["booking"] is None:
        raise OperationRefused(_("急修车今天排不进去,这个方案不能采用。"))
    booking = bookings.get(row["booking"])
    blocks = sorted(block.pk for block in active(booking)) if booking else []
    if booking is None or booking.status != row["status"] or blocks != row["was"]["blocks"]:
        raise OperationRefused(_("{plate} 的安排刚刚变了,请重新计算方案。").format(plate=row["plate"]))
    needs_answer = row["kind"] in {"time", "out"} and booking.status in PROMISED
    if needs_answer and told.get(booking.pk) not in CONSENTS:
        raise OperationRefused(
            _("{plate} 的时间要变:请选择怎样告知的客户").format(plate=row["plate"]), field="told"
        )


def _clear(booking: Booking, row: Mapping[str, Any], now: datetime) -> None:
    """Give the old places back; of work that runs, what is done stays where it was done."""
    kept = {part["block"] for part in row["will"]["parts"]}
    blocks = booking.blocks.filter(is_active=True).exclude(kind=BlockKind.RECEPTION)
    if row["was"]["is_running"]:
        begins = min(datetime.fromisoformat(part["start"]) for part in row["will"]["parts"])
        running = blocks.filter(starts_at__lt=begins, ends_at__gt=begins)
        running.update(ends_at=begins, finished_at=now)
        blocks.filter(pk__in=kept, starts_at__gte=begins).delete()
        return
    blocks.delete()
    if row["will"]["advisor_id"]:
        booking.blocks.filter(kind=BlockKind.RECEPTION).delete()


def _write(
    booking: Booking, row: Mapping[str, Any], told: str, replan: Replan, *, actor: Actor, now: datetime
) -> None:
    """The new places of one visit; a changed time goes the way of every change of a promise."""
    will, freed_at, before = row["will"], booking.starts_at, booking.status
    _insert(_blocks(booking, will))
    columns: dict[str, Any] = {"ends_at": datetime.fromisoformat(will["end"])}
    if not row["was"]["is_running"]:
        columns["starts_at"] = datetime.fromisoformat(will["start"])
    is_promise = row["kind"] == "time" and before in PROMISED
    if is_promise:
        columns |= {
            "arrive_at": datetime.fromisoformat(will["arrive"]), "status": BookingStatus.TENTATIVE,
            "times_moved": booking.times_moved + 1,
        }  # fmt: skip
    elif row["kind"] == "time" and not row["was"]["is_running"]:
        columns["arrive_at"] = min(booking.arrive_at, columns["starts_at"])
    if not Booking.objects.filter(pk=booking.pk, status=before, starts_at=freed_at).update(**columns):
        raise OperationRefused(_("{plate} 的安排刚刚变了,请重新计算方案。").format(plate=row["plate"]))
    for name, value in columns.items():
        setattr(booking, name, value)
    reason = _reason(replan, told)
    record(booking, before=before, after=booking.status, actor=actor, now=now, reason=reason)
    if is_promise:
        following.begin_again(booking, jobs_changed=False, actor=actor, now=now, reason=reason)
        publish(
            BookingChanged(
                dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id, freed_at=freed_at
            )
        )


def _blocks(booking: Booking, will: Mapping[str, Any]) -> Iterator[BookingBlock]:
    base = {"dealer_id": booking.dealer_id, "booking": booking}
    for position, part in enumerate(will["parts"], start=1):
        span = {
            "starts_at": datetime.fromisoformat(part["start"]), "ends_at": datetime.fromisoformat(part["end"]),
            "position": position,
        }  # fmt: skip
        yield BookingBlock(
            **base, **span, kind=BlockKind.WORK, bay_id=part["bay_id"], staff_id=part["technician_id"],
            skill=part["skill"], planned_hours=Decimal(str(part["hours"])), purpose=part["purpose"],
        )  # fmt: skip
        for piece in part["equipment"]:
            yield BookingBlock(**base, **span, kind=BlockKind.EQUIPMENT, equipment_id=piece)
    if will["advisor_id"]:
        arrive = datetime.fromisoformat(will["arrive"])
        dealer, today = booking.dealer, local_date(arrive)
        minutes = int(policy(policies.RECEPTION, dealer, today))
        yield BookingBlock(
            **base, kind=BlockKind.RECEPTION, staff_id=will["advisor_id"], starts_at=arrive,
            ends_at=arrive + timedelta(minutes=minutes),
        )  # fmt: skip


def _insert(blocks: Iterator[BookingBlock]) -> None:
    try:
        with transaction.atomic():
            BookingBlock.objects.bulk_create(blocks)
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", "") != EXCLUSION_VIOLATION:
            raise
        raise OperationRefused(_("方案里的位置刚刚被占用,请重新计算方案。")) from error


def _take_in(replan: Replan, row: Mapping[str, Any], *, actor: Actor, now: datetime) -> Booking:
    """Write the emergency down as a visit that is here."""
    facts, will = replan.emergency, row["will"]
    jobs = queries.jobs_of(replan.dealer, facts["labour"])
    booking = Booking.objects.create(
        dealer=replan.dealer, number=next_number(dealer_id=replan.dealer_id, kind="A", day=local_date(now)),
        car_id=facts["car"], customer_id=facts["customer"], status=BookingStatus.TENTATIVE, source=Channel.WALK_IN,
        arrive_at=datetime.fromisoformat(will["arrive"]), starts_at=datetime.fromisoformat(will["start"]),
        ends_at=datetime.fromisoformat(will["end"]), note=replan.asked[:400], created_at=now,
        planned_hours=Decimal(str(round(sum(job.hours for job in jobs), 2))), created_by_id=actor.user_id,
    )  # fmt: skip
    _insert(_blocks(booking, will))
    BookingItem.objects.bulk_create(
        BookingItem(
            dealer=replan.dealer,
            booking=booking,
            labour_id=job.labour_id,
            hours=Decimal(str(round(job.hours, 2))),
        )
        for job in jobs
    )
    record(booking, before="", after=BookingStatus.TENTATIVE, actor=actor, now=now, reason=_("急修插入"))
    move(booking, BookingStatus.ARRIVED, actor=actor, now=now, reason=_("急修插入"))
    publish(Arrived(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))
    return booking
