"""Preparing a booked visit: its papers, estimate, technician, deposit, and the state that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from huichang.domains.appointments import following, papers, queries, quoting, readiness
from huichang.domains.appointments.events import BookingConfirmed
from huichang.domains.appointments.models import (
    PROMISED,
    Booking,
    BookingDocument,
    BookingStatus,
    DocumentKind,
    DocumentStatus,
    Estimate,
    EstimateLine,
    Grade,
    LineKind,
    PaperPlace,
    Preparation,
    Pricing,
    Supplier,
    TouchKind,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.readiness import Readiness
from huichang.domains.dealers.models import Dealer
from huichang.domains.worklist import operations as worklist
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move
from huichang.kernel.money import yuan
from huichang.kernel.operations import OperationRefused, operation

T, R, C = BookingStatus.TENTATIVE, BookingStatus.PREPARED, BookingStatus.CONFIRMED
# How a booking gets from where it is to where its preparation says it belongs.
_WAYS = {(T, R): (R,), (T, C): (R, C), (R, C): (C,), (R, T): (T,), (C, T): (T,), (C, R): (R,)}


@operation(P.PREPARE)
def settle(*, booking: Booking, actor: Actor, now: datetime) -> Readiness | None:
    """Bring a promised booking to the state its checklist and the customer's word give it; see `settle_all`."""
    found = settle_all(dealer=booking.dealer, booking_ids=[booking.pk], actor=actor, now=now)
    return found[0] if found else None


@operation(P.PREPARE)
def settle_all(*, dealer: Dealer, booking_ids: Sequence[int], actor: Actor, now: datetime) -> list[Readiness]:
    """Green → prepared, and formally confirmed once the customer has said that he comes; not green → tentative again.

    Running it twice changes nothing. A booking that becomes confirmed is told so and publishes BookingConfirmed.
    Bookings that are no longer promised are left out of the answer.
    """
    rows = list(queries.whole().filter(pk__in=booking_ids, status__in=PROMISED).order_by("starts_at", "pk"))
    found = readiness.of(dealer, rows, now)
    said = dict(Preparation.objects.filter(booking__in=rows).values_list("booking_id", "confirmed_at"))
    for booking in rows:
        state = found[booking.pk]
        wanted = (C if said.get(booking.pk) else R) if state.is_ready else T
        reason = "" if state.is_ready else ";".join(point.text for point in state.lacking)
        for step in _WAYS.get((BookingStatus(booking.status), wanted), ()):
            move(booking, step, actor=actor, now=now, reason=reason)
        if wanted == C:
            _confirmed(booking, actor=actor, now=now)
    return [found[booking.pk] for booking in rows]


def _confirmed(booking: Booking, *, actor: Actor, now: datetime) -> None:
    if booking.touches.filter(kind=TouchKind.CONFIRMED, round=booking.times_moved).exists():
        return
    following.tell(booking, TouchKind.CONFIRMED, actor=actor, now=now)
    publish(BookingConfirmed(dealer_id=booking.dealer_id, booking_id=booking.pk, car_id=booking.car_id))


