"""What a visit will cost, told before it: labour, parts, the discount of the band, the deposit (APT-10, EST-07)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments.models import BookingBand, LineKind
from huichang.domains.catalog import queries as catalog
from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.parts import queries as parts
from huichang.kernel.money import yuan
from huichang.kernel.worktime import CHINA, local_date

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """A job (quantity in hours) or a part (in pieces); money in yuan before the discount."""

    kind: str
    item_id: int
    name: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Basis:
    """The jobs and parts of an estimate at the catalogue's prices, before it is known when the visit is."""

    jobs: tuple[QuoteLine, ...]
    pieces: tuple[QuoteLine, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """An estimate: labour and parts apart, the discount on the labour only (APT-34). `promised_at` keeps a reserve.

    `deposit_amount` is what must be asked before valuable parts are ordered, 0 when none are (APT-21).
    """

    lines: tuple[QuoteLine, ...]
    hours: Decimal
    discount_percent: int
    labour_amount: Decimal
    parts_amount: Decimal
    discount_amount: Decimal
    total_amount: Decimal
    deposit_amount: Decimal
    promised_at: datetime | None = None

    @property
    def parts(self) -> tuple[tuple[int, Decimal], ...]:
        """Part ids and pieces, as a reservation takes them."""
        return tuple((line.item_id, line.quantity) for line in self.lines if line.kind == LineKind.PART)


def quote(
    dealer: Dealer,
    labour_ids: Sequence[int],
    *,
    now: datetime,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    channel: str = "",
    discount_percent: int | None = None,
) -> Quote:
    """Work an estimate out from the catalogue and the parts these jobs usually take; five queries.

    The discount is the band's for the channel unless `discount_percent` (what a booking was promised) says otherwise.
    """
    percent = discount_percent if discount_percent is not None else discount_at(dealer, starts_at, channel)
    return sum_up(basis(dealer, labour_ids), values_of(dealer, now), percent=percent, ends_at=ends_at)


def basis(dealer: Dealer, labour_ids: Sequence[int]) -> Basis:
    """What these jobs and the parts they usually take cost by the catalogue; two queries."""
    labour = catalog.labour(dealer, labour_ids)
    return Basis(
        jobs=tuple(
            _line(LineKind.LABOUR, row.pk, row.name, row.standard_hours, row.hourly_rate) for row in labour
        ),
        pieces=tuple(
            _line(LineKind.PART, pk, name, quantity, price)
            for pk, name, price, quantity in parts.priced_parts_for([row.pk for row in labour])
        ),
    )


def sum_up(basis: Basis, values: Mapping[str, Any], *, percent: int, ends_at: datetime | None) -> Quote:
    """The estimate from what jobs and parts cost and the store's numbers (`values_of`)."""
    return Quote(
        lines=(*basis.jobs, *basis.pieces), hours=sum((job.quantity for job in basis.jobs), Decimal(0)),
        discount_percent=percent, **sums(basis.jobs, basis.pieces, percent),
        deposit_amount=deposit(basis.pieces, values), promised_at=promise(ends_at, values) if ends_at else None,
    )  # fmt: skip


def estimate(
    *,
    dealer: Dealer,
    labour_ids: Sequence[int],
    car: Car | None = None,
    starts_at: datetime | None = None,
    channel: str = "desk",
    now: datetime | None = None,
) -> Quote:
    """The estimate at booking as agent and owner see it: hours × rate, parts, the discount of band and channel.

    Without `starts_at` no discount is known yet; `now` (default: the start) decides which day's rules hold. `car` is
    there for prices that depend on it; the catalogue's do not. Raises ValueError without any moment.
    """
    moment = now or starts_at
    if moment is None:
        raise ValueError("an estimate needs a moment: starts_at or now")
    return quote(dealer, labour_ids, now=moment, starts_at=starts_at, channel=channel)


def _line(kind: str, pk: int, name: str, quantity: Decimal, price: Decimal) -> QuoteLine:
    return QuoteLine(kind, pk, name, quantity, price, yuan(quantity * price))


def merged(lines: Iterable[tuple[int, Decimal]]) -> dict[int, Decimal]:
    """Pieces by part, each part once."""
    found: dict[int, Decimal] = {}
    for part_id, quantity in lines:
        found[part_id] = found.get(part_id, Decimal(0)) + quantity
    return found


def sums(
    jobs: Iterable[QuoteLine], pieces: Iterable[QuoteLine], percent: int, risk: Decimal = Decimal(0)
) -> dict[str, Decimal]:
    """Labour, parts, discount and total of lines, in yuan."""
    labour = sum((line.amount for line in jobs), Decimal(0))
    stuff = sum((line.amount for line in pieces), Decimal(0))
    discount = yuan(labour * percent / _HUNDRED)
    return {
        "labour_amount": labour, "parts_amount": stuff, "discount_amount": discount,
        "total_amount": labour - discount + stuff + risk,
    }  # fmt: skip


def values_of(dealer: Dealer, now: datetime) -> Mapping[str, Any]:
    """The store's numbers for estimates, by key; one query."""
    return values_in_force(rules.FOR_ESTIMATES, dealer, local_date(now))


def deposit(pieces: Iterable[QuoteLine], values: Mapping[str, Any]) -> Decimal:
    """The store's share of the list price of the valuable parts among these (APT-21, D-26)."""
    least = values[rules.DEPOSIT_FROM.key]
    if not least:
        return Decimal(0)
    valuable = sum((line.amount for line in pieces if line.unit_price >= least), Decimal(0))
    return yuan(valuable * values[rules.DEPOSIT_PERCENT.key] / _HUNDRED)


def promise(ends_at: datetime, values: Mapping[str, Any]) -> datetime:
    """The end of the work and the reserve before a customer is told a time (EST-13)."""
    return ends_at + timedelta(minutes=values[rules.PROMISE_RESERVE.key])


def discount_at(dealer: Dealer, starts_at: datetime | None, channel: str) -> int:
    """The labour discount of a start in percent: of its band for the channel, else of the band itself."""
    if starts_at is None:
        return 0
    local = starts_at.astimezone(CHINA)
    clock = local.time()
    rows = BookingBand.objects.filter(
        dealer=dealer, is_peak=False, starts_at__lte=clock, ends_at__gt=clock
    ).prefetch_related("discounts")
    bands = [band for band in rows if band.weekday in {None, local.weekday()}]
    best = min(bands, key=lambda band: (-band.discount_percent, band.pk), default=None)
    if best is None:
        return 0
    own = [row.discount_percent for row in best.discounts.all() if row.channel == channel]
    return own[0] if own else best.discount_percent
