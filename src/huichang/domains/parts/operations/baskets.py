"""From the shelf into the basket, from the basket into the car, or back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.parts import ledger, places, policies, settling
from huichang.domains.parts.ledger import Posting
from huichang.domains.parts.models import (
    OPEN_SLIPS,
    PROMISED,
    Bin,
    IssueSlip,
    MovementKind,
    OldPart,
    Part,
    Reservation,
    ReservationStatus,
    SlipStatus,
)
from huichang.domains.parts.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move, record
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

S = ReservationStatus


@operation(P.DRAW)
def draw(
    *,
    dealer: Dealer,
    reference: str,
    technician: str,
    actor: Actor,
    now: datetime,
    plate: str = "",
    place: Bin | None = None,
) -> IssueSlip:
    """Put what is reserved for a visit into its basket on the preparation shelf (PRE-10, PRT-13); returns the slip.

    `place` is chosen when None. Drawing again adds what has come meanwhile. Publishes PartsReady once nothing is awaited.
    Raises OperationRefused when nothing can be drawn or the shelf is full.
    """
    ledger.lock_visit(dealer.pk, reference)
    slip = _slip(reference)
    by = settling.hand(dealer, ledger.lock(dealer.pk, _part_ids(slip)), actor=actor, now=now)
    rows = list(slip.reservations.filter(status=S.RESERVED).select_related("part").order_by("pk"))
    if not rows:
        raise OperationRefused(_("没有可以备的配件:都已入筐,或者还没有到货。"))
    basket = slip.basket or place or places.free_basket(
        dealer.pk, policy(policies.BASKETS, dealer, local_date(now))
    )  # fmt: skip
    for row in rows:
        settling.shift(row, S.DRAWN, by)
        taken = ledger.pick(row.part, row.quantity)
        _post(slip, row, MovementKind.DRAW, [(pk, -n) for pk, n in taken] + [(basket.pk, row.quantity)], by)
    _prepare(slip, basket, technician, plate, by)
    settling.tell_ready([reference], by)
    return slip


def _part_ids(slip: IssueSlip) -> set[int]:
    """Every part promised to the slip: what is short now may be reserved by another's release before the lock is ours."""
    return set(slip.reservations.filter(status__in=PROMISED).values_list("part_id", flat=True))


def _prepare(slip: IssueSlip, basket: Bin, technician: str, plate: str, by: settling.Hand) -> None:
    waiting = slip.reservations.filter(status__in=[S.SHORT, S.ORDERED]).exists()
    slip.basket, slip.technician = basket, technician or slip.technician
    slip.plate, slip.drawn_at = plate or slip.plate, by.now
    slip.save(update_fields=["basket", "technician", "plate", "drawn_at"])
    if not waiting and slip.status == SlipStatus.OPEN:
        move(slip, SlipStatus.DRAWN, actor=by.actor, now=by.now)


def _slip(reference: str) -> IssueSlip:
    slip = (
        IssueSlip.objects.filter(reference=reference, status__in=OPEN_SLIPS).select_related("basket").first()
    )
    if slip is None:
        raise OperationRefused(_("这个预约没有要备的配件。"))
    return slip


def _post(
    slip: IssueSlip, row: Reservation, kind: str, moves: Iterable[tuple[int, Decimal]], by: settling.Hand, *,
    may_overdraw: bool = False,
) -> None:  # fmt: skip
    """Write the movements of a reservation as (place, signed quantity); keeps the locked stock in step."""
    postings = [
        Posting(row.part_id, bin_id, kind, quantity, slip.number, slip.reference, may_overdraw=may_overdraw)
        for bin_id, quantity in moves
    ]
    ledger.post(by.dealer.pk, postings, actor=by.actor, now=by.now)
    pickable = set(
        Bin.objects.filter(pk__in=[one.bin_id for one in postings], is_pickable=True).values_list(
            "pk", flat=True
        )
    )
    change = sum((one.quantity for one in postings if one.bin_id in pickable), Decimal(0))
    by.held[row.part_id].on_hand += change


@operation(P.DRAW)
def put_back(*, dealer: Dealer, reference: str, actor: Actor, now: datetime) -> int:
    """The basket of a visit that was called off is back on its shelves (CHG-07); the number of reservations closed.

    Raises OperationRefused when nothing waits to be put back.
    """
    ledger.lock_visit(dealer.pk, reference)
    rows = list(
        Reservation.objects.filter(reference=reference, status=S.RETURNING).select_related("part", "slip")
    )
    if not rows:
        raise OperationRefused(_("这个预约没有等待退库的配件。"))
    by = settling.hand(dealer, ledger.lock(dealer.pk, (row.part_id for row in rows)), actor=actor, now=now)
    slips = {row.slip_id: row.slip for row in rows}
    for row in rows:
        settling.shift(row, S.RELEASED, by)
        slip = slips[row.slip_id]
        assert slip.basket_id is not None  # what returns lies in a basket
        back = [(slip.basket_id, -row.quantity), (places.own_place(row.part), row.quantity)]
        _post(slip, row, MovementKind.PUT_BACK, back, by)
    for slip in slips.values():
        if slip.status == SlipStatus.RETURNING:
            issued = slip.reservations.filter(status=S.ISSUED).exists()
            move(slip, SlipStatus.ISSUED if issued else SlipStatus.CLOSED, actor=actor, now=now)
    settling.settle(by.held, by)
    return len(rows)


