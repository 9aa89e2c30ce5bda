"""Setting parts aside for a visit, and letting them go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.parts import ledger, settling
from huichang.domains.parts.events import PartsReleased
from huichang.domains.parts.models import (
    OPEN_SLIPS,
    PROMISED,
    GoodsKind,
    IssueSlip,
    PackagePart,
    Part,
    Reservation,
    ReservationStatus,
    SlipStatus,
)
from huichang.domains.parts.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.lifecycle import move, record
from huichang.kernel.numbering import next_number
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@operation(P.RESERVE)
def reserve(
    *,
    dealer: Dealer,
    reference: str,
    need_date: date,
    lines: Sequence[tuple[int, Decimal]],
    actor: Actor,
    now: datetime,
    plate: str = "",
) -> list[Reservation]:
    """Have these parts set aside for a visit on a day; what is there is reserved, what is short becomes a purchase need.

    It states the whole of what the visit needs: called again for the same `reference` it adds, gives up and moves the
    day. `lines` are (part id, quantity); packages are opened, service items passed over. Returns what the visit now
    holds and waits for. Publishes PartsReady or PartsLate. Raises OperationRefused for a part that is not traded.
    """
    ledger.lock_visit(dealer.pk, reference)
    parts = Part.objects.in_bulk([pk for pk, _quantity in lines])
    wanted = _opened(lines, parts)
    known = list(_promised(reference))
    if not wanted and not known:
        return []
    parts = _parts(wanted, {row.part_id for row in known}, parts)
    slip = _open_slip(dealer, reference, need_date, plate, actor, now)
    by = settling.hand(dealer, ledger.lock(dealer.pk, parts), actor=actor, now=now)
    known = list(_promised(reference)) if known else []  # who held nothing is given nothing by others
    # Free pieces may serve others now, or this visit itself, which needs them on another day.
    freed = is_moved = any(row.need_date != need_date for row in known)
    for part_id, part in sorted(parts.items()):
        rows = [row for row in known if row.part_id == part_id]
        surplus = sum((row.quantity for row in rows), Decimal(0)) - wanted.get(part_id, Decimal(0))
        if surplus > 0:
            settling.give_up(rows, surplus, by, _("预约改了"))
            freed = True
        elif surplus < 0:
            settling.take(slip, part, -surplus, by)
    if is_moved:
        _promised(reference).exclude(need_date=need_date).update(need_date=need_date)
    held = _with_parts(reference)
    _keep_slip(slip, {row.status for row in held}, actor, now)
    settling.settle(parts, by, freed=freed)
    if freed:  # pieces may have come to this visit, too
        held = _with_parts(reference)
    settling.tell_if_ready(reference, {row.status for row in held}, by)
    return held


def _with_parts(reference: str) -> list[Reservation]:
    return list(_promised(reference).select_related("part").order_by("part__code", "pk"))


def _keep_slip(slip: IssueSlip, states: set[str], actor: Actor, now: datetime) -> None:
    """A slip whose basket is not complete any more is open again; one that needs nothing any more is over."""
    if not states:
        move(slip, _after_release(slip), actor=actor, now=now, reason=_("预约改了"))
    elif slip.status == SlipStatus.DRAWN and states != {ReservationStatus.DRAWN}:
        move(slip, SlipStatus.OPEN, actor=actor, now=now)


def _opened(lines: Sequence[tuple[int, Decimal]], parts: dict[int, Part]) -> dict[int, Decimal]:
    """Quantities by part id: packages replaced by what is in them, service items left out. `parts` are those named."""
    wanted: dict[int, Decimal] = {}
    kinds = {pk: part.kind for pk, part in parts.items()}
    packages = [pk for pk, kind in kinds.items() if kind == GoodsKind.PACKAGE]
    inside_of = PackagePart.objects.filter(package__in=packages)
    contents = list(inside_of.values_list("package_id", "part_id", "quantity")) if packages else []
    for part_id, quantity in lines:
        if part_id not in kinds:
            raise OperationRefused(_("配件目录里没有这个配件。"), field="parts")
        if quantity <= 0 or kinds[part_id] == GoodsKind.SERVICE:
            continue
        inside = [(pk, each) for package, pk, each in contents if package == part_id]
        single = [(part_id, Decimal(1))] if kinds[part_id] == GoodsKind.PART else inside
        for pk, each in single:
            wanted[pk] = wanted.get(pk, Decimal(0)) + quantity * each
    return wanted


def _parts(wanted: dict[int, Decimal], known: set[int], named: dict[int, Part]) -> dict[int, Part]:
    """The parts wanted and held, those not among the `named` read now."""
    ids = set(wanted) | known
    found = {pk: part for pk, part in named.items() if pk in ids}
    if ids - set(found):
        found |= Part.objects.in_bulk(ids - set(found))
    gone = [
        part.name for pk, part in found.items() if pk in wanted and pk not in known and not part.is_active
    ]
    if gone:
        raise OperationRefused(_("已停用的配件不能预留:{names}").format(names="、".join(gone)), field="parts")
    return found


def _promised(reference: str) -> settling.Rows:
    return Reservation.objects.filter(reference=reference, status__in=PROMISED)


def _open_slip(
    dealer: Dealer, reference: str, need_date: date, plate: str, actor: Actor, now: datetime
) -> IssueSlip:
    slip = IssueSlip.objects.filter(reference=reference, status__in=OPEN_SLIPS).first()
    if slip is None:
        slip = IssueSlip.objects.create(
            dealer=dealer, number=next_number(dealer_id=dealer.pk, kind="CK", day=local_date(now)),
            reference=reference, need_date=need_date, plate=plate, created_at=now,
        )  # fmt: skip
        record(slip, before="", after=slip.status, actor=actor, now=now)
    elif slip.need_date != need_date or (plate and slip.plate != plate):
        slip.need_date, slip.plate = need_date, plate or slip.plate
        slip.save(update_fields=["need_date", "plate"])
    return slip


@operation(P.RESERVE)
def release(*, dealer: Dealer, reference: str, reason: str, actor: Actor, now: datetime) -> None:
    """A visit needs its parts no more (CHG-06): what is reserved is free at once, what is in its basket is to be put back.

    Publishes PartsReleased. A reference without parts changes nothing.
    """
    ledger.lock_visit(dealer.pk, reference)
    rows = list(_promised(reference).order_by("pk"))
    slip = IssueSlip.objects.filter(reference=reference, status__in=OPEN_SLIPS).first()
    if not rows and slip is None:
        return
    held = ledger.lock(dealer.pk, (row.part_id for row in rows))
    by = settling.hand(dealer, held, actor=actor, now=now)
    rows = list(_promised(reference).order_by("pk"))
    for row in rows:
        settling.give_up([row], row.quantity, by, reason)
    if slip is not None:
        move(slip, _after_release(slip), actor=actor, now=now, reason=reason)
    publish(PartsReleased(dealer_id=dealer.pk, reference=reference))
    settling.settle(held, by)


def _after_release(slip: IssueSlip) -> str:
    states = set(slip.reservations.values_list("status", flat=True))
    if ReservationStatus.RETURNING in states:
        return SlipStatus.RETURNING
    return SlipStatus.ISSUED if ReservationStatus.ISSUED in states else SlipStatus.CLOSED
