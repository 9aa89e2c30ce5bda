"""What follows when another person or bay is to keep a promise at the same time: printed papers name the wrong one.

The papers that were printed are void and numbered anew, the technician has to agree again, and a to-do tells whose turn
it is (PRE-06, PRE-11, PRE-19). Nothing was printed: nothing is void, the papers show who it is when they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.appointments import papers
from huichang.domains.appointments.following import NAMES, ask_for_papers
from huichang.domains.appointments.models import (
    PROMISED,
    BlockKind,
    Booking,
    BookingBlock,
    DocumentKind,
    DocumentStatus,
    Preparation,
    Touch,
    TouchKind,
    TouchStatus,
)
from huichang.domains.appointments.operations.preparing import settle
from huichang.domains.appointments.permissions import P
from huichang.domains.parts.models import Reservation, ReservationStatus
from huichang.domains.worklist import operations as worklist
from huichang.kernel.actors import Actor

_WITH_TECHNICIAN = (DocumentKind.WORK_ORDER, DocumentKind.ISSUE_SLIP)
_TOLD = (TouchStatus.ASKED, TouchStatus.DONE)


@dataclass(frozen=True, slots=True)
class Hands:
    """Who keeps a promise, and where; to be compared before and after."""

    advisors: tuple[str, ...]
    technicians: tuple[str, ...]
    bays: tuple[str, ...]


def hands_of(booking: Booking) -> Hands:
    """The people and bays of a booking as they stand in the database; one query."""
    rows = BookingBlock.objects.filter(booking=booking, is_active=True).select_related("staff", "bay")
    blocks = list(rows.order_by("position", "pk"))

    def names(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(block.staff) for block in blocks if block.kind == kind))

    bays = dict.fromkeys(str(block.bay) for block in blocks if block.bay_id)
    return Hands(names(BlockKind.RECEPTION), names(BlockKind.WORK), tuple(bays))


def changed(booking: Booking, before: Hands, *, actor: Actor, now: datetime) -> None:
    """Compare with `before`, after the change was written; a promised booking's preparation follows."""
    after = hands_of(booking)
    if booking.status not in PROMISED or after == before:
        return
    if after.technicians != before.technicians:
        Preparation.objects.filter(booking=booking).update(technician_agreed_at=None, technician_agreed_by="")
    kinds = list(DocumentKind) if after.advisors != before.advisors else list(_WITH_TECHNICIAN)
    _renew_printed(booking, kinds, before, after, actor=actor, now=now)
    if (after.advisors, after.technicians) != (before.advisors, before.technicians):
        _tell_again(booking, after, actor=actor, now=now)
    settle(booking=booking, actor=actor.by_rule(), now=now)


def _renew_printed(
    booking: Booking, kinds: list[DocumentKind], before: Hands, after: Hands, *, actor: Actor, now: datetime
) -> None:
    """Void the printed papers of these kinds and number new ones; ask the preparer to print them."""
    void = papers.printed(booking, kinds)
    if not void:
        return
    reason = _difference(before, after)
    papers.end(booking, DocumentStatus.REPLACED, actor=actor, now=now, reason=reason, kinds=void)
    papers.number(booking, void, now=now)
    in_basket = Reservation.objects.filter(reference=booking.number, status=ReservationStatus.DRAWN)
    why = _("{what},料筐标签也要换").format(what=reason) if in_basket.exists() else reason
    ask_for_papers(booking, void, why=why, actor=actor, now=now)


def _difference(before: Hands, after: Hands) -> str:
    """`技师 张伟 → 罗平`."""
    pairs = (
        (_("服务顾问"), before.advisors, after.advisors),
        (_("技师"), before.technicians, after.technicians),
        (_("工位"), before.bays, after.bays),
    )
    return ";".join(
        f"{label} {'、'.join(was) or '—'} → {'、'.join(will) or '—'}"
        for label, was, will in pairs
        if was != will
    )


def _tell_again(booking: Booking, after: Hands, *, actor: Actor, now: datetime) -> None:
    """The customer was told other names (PRE-19): somebody corrects that, and says so by hand."""
    told = Touch.objects.filter(
        booking=booking, round=booking.times_moved, kind=TouchKind.NAMES, status__in=_TOLD
    )
    if not told.exists():
        return
    advisor = BookingBlock.objects.filter(booking=booking, kind=BlockKind.RECEPTION, is_active=True)
    text = _("{plate} 已告知客户的名字变了,请告知:服务顾问 {advisor},技师 {technician}").format(
        plate=booking.car.plate, advisor="、".join(after.advisors), technician="、".join(after.technicians)
    )
    worklist.ask(
        dealer=booking.dealer, kind=NAMES, reference=booking.number, target_id=booking.pk, text=text,
        needs=P.CHANGE, assigned_to_id=advisor.values_list("staff__user_id", flat=True).first(), by_hand=True,
        due_at=booking.arrive_at, actor=actor.by_rule(), now=now,
    )  # fmt: skip