@operation(P.PREPARE)
def print_documents(*, booking: Booking, kinds: Iterable[str], actor: Actor, now: datetime) -> None:
    """Keep that papers were printed, the first time (PRE-01); then settle. Missing ones are made first."""
    wanted = set(kinds)
    valid = BookingDocument.objects.filter(booking=booking, status=DocumentStatus.VALID)
    if booking.status in PROMISED and not valid.filter(kind=DocumentKind.WORK_ORDER).exists():
        papers.make(booking, takes_parts=bool(papers.shop_parts(booking)), now=now)
    unprinted = valid.filter(kind__in=wanted, printed_at=None)
    unprinted.update(printed_at=now, printed_by_id=actor.user_id)
    if not valid.filter(printed_at=None).exists():
        worklist.settle(
            dealer=booking.dealer, kind=following.PAPERS, reference=booking.number,
            actor=actor.by_rule(), now=now,
        )  # fmt: skip
    settle_all(dealer=booking.dealer, booking_ids=[booking.pk], actor=actor.by_rule(), now=now)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an estimate as somebody wrote it; a part of the catalogue by its id, another by its name."""

    kind: str
    name: str
    quantity: Decimal
    unit_price: Decimal
    labour_id: int | None = None
    part_id: int | None = None
    supplied_by: str = Supplier.SHOP
    grade: str = Grade.GENUINE
    is_key_place: bool = False


@operation(P.PREPARE)
def save_estimate(
    *,
    booking: Booking,
    items: Sequence[Item],
    actor: Actor,
    now: datetime,
    pricing: str = Pricing.SYSTEM,
    risk_amount: Decimal = Decimal(0),
    explained_by: str = "",
    note: str = "",
) -> Estimate:
    """Write the estimate as agreed with the customer; parts and deposit follow, the paper is new.

    Raises OperationRefused with its field: nothing to do; a symptom estimate without a price of the risk (EST-02); an
    item price that nobody explained (EST-03).
    """
    _check_estimate(booking, items, pricing, risk_amount, explained_by)
    lines = [_line(item) for item in items]
    jobs = [line for line in lines if line.kind == LineKind.LABOUR]
    pieces = [line for line in lines if line.kind == LineKind.PART]
    shop = [line for line in pieces if line.supplied_by == Supplier.SHOP]
    risk = yuan(risk_amount) if pricing == Pricing.SYMPTOM else Decimal(0)
    amounts = quoting.sums(_quoted(jobs), _quoted(shop), booking.discount_percent, risk)
    values = quoting.values_of(booking.dealer, now)
    estimate, _made = Estimate.objects.update_or_create(
        booking=booking,
        defaults={
            "dealer_id": booking.dealer_id, "pricing": pricing, "risk_amount": risk, "note": note.strip()[:200],
            "explained_by": explained_by.strip()[:40], "discount_percent": booking.discount_percent,
            "promised_at": quoting.promise(booking.ends_at, values), **amounts,
        },
    )  # fmt: skip
    papers.write_lines(estimate, lines)
    Preparation.objects.filter(booking=booking).update(
        deposit_amount=quoting.deposit(_quoted(shop), values),
        technician_agreed_at=None,
        technician_agreed_by="",
    )
    following.estimate_changed(booking, actor=actor, now=now)
    settle(booking=booking, actor=actor.by_rule(), now=now)
    return estimate


def _check_estimate(
    booking: Booking, items: Sequence[Item], pricing: str, risk_amount: Decimal, explained_by: str
) -> None:
    if booking.status not in PROMISED:
        raise OperationRefused(_("只有还没到店的预约可以改估价。"))
    if not any(item.kind == LineKind.LABOUR for item in items):
        raise OperationRefused(_("估价里至少要有一个作业项目。"), field="items")
    if any(item.quantity <= 0 or item.unit_price < 0 or not item.name.strip() for item in items):
        raise OperationRefused(_("每一行都要有名称和大于零的数量。"), field="items")
    if pricing == Pricing.SYMPTOM and risk_amount <= 0:
        raise OperationRefused(_("现象估价要加上风险值。"), field="risk_amount")
    if pricing == Pricing.ITEM and not explained_by.strip():
        raise OperationRefused(
            _("项目定价要先向客户说明质量可能得不到保证,请填写说明的人。"), field="explained_by"
        )


def _line(item: Item) -> EstimateLine:
    return EstimateLine(
        kind=item.kind, labour_id=item.labour_id, part_id=item.part_id, name=item.name.strip()[:80],
        quantity=item.quantity, unit_price=yuan(item.unit_price), amount=yuan(item.quantity * item.unit_price),
        supplied_by=item.supplied_by, grade=item.grade, is_key_place=item.is_key_place,
    )  # fmt: skip


def _quoted(lines: Iterable[EstimateLine]) -> list[quoting.QuoteLine]:
    return [
        quoting.QuoteLine(
            line.kind,
            line.part_id or line.labour_id or 0,
            line.name,
            line.quantity,
            line.unit_price,
            line.amount,
        )
        for line in lines
    ]


@operation(P.AGREE)
def agree_technically(*, booking: Booking, technician: str, actor: Actor, now: datetime) -> None:
    """The technician has looked at the jobs and parts and can do it (PRE-09)."""
    if not technician.strip():
        raise OperationRefused(_("请写明是哪位技师。"), field="technician")
    said = Preparation.objects.filter(booking=booking)
    said.update(technician_agreed_at=now, technician_agreed_by=technician.strip()[:40])
    said.filter(papers_with=PaperPlace.TECHNICIAN).update(
        papers_with=PaperPlace.BACK, papers_since=now, papers_by=actor.name[:40]
    )
    settle(booking=booking, actor=actor.by_rule(), now=now)


@operation(P.PREPARE)
def hand_papers(*, booking: Booking, to: str, actor: Actor, now: datetime) -> None:
    """The printed papers go to the next hand (PRE-05, 06, 13, 14), in the end into the advisor's folder (CNF-02).

    Raises OperationRefused before they are printed, and for the folder while something is still lacking (CNF-01).
    """
    if booking.status not in PROMISED:
        raise OperationRefused(_("只有还没到店的预约可以交接单据。"))
    if papers.unprinted(booking):
        raise OperationRefused(_("先打印单据,再交给下一位。"))
    state = readiness.of(booking.dealer, [queries.get(booking.pk)], now)[booking.pk]
    if to == PaperPlace.FOLDER and not state.is_ready:
        lacking = ";".join(point.text for point in state.lacking)
        raise OperationRefused(_("还没有备好,不能放进资料夹:{lacking}").format(lacking=lacking))
    Preparation.objects.filter(booking=booking).update(
        papers_with=PaperPlace(to), papers_since=now, papers_by=actor.name[:40]
    )


@operation(P.PREPARE)
def return_deposit(*, booking: Booking, amount: Decimal, actor: Actor, now: datetime) -> Preparation:
    """Record that money of the customer was given back, or counted in the bill (APT-21). Raises OperationRefused.

    Never more than the store holds. With the last of it the to-do that a cancelled visit left is done.
    """
    said = Preparation.objects.select_for_update().get(booking=booking)
    if not 0 < amount <= said.deposit_held:
        raise OperationRefused(
            _("在手的定金是 {amount} 元,不能退更多。").format(amount=said.deposit_held), field="amount"
        )
    said.deposit_returned_amount += yuan(amount)
    said.deposit_returned_at, said.deposit_returned_by = now, actor.name[:40]
    said.save()
    if not said.deposit_held:
        worklist.settle(
            dealer=booking.dealer, kind=following.DEPOSIT, reference=booking.number, actor=actor.by_rule(),
            now=now,
        )  # fmt: skip
    return said


@operation(P.PREPARE)
def receive_deposit(
    *, booking: Booking, amount: Decimal, receipt: str, actor: Actor, now: datetime
) -> Preparation:
    """Record that a deposit was paid (APT-21); the payment itself is the cashier's. Raises OperationRefused.

    Sums up what was paid before. A deposit is never less than asked once it counts as received.
    """
    if amount <= 0:
        raise OperationRefused(_("定金要大于零。"), field="amount")
    if not receipt.strip():
        raise OperationRefused(_("请填写收据号。"), field="receipt")
    said = Preparation.objects.select_for_update().get(booking=booking)
    said.deposit_paid_amount += yuan(amount)
    said.deposit_paid_at, said.deposit_paid_to = now, actor.name[:40]
    said.deposit_receipt = f"{said.deposit_receipt} {receipt.strip()}".strip()[:40]
    said.save()
    return said
