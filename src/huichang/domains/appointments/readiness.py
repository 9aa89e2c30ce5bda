"""Is a booked visit ready, and if not: what is missing and whose turn it is (PRE, CNF-01).

Worked out from the tables that know it, for many bookings at once; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments.away import hits
from huichang.domains.appointments.models import (
    PROMISED,
    Away,
    BlockKind,
    Booking,
    BookingBlock,
    BookingDocument,
    DocumentKind,
    DocumentStatus,
    EquipmentOutage,
    Estimate,
    LineKind,
    Preparation,
    Supplier,
)
from huichang.domains.catalog.models import Absence
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.parts import queries as stock
from huichang.domains.parts.models import Part
from huichang.kernel.worktime import local_date

ORDER, ESTIMATE, PARTS, BAY, TECHNICIAN, DEPOSIT = (
    "order",
    "estimate",
    "parts",
    "bay",
    "technician",
    "deposit",
)
_DECIDES = (ORDER, ESTIMATE, PARTS, BAY, TECHNICIAN)


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the checklist. `turn` is whose move it is when it is not ready; `tone` ok, warn or bad."""

    code: str
    tone: str
    text: str
    turn: str = ""

    @property
    def is_ready(self) -> bool:
        return self.tone == "ok" or self.code not in _DECIDES


