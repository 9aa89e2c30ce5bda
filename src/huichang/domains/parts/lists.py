"""What the parts pages and the API list. One statement each, however many rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, OuterRef, Prefetch, QuerySet, Subquery, Sum, When

from huichang.domains.dealers.models import Dealer
from huichang.domains.parts.models import (
    AlarmKind,
    IssueSlip,
    OldPart,
    OldPartStatus,
    OrderStatus,
    Part,
    PurchaseLine,
    Reservation,
    ReservationStatus,
    SlipStatus,
    StockAlarm,
    StockBalance,
    StockMovement,
)
from huichang.kernel import sql

_PACKAGE = "huichang.domains.parts"
PAGE = 50
_PRESSING = (AlarmKind.LATE, AlarmKind.SHORT, AlarmKind.UNFITTED, AlarmKind.LOW)


def stock_page(
    dealer: Dealer, *, words: str = "", alarm: str = "", after: str = "", most: int = PAGE
) -> list[dict[str, Any]]:
    """Up to `most` parts after a code, by code; `words` are looked for in code, name, specification, place, family.

    Each row has id, code, name, on_hand, reserved, free, incoming, next_date, set_aside, short, lead_days and what the
    catalogue says. `alarm` keeps to parts with an open alarm of that kind.
    """
    parameters = {
        "dealer_id": dealer.pk,
        "words": words.strip(),
        "alarm": alarm,
        "after": after,
        "most": most,
    }
    return sql.rows(_PACKAGE, "stock_page", parameters)


def with_stock(rows: QuerySet[Part]) -> QuerySet[Part]:
    """Parts with their `total`, and on the way `incoming` pieces with `next_expected_date`; one query."""
    lines = PurchaseLine.objects.filter(part=OuterRef("pk"), closed_at=None, order__status=OrderStatus.PLACED)
    left = lines.order_by().values("part").annotate(n=Sum(F("quantity") - F("received_quantity"))).values("n")
    soonest = lines.order_by("expected_date").values("expected_date")[:1]
    return rows.select_related("total").annotate(
        incoming=Subquery(left), next_expected_date=Subquery(soonest)
    )


def alarm_counts() -> dict[str, int]:
    """Open alarms by kind, every kind named; one query."""
    counts = dict.fromkeys(AlarmKind.values, 0)
    for kind in StockAlarm.objects.filter(lifted_at=None).values_list("kind", flat=True):
        counts[kind] += 1
    return counts


def open_alarms(kind: str = "") -> QuerySet[StockAlarm]:
    """Alarms whose cause holds: unanswered first, then by how much they press, the oldest first."""
    rows = StockAlarm.objects.filter(lifted_at=None).select_related("part")
    rows = rows.filter(kind=kind) if kind else rows
    pressing = Case(*(When(kind=one, then=place) for place, one in enumerate(_PRESSING)))
    return rows.order_by(F("seen_at").asc(nulls_first=True), pressing, "since_date", "part__code")


def movements(part: Part, *, before: int = 0, most: int = PAGE) -> list[tuple[StockMovement, Decimal]]:
    """The latest movements of a part with what the store held after each; `before` is the id to go on from."""
    rows = StockMovement.objects.filter(part=part).select_related("bin__warehouse").order_by("-id")
    held = part.balances.aggregate(n=Sum("on_hand"))["n"] or Decimal(0)
    if before:
        held -= rows.filter(pk__gte=before).aggregate(n=Sum("quantity"))["n"] or Decimal(0)
        rows = rows.filter(pk__lt=before)
    found = []
    for row in rows[:most]:
        found.append((row, held))
        held -= row.quantity
    return found


def balances(part: Part) -> QuerySet[StockBalance]:
    """Where a part lies, the fullest place first."""
    return part.balances.exclude(on_hand=0).select_related("bin__warehouse").order_by("-on_hand", "bin__code")


def awaited(part: Part | None = None) -> QuerySet[PurchaseLine]:
    """Lines of placed orders that are not all here, the earliest expected first."""
    rows = PurchaseLine.objects.filter(closed_at=None, order__status=OrderStatus.PLACED)
    rows = rows if part is None else rows.filter(part=part)
    return rows.select_related("part", "order__supplier").order_by("expected_date", "pk")


def last_prices(part_ids: Iterable[int]) -> dict[int, Decimal]:
    """What the store paid for one at its latest order, in yuan, by part id; parts never bought are not there."""
    lines = PurchaseLine.objects.filter(part__in=list(part_ids), unit_price__gt=0).exclude(
        order__status=OrderStatus.CANCELLED
    )
    return dict(lines.order_by("part_id", "-pk").distinct("part_id").values_list("part_id", "unit_price"))


def needs(dealer: Dealer) -> list[dict[str, Any]]:
    """What should be ordered, the most urgent first: lacking for visits, low in stock, with the usual supplier."""
    return sql.rows(_PACKAGE, "needs", {"dealer_id": dealer.pk})


def _with_lines(rows: QuerySet[IssueSlip]) -> QuerySet[IssueSlip]:
    lines = Reservation.objects.exclude(status=ReservationStatus.RELEASED).select_related(
        "part", "purchase_line__order"
    )
    return rows.select_related("basket").prefetch_related(
        Prefetch("reservations", lines.order_by("part__code", "pk"), to_attr="lines")
    )


def slips_to_prepare(until: date) -> list[IssueSlip]:
    """Open slips of visits up to a day, by day, each with its `lines`."""
    rows = IssueSlip.objects.filter(status__in=[SlipStatus.OPEN, SlipStatus.DRAWN], need_date__lte=until)
    return list(_with_lines(rows).order_by("need_date", "number"))


def slips_returning() -> list[IssueSlip]:
    """Slips with parts in the basket that nobody needs any more, each with its `lines`."""
    rows = IssueSlip.objects.filter(reservations__status=ReservationStatus.RETURNING).distinct()
    return list(_with_lines(rows).order_by("need_date", "number"))


def slip_with_lines(pk: int) -> IssueSlip | None:
    """One slip with its `lines`; None when it is not this store's."""
    return _with_lines(IssueSlip.objects.filter(pk=pk)).first()


def arrived_not_fitted() -> QuerySet[Reservation]:
    """Parts that came for a visit and are not in the car (到货未装), the longest waiting first."""
    rows = Reservation.objects.filter(
        arrived_at__isnull=False, status__in=[ReservationStatus.RESERVED, ReservationStatus.DRAWN]
    )
    return rows.select_related("part", "slip", "purchase_line__order").order_by("arrived_at", "pk")


def old_parts(status: str = "") -> QuerySet[OldPart]:
    """Old parts, those not taken in yet first."""
    rows = OldPart.objects.select_related("part", "slip")
    rows = rows.filter(status=status) if status else rows.exclude(
        status__in=[OldPartStatus.HANDED, OldPartStatus.SENT, OldPartStatus.SCRAPPED]
    )  # fmt: skip
    return rows.order_by("status", "replaced_at", "pk")


def network_stock(words: str = "", most: int = 200) -> list[dict[str, Any]]:
    """Parts over the stores of the open scope by code, those that are lacking somewhere first (PRT-10)."""
    return sql.rows(_PACKAGE, "network_stock", {"words": words.strip(), "most": most})


def stores_with(code: str) -> QuerySet[Part]:
    """One part in every store of the open scope, with its total, the most free first."""
    rows = Part.objects.filter(code=code, is_active=True).select_related("dealer__region", "total")
    return rows.annotate(free=F("total__on_hand") - F("total__reserved")).order_by(
        F("free").desc(nulls_last=True), "dealer__code"
    )
