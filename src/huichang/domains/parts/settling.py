"""Who gets which pieces: taking for a visit, giving back, serving those who wait. Only the operations call this.

The parts are locked (`ledger.lock`) by the caller. `settle` is what everything ends with: free pieces go to the visit that
needs them first, then what is on its way, and whoever will not be served in time is told about once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.parts import batch, policies
from huichang.domains.parts.events import PartsLate, PartsReady
from huichang.domains.parts.ledger import Held
from huichang.domains.parts.models import (
    PROMISED,
    IssueSlip,
    OrderStatus,
    Part,
    PurchaseLine,
    Reservation,
    ReservationStatus,
)
from huichang.domains.parts.permissions import P
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.queries import due_today
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move, record
from huichang.kernel.worktime import local_date

S = ReservationStatus
PUT_BACK = "parts.put_back"  # the kind of the to-do
Rows = QuerySet[Reservation]
NOTHING = Decimal(0)


@dataclass(slots=True)
class Hand:
    """One write: who, when, the locked parts, and the store's days from arrival to fitting."""

    dealer: Dealer
    actor: Actor
    now: datetime
    held: dict[int, Held]
    buffer: timedelta
    unfitted_days: int

    @property
    def today(self) -> date:
        return local_date(self.now)

    def usable(self, expected: date) -> date:
        """First day on which a part can be fitted that is expected on a day; overdue ones come tomorrow at best."""
        tomorrow = self.today + timedelta(days=1)
        return (expected if expected >= self.today else tomorrow) + self.buffer


def hand(dealer: Dealer, held: dict[int, Held], *, actor: Actor, now: datetime) -> Hand:
    values = values_in_force([policies.BUFFER, policies.UNFITTED], dealer, local_date(now))
    buffer = timedelta(days=values[policies.BUFFER.key])
    return Hand(dealer, actor, now, held, buffer, values[policies.UNFITTED.key])


def take(slip: IssueSlip, part: Part, quantity: Decimal, by: Hand) -> None:
    """Set a quantity aside for a visit: what is free now, then what is on its way, the rest is a purchase need."""
    free = min(by.held[part.pk].free, quantity)
    if free:
        _add(slip, part, free, S.RESERVED, by)
        quantity -= free
    for line, left in awaited_free([part.pk]) if quantity > 0 else ():
        if quantity <= 0:
            return
        taken = min(left, quantity)
        quantity -= taken
        _add(
            slip, part, taken, S.ORDERED, by, purchase_line=line, promised_date=by.usable(line.expected_date)
        )
    if quantity > 0:
        _add(slip, part, quantity, S.SHORT, by, promised_date=when_bought(part, by))


def when_bought(part: Part, by: Hand) -> date:
    """First day on which a part ordered today can be fitted."""
    return by.usable(by.today + timedelta(days=part.usual_lead_days))


def _add(slip: IssueSlip, part: Part, quantity: Decimal, status: str, by: Hand, **columns: Any) -> None:
    row = Reservation.objects.create(
        dealer=by.dealer, slip=slip, part=part, reference=slip.reference, need_date=slip.need_date, quantity=quantity,
        status=status, created_at=by.now, **columns,
    )  # fmt: skip
    record(row, before="", after=status, actor=by.actor, now=by.now)
    if status == S.RESERVED:
        by.held[part.pk].reserved += quantity


def awaited_free(part_ids: Iterable[int]) -> list[tuple[PurchaseLine, Decimal]]:
    """Lines of placed orders with what is still to come and promised to nobody, the earliest first."""
    lines = (
        PurchaseLine.objects.filter(
            part_id__in=list(part_ids), closed_at=None, order__status=OrderStatus.PLACED
        )
        .annotate(promised=Sum("reservations__quantity", filter=Q(reservations__status=S.ORDERED)))
        .order_by("expected_date", "pk")
    )
    free = ((line, line.awaited - (line.promised or NOTHING)) for line in lines)
    return [(line, left) for line, left in free if left > 0]


def part_of(row: Reservation, quantity: Decimal, by: Hand) -> Reservation:
    """The row itself, or, when it holds more than `quantity`, a new row with that much of it."""
    if row.quantity <= quantity:
        return row
    Reservation.objects.filter(pk=row.pk).update(quantity=F("quantity") - quantity)
    row.quantity -= quantity
    split = Reservation.objects.create(
        dealer_id=row.dealer_id, slip_id=row.slip_id, part_id=row.part_id, reference=row.reference,
        need_date=row.need_date, quantity=quantity, status=row.status, purchase_line_id=row.purchase_line_id,
        promised_date=row.promised_date, arrived_at=row.arrived_at, late_told_date=row.late_told_date,
        created_at=row.created_at,
    )  # fmt: skip
    record(split, before="", after=row.status, actor=by.actor, now=by.now)
    return split


def shift(row: Reservation, to: str, by: Hand, *, reason: str = "", **columns: Any) -> None:
    """Move a reservation and keep the locked figures in step. Raises TransitionRefused."""
    before = row.status
    move(row, to, actor=by.actor, now=by.now, reason=reason, also=columns)
    held = by.held[row.part_id]
    held.reserved += (to == S.RESERVED) * row.quantity - (before == S.RESERVED) * row.quantity
    if S.RETURNING in {before, to}:
        _tell_clerk(row, by)