@operation(P.MOVE)
def issue(
    *,
    dealer: Dealer,
    reference: str,
    technician: str,
    actor: Actor,
    now: datetime,
    lines: Sequence[tuple[int, Decimal]] = (),
    plate: str = "",
    signed_by: str = "",
    overdraw: bool = False,
) -> IssueSlip:
    """Hand the parts of a visit to its technician (PRT-03): what lies in the basket and what is reserved.

    `lines` (part id, quantity) are handed out besides, from free stock; with `overdraw` (needs its own permission) also
    what the books do not hold. `signed_by` signs the slip at once. Raises StockTooLow, OperationRefused.
    """
    if overdraw:
        actor.require(P.OVERDRAW)
    ledger.lock_visit(dealer.pk, reference)
    slip = IssueSlip.objects.filter(reference=reference, status__in=OPEN_SLIPS).first() or _loose_slip(
        dealer, reference, plate, actor, now
    )
    rows = slip.reservations.filter(status__in=[S.RESERVED, S.DRAWN])
    ids = {*_part_ids(slip), *(pk for pk, _n in lines)}
    by = settling.hand(dealer, ledger.lock(dealer.pk, ids), actor=actor, now=now)
    handed = [(row, row.part, False) for row in rows.select_related("part").order_by("pk")]
    handed += [_besides(slip, part_id, quantity, by, overdraw=overdraw) for part_id, quantity in lines]
    if not handed:
        raise OperationRefused(_("没有可以出库的配件。"))
    for row, part, is_overdrawn in handed:
        _hand_out(slip, row, part, by, is_overdrawn=is_overdrawn)
    _close_issued(slip, technician, signed_by, by)
    settling.settle(by.held, by)
    return slip


def _loose_slip(dealer: Dealer, reference: str, plate: str, actor: Actor, now: datetime) -> IssueSlip:
    today = local_date(now)
    slip = IssueSlip.objects.create(
        dealer=dealer, number=next_number(dealer_id=dealer.pk, kind="CK", day=today), reference=reference,
        need_date=today, plate=plate, created_at=now,
    )  # fmt: skip
    record(slip, before="", after=slip.status, actor=actor, now=now)
    return slip


def _besides(
    slip: IssueSlip, part_id: int, quantity: Decimal, by: settling.Hand, *, overdraw: bool
) -> tuple[Reservation, Part, bool]:
    """A line nobody reserved: reserved now out of what is free, or, beyond the books, permitted as an overdraft."""
    part = Part.objects.get(pk=part_id)
    if quantity <= 0:
        raise OperationRefused(_("数量要大于零。"), field="quantity")
    is_overdrawn = quantity > by.held[part_id].free
    if is_overdrawn and not overdraw:
        raise ledger.too_low([part_id])
    if is_overdrawn:
        settling.yield_stock(part, quantity, by, _("超账面出库"))
    status = S.SHORT if is_overdrawn else S.RESERVED
    row = Reservation.objects.create(
        dealer=by.dealer, slip=slip, part=part, reference=slip.reference, need_date=slip.need_date,
        quantity=quantity, status=status, created_at=by.now,
    )  # fmt: skip
    record(row, before="", after=status, actor=by.actor, now=by.now)
    by.held[part_id].reserved += quantity * (not is_overdrawn)
    return row, part, is_overdrawn


def _hand_out(
    slip: IssueSlip, row: Reservation, part: Part, by: settling.Hand, *, is_overdrawn: bool
) -> None:
    basket = slip.basket_id if row.status == S.DRAWN else None
    settling.shift(row, S.ISSUED, by)
    if basket is not None:
        moves = [(basket, -row.quantity)]
    elif is_overdrawn:
        moves = [(places.own_place(part), -row.quantity)]
    else:
        moves = [(pk, -quantity) for pk, quantity in ledger.pick(part, row.quantity)]
    _post(slip, row, MovementKind.ISSUE, moves, by, may_overdraw=is_overdrawn)
    if part.keeps_old_part:
        old = OldPart.objects.create(
            dealer=by.dealer, slip=slip, part=part, quantity=row.quantity, replaced_at=by.now
        )
        record(old, before="", after=old.status, actor=by.actor, now=by.now)


def _close_issued(slip: IssueSlip, technician: str, signed_by: str, by: settling.Hand) -> None:
    slip.technician, slip.issued_at = technician or slip.technician, by.now
    if signed_by:
        slip.signed_by, slip.signed_at = signed_by, by.now
    slip.save(update_fields=["technician", "issued_at", "signed_by", "signed_at"])
    if not slip.reservations.filter(status__in=PROMISED).exists():
        move(slip, SlipStatus.ISSUED, actor=by.actor, now=by.now)


@operation(P.MOVE)
def sign(*, slip: IssueSlip, signed_by: str, actor: Actor, now: datetime) -> None:
    """Keep who signed the paper slip for the parts that were handed out. Raises OperationRefused before that."""
    if slip.issued_at is None:
        raise OperationRefused(_("还没有出库,不能签收。"))
    if not signed_by.strip():
        raise OperationRefused(_("请写明领料人。"), field="signed_by")
    slip.signed_by, slip.signed_at = signed_by.strip(), now
    slip.save(update_fields=["signed_by", "signed_at"])