@dataclass(frozen=True, slots=True)
class Readiness:
    """The checklist of a booking. `prepare_by` is the last day to start so that the slowest part arrives (PRE-04)."""

    booking: Booking
    points: tuple[Point, ...]
    prepare_by: date
    parts_date: date | None = None
    preparation: Preparation | None = None

    @property
    def is_ready(self) -> bool:
        return all(point.is_ready for point in self.points)

    @property
    def lacking(self) -> tuple[Point, ...]:
        """What keeps it from being ready."""
        return tuple(point for point in self.points if not point.is_ready)

    def rank(self, today: date) -> int:
        """0 when preparation must begin now or is late, 1 for customers who go before, 2 else (PRE-08)."""
        if not self.is_ready and self.prepare_by <= today:
            return 0
        return 1 if self.booking.priority else 2


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the checks read, loaded once for all bookings."""

    documents: Mapping[tuple[int, str], BookingDocument]
    estimates: Mapping[int, Estimate]
    preparations: Mapping[int, Preparation]
    parts: Mapping[str, stock.Readiness]
    leads: Mapping[int, int]  # by part
    absences: Sequence[Away]
    values: Mapping[str, Any]


def of(dealer: Dealer, bookings: Sequence[Booking], now: datetime) -> dict[int, Readiness]:
    """The checklist of each booking by its id. The blocks and items should be prefetched; nine queries for any number."""
    if not bookings:
        return {}
    facts = _load(dealer, bookings, now)
    return {booking.pk: _readiness(booking, facts) for booking in bookings}


def upcoming(dealer: Dealer, now: datetime) -> QuerySet[Booking]:
    """The bookings that are still to be prepared: promised and not begun."""
    return Booking.objects.filter(dealer=dealer, status__in=PROMISED, starts_at__gte=now)


def _load(dealer: Dealer, bookings: Sequence[Booking], now: datetime) -> _Facts:
    ids = [booking.pk for booking in bookings]
    documents = BookingDocument.objects.filter(booking__in=ids, status=DocumentStatus.VALID)
    estimates = {
        row.booking_id: row for row in Estimate.objects.filter(booking__in=ids).prefetch_related("lines")
    }
    pieces = {line.part_id for row in estimates.values() for line in row.lines.all() if line.part_id}
    found = values_in_force(rules.FOR_READINESS, dealer, local_date(now))
    return _Facts(
        documents={(row.booking_id, row.kind): row for row in documents},
        estimates=estimates,
        preparations={row.booking_id: row for row in Preparation.objects.filter(booking__in=ids)},
        parts=stock.readiness(dealer, [booking.number for booking in bookings]),
        leads={part.pk: part.usual_lead_days for part in Part.objects.filter(pk__in=pieces)},
        absences=_absences(dealer, bookings),
        values=found,
    )


def _absences(dealer: Dealer, bookings: Sequence[Booking]) -> list[Away]:
    blocks = [block for booking in bookings for block in booking.blocks.all()]
    if not blocks:
        return []
    who = Q(staff__in={block.staff_id for block in blocks}) | Q(
        bay__in={b.bay_id for b in blocks if b.bay_id}
    )
    start, end = min(block.starts_at for block in blocks), max(block.ends_at for block in blocks)
    found: list[Away] = list(Absence.objects.filter(who, dealer=dealer, starts_at__lt=end, ends_at__gt=start))
    if pieces := {block.equipment_id for block in blocks if block.equipment_id}:
        found += EquipmentOutage.objects.filter(equipment__in=pieces, starts_at__lt=end, ends_at__gt=start)
    return found


def _readiness(booking: Booking, facts: _Facts) -> Readiness:
    pieces, expected = _parts(booking, facts)
    points = (_order(booking, facts), _estimate(booking, facts), pieces, _bay(booking, facts))
    return Readiness(
        booking=booking,
        points=(*points, _technician(booking, facts), *_deposit(booking, facts)),
        prepare_by=local_date(booking.starts_at) - timedelta(days=_lead(booking, facts) + 1),
        parts_date=expected,
        preparation=facts.preparations.get(booking.pk),
    )


def _lead(booking: Booking, facts: _Facts) -> int:
    """Days the slowest part still takes that is not on its way yet; what lies there or is ordered takes no more time."""
    estimate = facts.estimates.get(booking.pk)
    if estimate is None or facts.parts[booking.number].state not in {"short", "late"}:
        return 0
    shop = (line.part_id for line in estimate.lines.all() if line.supplied_by == Supplier.SHOP)
    return max((facts.leads.get(pk or 0, 0) for pk in shop), default=0)


def _order(booking: Booking, facts: _Facts) -> Point:
    papers = [(DocumentKind.WORK_ORDER, _("施工单"))]
    if _takes_parts(booking, facts):
        papers.append((DocumentKind.ISSUE_SLIP, _("零件出库单")))
    for kind, name in papers:
        paper = facts.documents.get((booking.pk, kind))
        if paper is None:
            return Point(ORDER, "bad", _("{paper}还没有做").format(paper=name), _("预约专员"))
        if facts.values[rules.PRINTED.key] and paper.printed_at is None:
            text = _("{paper}还没有打印").format(paper=name)
            return Point(ORDER, "bad", text, _("预约专员"))
    return Point(ORDER, "ok", _("施工单已备好"))


def _estimate(booking: Booking, facts: _Facts) -> Point:
    if booking.pk not in facts.estimates:
        return Point(ESTIMATE, "bad", _("还没有估价"), _("服务顾问"))
    return Point(ESTIMATE, "ok", _("已估价"))


def _takes_parts(booking: Booking, facts: _Facts) -> bool:
    estimate = facts.estimates.get(booking.pk)
    return estimate is not None and any(
        line.kind == LineKind.PART and line.supplied_by == Supplier.SHOP for line in estimate.lines.all()
    )


def _parts(booking: Booking, facts: _Facts) -> tuple[Point, date | None]:
    if not _takes_parts(booking, facts):
        return Point(PARTS, "ok", _("不需要本店备件")), None
    need, in_basket = local_date(booking.starts_at), facts.values[rules.IN_BASKET.key]
    return parts_point(facts.parts[booking.number], need, in_basket=in_basket)


def parts_point(state: stock.Readiness, need: date, *, in_basket: bool = False) -> tuple[Point, date | None]:
    """The line of the checklist for what the parts desk says of a visit, and the day the parts are expected.

    With `in_basket` only what was drawn into the basket counts as ready (PRE-10, PRE-12).
    """
    clerk, code, expected = _("配件专员"), state.state, state.eta
    if not state.parts:
        return Point(PARTS, "ok", _("不需要本店备件")), None
    if code == "drawn":
        return Point(PARTS, "ok", _("配件已入筐")), None
    if code == "ready" and in_basket:
        return Point(PARTS, "warn", _("配件已预留,还没有入筐"), _("维修技师")), None
    if code == "ready":
        return Point(PARTS, "ok", _("配件已预留,等待入筐")), None
    if expected is None:
        return Point(PARTS, "bad", _("缺件,还没有订购"), clerk), None
    if code == "short" and expected <= need:
        text = _("缺件,还没有订购;今天订 {day} 能用").format(day=f"{expected:%m-%d}")
        return Point(PARTS, "bad", text, clerk), expected
    if code == "late" or expected > need:
        text = _("配件 {day} 才到,赶不上").format(day=f"{expected:%m-%d}")
        return Point(PARTS, "bad", text, _("预约专员")), expected
    return Point(PARTS, "warn", _("配件已订购,{day} 到货").format(day=f"{expected:%m-%d}"), clerk), expected


def _work(booking: Booking) -> list[BookingBlock]:
    return [block for block in booking.blocks.all() if block.kind == BlockKind.WORK and block.is_active]


def _away(facts: _Facts, block: BookingBlock, column: str) -> bool:
    return any(getattr(row, column, None) and hits(row, block) for row in facts.absences)


def _bay(booking: Booking, facts: _Facts) -> Point:
    work, foreman = _work(booking), _("车间主管")
    if not work:
        return Point(BAY, "bad", _("没有工位"), foreman)
    for block in work:
        if block.bay is not None and (not block.bay.is_active or _away(facts, block, "bay_id")):
            return Point(BAY, "bad", _("{bay} 那时停用").format(bay=block.bay), foreman)
    for block in booking.blocks.all():
        if block.equipment_id and block.is_active and _away(facts, block, "equipment_id"):
            return Point(BAY, "bad", _("{bay} 那时停用").format(bay=block.equipment), foreman)
    return Point(BAY, "ok", "、".join(dict.fromkeys(str(block.bay) for block in work if block.bay)))


def _technician(booking: Booking, facts: _Facts) -> Point:
    work, foreman = _work(booking), _("车间主管")
    if not work:
        return Point(TECHNICIAN, "bad", _("没有技师"), foreman)
    for block in work:
        if block.staff is None or not block.staff.is_active or _away(facts, block, "staff_id"):
            return Point(TECHNICIAN, "bad", _("{name} 那时不在").format(name=block.staff), foreman)
    names = "、".join(dict.fromkeys(str(block.staff) for block in work))
    preparation = facts.preparations.get(booking.pk)
    if facts.values[rules.TECHNICIAN_AGREES.key] and not (preparation and preparation.technician_agreed_at):
        text = _("{name} 还没有确认项目和配件").format(name=names)
        return Point(TECHNICIAN, "bad", text, _("维修技师"))
    return Point(TECHNICIAN, "ok", names)


def _deposit(booking: Booking, facts: _Facts) -> Iterable[Point]:
    preparation = facts.preparations.get(booking.pk)
    if preparation is None or not preparation.deposit_amount:
        return ()
    if preparation.lacks_deposit:
        left = preparation.deposit_amount - preparation.deposit_paid_amount
        text = _("贵重配件定金还差 {amount} 元").format(amount=left)
        return (Point(DEPOSIT, "warn", text, _("服务顾问")),)
    return (Point(DEPOSIT, "ok", _("定金已收 {amount} 元").format(amount=preparation.deposit_paid_amount)),)
