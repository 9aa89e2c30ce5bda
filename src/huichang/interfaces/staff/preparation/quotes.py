"""What the booking panel says of money and parts before anything is promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huichang.domains.appointments import queries
from huichang.domains.appointments.queries import Quote
from huichang.domains.customers.models import Car
from huichang.domains.parts import queries as parts
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.worktime import local_date


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part of the visit: whether it can be there on the day."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class PanelQuote:
    """The estimate of a visit with its parts."""

    quote: Quote
    parts: tuple[PartLine, ...]


def quote_of(
    request: StaffRequest, car: Car, labour_ids: Sequence[int], starts_at: datetime | None, channel: str
) -> PanelQuote | None:
    """The estimate and the state of its parts for a start; None while no job is chosen. Ten queries at most."""
    if not labour_ids:
        return None
    quote = queries.estimate(
        dealer=request.dealer,
        labour_ids=labour_ids,
        car=car,
        starts_at=starts_at,
        channel=channel,
        now=request.now,
    )
    today = local_date(request.now)
    need = local_date(starts_at) if starts_at else today
    found = parts.availability(request.dealer, quote.parts, need, today=today) if quote.parts else []
    return PanelQuote(quote, tuple(_line(one) for one in found))


def _line(one: parts.Availability) -> PartLine:
    name = one.part.name
    if one.free >= one.quantity:
        return PartLine("ok", _("{part} 有货").format(part=name))
    if one.ready_date is None:
        return PartLine("bad", _("{part} 没有货,也不再采购").format(part=name))
    day = f"{one.ready_date:%m-%d}"
    if one.is_in_time:
        return PartLine("warn", _("{part} 要订货,{day} 能用").format(part=name, day=day))
    return PartLine("bad", _("{part} 要订货,{day} 才能用,赶不上").format(part=name, day=day))
