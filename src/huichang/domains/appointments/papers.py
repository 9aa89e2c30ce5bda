"""The papers of a booking: work order, estimate, issue slip (PRE-01). Written by the operations only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from huichang.domains.appointments import quoting
from huichang.domains.appointments.models import (
    Booking,
    BookingDocument,
    DocumentKind,
    DocumentStatus,
    Estimate,
    EstimateLine,
    LineKind,
    PaperPlace,
    Preparation,
    Supplier,
)
from huichang.kernel.actors import Actor
from huichang.kernel.lifecycle import move
from huichang.kernel.numbering import next_numbers
from huichang.kernel.worktime import local_date

_LETTERS: dict[str, str] = {
    DocumentKind.WORK_ORDER: "W",
    DocumentKind.ESTIMATE: "E",
    DocumentKind.ISSUE_SLIP: "P",
}


def make(booking: Booking, *, takes_parts: bool, now: datetime) -> list[BookingDocument]:
    """Number the papers of a booking; the issue slip only when the shop supplies parts."""
    kinds = [DocumentKind.WORK_ORDER, DocumentKind.ESTIMATE]
    if takes_parts:
        kinds.append(DocumentKind.ISSUE_SLIP)
    return number(booking, kinds, now=now)


def number(booking: Booking, kinds: Iterable[str], *, now: datetime) -> list[BookingDocument]:
    """New papers of these kinds; a booking has one valid paper of a kind."""
    wanted = [DocumentKind(kind) for kind in kinds]
    letters = [_LETTERS[kind] for kind in wanted]
    numbers = next_numbers(dealer_id=booking.dealer_id, kinds=letters, day=local_date(now))
    papers = [
        BookingDocument(
            dealer_id=booking.dealer_id,
            booking=booking,
            kind=kind,
            number=numbers[_LETTERS[kind]],
            made_at=now,
        )
        for kind in wanted
    ]
    return BookingDocument.objects.bulk_create(papers)


def printed(booking: Booking, kinds: Iterable[str]) -> list[DocumentKind]:
    """Those of these kinds of which a valid paper was printed."""
    rows = BookingDocument.objects.filter(booking=booking, status=DocumentStatus.VALID, kind__in=tuple(kinds))
    found = set(rows.exclude(printed_at=None).values_list("kind", flat=True))
    return [kind for kind in DocumentKind if kind in found]


def unprinted(booking: Booking) -> bool:
    """Whether a valid paper was not printed yet, or there is none."""
    rows = BookingDocument.objects.filter(booking=booking, status=DocumentStatus.VALID)
    times = list(rows.values_list("printed_at", flat=True))
    return not times or None in times


def end(
    booking: Booking,
    to: DocumentStatus,
    *,
    actor: Actor,
    now: datetime,
    reason: str,
    kinds: Iterable[str] = (),
) -> None:
    """End the valid papers (of some kinds): replaced by new ones, or cancelled with the booking. They stay on file."""
    valid = BookingDocument.objects.filter(booking=booking, status=DocumentStatus.VALID)
    for paper in valid.filter(kind__in=tuple(kinds)) if kinds else valid:
        move(paper, to, actor=actor, now=now, reason=reason)
    if to == DocumentStatus.REPLACED:  # the new ones go round from the start
        Preparation.objects.filter(booking=booking).update(
            papers_with=PaperPlace.DESK, papers_since=None, papers_by=""
        )


def write_estimate(booking: Booking, quote: quoting.Quote) -> Estimate:
    """Keep a quote as the booking's estimate, in place of an earlier one."""
    Estimate.objects.filter(booking=booking).delete()
    return write_first_estimate(booking, quote)


def write_first_estimate(booking: Booking, quote: quoting.Quote) -> Estimate:
    """Keep a quote as the estimate of a booking that has none."""
    estimate = Estimate.objects.create(
        dealer_id=booking.dealer_id, booking=booking, discount_percent=quote.discount_percent,
        labour_amount=quote.labour_amount, parts_amount=quote.parts_amount, discount_amount=quote.discount_amount,
        total_amount=quote.total_amount, promised_at=quote.promised_at or booking.ends_at,
    )  # fmt: skip
    _add_lines(estimate, [_line(estimate, line) for line in quote.lines])
    booking.estimate = estimate
    return estimate


def _line(estimate: Estimate, line: quoting.QuoteLine) -> EstimateLine:
    is_labour = line.kind == LineKind.LABOUR
    return EstimateLine(
        kind=line.kind, labour_id=line.item_id if is_labour else None,
        part_id=None if is_labour else line.item_id, name=line.name, quantity=line.quantity,
        unit_price=line.unit_price, amount=line.amount,
    )  # fmt: skip


def write_lines(estimate: Estimate, lines: Sequence[EstimateLine]) -> None:
    """Put these lines in the place of the estimate's, in order."""
    EstimateLine.objects.filter(estimate=estimate).delete()
    _add_lines(estimate, lines)


def _add_lines(estimate: Estimate, lines: Sequence[EstimateLine]) -> None:
    for position, line in enumerate(lines, start=1):
        line.dealer_id, line.estimate, line.position = estimate.dealer_id, estimate, position
    EstimateLine.objects.bulk_create(lines)


def shop_parts(booking: Booking) -> list[tuple[int, Decimal]]:
    """The parts the shop must have ready, as a reservation takes them."""
    rows = EstimateLine.objects.filter(
        estimate__booking=booking, kind=LineKind.PART, supplied_by=Supplier.SHOP, part__isnull=False
    )
    found = quoting.merged(rows.order_by("position").values_list("part_id", "quantity"))
    return list(found.items())