def _tell_clerk(row: Reservation, by: Hand) -> None:
    """What lies in a basket for nobody stands among the to-dos of those who draw parts, until it is back (CHG-07)."""
    about: Any = {
        "dealer": by.dealer, "kind": PUT_BACK, "reference": row.reference, "actor": by.actor.by_rule(),
        "now": by.now,
    }  # fmt: skip
    waiting = Reservation.objects.filter(reference=row.reference, status=S.RETURNING)
    lines = list(waiting.select_related("part", "slip").order_by("pk"))
    if not lines:
        worklist.settle(**about)
        return
    names = "、".join(f"{one.part.name}×{one.quantity.normalize():f}" for one in lines)
    text = " ".join(filter(None, (lines[0].slip.plate, row.reference, names)))
    worklist.ask(
        **about, text=text, target_id=lines[0].slip_id, needs=P.DRAW, due_at=due_today(by.dealer, by.now)
    )


# What is given up first when a visit needs less.
_GIVEN_UP = (S.SHORT, S.ORDERED, S.RESERVED, S.DRAWN)


def give_up(rows: Iterable[Reservation], quantity: Decimal, by: Hand, reason: str = "") -> None:
    """Let go of a quantity of one part of a visit; what lies in its basket already waits to be put back."""
    for row in sorted(rows, key=lambda row: (_GIVEN_UP.index(S(row.status)), -row.pk)):
        if quantity <= 0:
            return
        one = part_of(row, quantity, by)
        quantity -= one.quantity
        shift(one, S.RETURNING if one.status == S.DRAWN else S.RELEASED, by, reason=reason)


def yield_stock(part: Part, quantity: Decimal, by: Hand, reason: str) -> None:
    """Pieces are gone: those who need them last lose their reservation, until what is left covers the rest."""
    lacking = by.held[part.pk].reserved - (by.held[part.pk].on_hand - quantity)
    rows = Reservation.objects.filter(part=part, status=S.RESERVED).order_by("-need_date", "-pk")
    for row in rows:
        if lacking <= 0:
            return
        one = part_of(row, lacking, by)
        lacking -= one.quantity
        shift(one, S.SHORT, by, reason=reason, purchase_line=None, promised_date=when_bought(part, by))


def settle(part_ids: Iterable[int], by: Hand, *, freed: bool = True) -> None:
    """Serve who waits for these parts; tell of visits that became ready, of those that will be late; renew alarms.

    Nobody can be served when nothing was `freed`.
    """
    ids = sorted(set(part_ids))
    served = _serve_from_stock(ids, by) if freed else set()
    if freed:
        _serve_from_orders(ids, by)
    tell_late(by, part_ids=ids)
    tell_ready(served, by)
    batch.renew_alarms(
        dealer_id=by.dealer.pk, today=by.today, now=by.now, unfitted_days=by.unfitted_days, part_ids=ids
    )


def _waiting(ids: list[int], statuses: Iterable[str]) -> list[Reservation]:
    rows = Reservation.objects.filter(part_id__in=ids, status__in=list(statuses)).select_related("part")
    return list(rows.order_by("need_date", "pk"))


def _serve_from_stock(ids: list[int], by: Hand) -> set[str]:
    """Free pieces go to who has none coming, and to who would get theirs too late."""
    served = set()
    for row in _waiting(ids, (S.SHORT, S.ORDERED)):
        in_time = row.status == S.ORDERED and row.promised_date and row.promised_date <= row.need_date
        free = by.held[row.part_id].free
        if in_time or free <= 0:
            continue
        one = part_of(row, free, by)
        shift(one, S.RESERVED, by, promised_date=None)
        served.add(one.reference)
    return served


def _serve_from_orders(ids: list[int], by: Hand) -> None:
    waiting = _waiting(ids, (S.SHORT,))
    coming = awaited_free(ids) if waiting else []
    for row in waiting:
        rest: Reservation | None = row
        for index, (line, left) in enumerate(coming):
            if rest is None or line.part_id != row.part_id or left <= 0:
                continue
            one = part_of(rest, left, by)
            coming[index] = (line, left - one.quantity)
            shift(one, S.ORDERED, by, purchase_line=line, promised_date=by.usable(line.expected_date))
            rest = None if one.pk == rest.pk else rest


def tell_late(by: Hand, *, part_ids: Iterable[int] | None = None) -> None:
    """Publish PartsLate for every visit whose part cannot be there, once for each promise."""
    rows = Reservation.objects.filter(
        status__in=[S.SHORT, S.ORDERED], promised_date__gt=F("need_date"), need_date__gte=by.today
    ).exclude(late_told_date=F("promised_date"))
    if part_ids is not None:
        rows = rows.filter(part_id__in=list(part_ids))
    for row in rows.order_by("pk"):
        assert row.promised_date is not None  # the filter asked for it
        Reservation.objects.filter(pk=row.pk).update(late_told_date=row.promised_date)
        publish(
            PartsLate(
                dealer_id=row.dealer_id, reference=row.reference, part_id=row.part_id,
                expected_date=row.promised_date, need_date=row.need_date,
            )
        )  # fmt: skip


def tell_ready(references: Iterable[str], by: Hand) -> None:
    """Publish PartsReady for each of these visits that waits for nothing any more."""
    wanted = set(references)
    if not wanted:
        return
    rows = Reservation.objects.filter(reference__in=wanted, status__in=PROMISED)
    states: dict[str, set[str]] = {}
    for reference, status in rows.values_list("reference", "status"):
        states.setdefault(reference, set()).add(status)
    for reference in sorted(states):
        tell_if_ready(reference, states[reference], by)


def tell_if_ready(reference: str, states: set[str], by: Hand) -> None:
    """Publish PartsReady for a visit whose parts are in these states, when it has some and waits for none."""
    if states and states <= {S.RESERVED, S.DRAWN}:
        publish(PartsReady(dealer_id=by.dealer.pk, reference=reference))
