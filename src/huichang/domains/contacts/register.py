"""The call register (CAL-16): search, pages, and what a period's calls came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from huichang.domains.contacts.models import Call, CallResult, Direction, NextStep


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for in the register; empty fields do not narrow. `end` is exclusive.

    `customer_ids` None means anybody; `number` is compared digit by digit.
    """

    start: datetime | None = None
    end: datetime | None = None
    direction: str = ""
    agent_id: int | None = None
    outcome: str = ""
    number: str = ""
    customer_ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the register to continue after: `2026-11-21T09:42:00+08:00~17`."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.pk}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """The place of a page address; None for what is not one."""
        moment, _, pk = text.partition("~")
        try:
            at = datetime.fromisoformat(moment.replace(" ", "+"))
            return cls(at, int(pk)) if at.tzinfo else None
        except ValueError:
            return None


def calls(search: Search, *, after: Place | None = None, size: int = 50) -> list[Call]:
    """One page of the register, newest first, and one row more when there is more; two queries."""
    rows = _found(search)
    if after:
        rows = rows.filter(Q(started_at__lt=after.at) | Q(started_at=after.at, pk__lt=after.pk))
    return list(
        rows.select_related("customer", "car", "agent", "outcome")
        .prefetch_related("results__outcome")
        .order_by("-started_at", "-pk")[: size + 1]
    )


def _found(search: Search) -> QuerySet[Call]:
    rows = Call.objects.all()
    if search.start:
        rows = rows.filter(started_at__gte=search.start)
    if search.end:
        rows = rows.filter(started_at__lt=search.end)
    if search.direction:
        rows = rows.filter(direction=search.direction)
    if search.agent_id:
        rows = rows.filter(agent_id=search.agent_id)
    if search.outcome:
        rows = rows.filter(outcome__code=search.outcome)
    if search.customer_ids is not None or search.number:
        who = Q(customer_id__in=list(search.customer_ids or ()))
        rows = rows.filter(who | Q(number=search.number) if search.number else who)
    return rows


@dataclass(frozen=True, slots=True)
class Figures:
    """What a period's calls out came to, for an agent or a kind. `conversion` is the share of conversations booked."""

    key: str
    calls: int
    contacts: int
    bookings: int
    refusals: int
    inbound: int = 0

    @property
    def conversion(self) -> float:
        return self.bookings / self.contacts if self.contacts else 0.0


def figures_by_agent(start: datetime, end: datetime) -> list[Figures]:
    """Calls of each agent from `start` to `end` (exclusive), the busiest first; one query."""
    rows = (
        Call.objects.filter(started_at__gte=start, started_at__lt=end)
        .values("agent__name")
        .annotate(
            calls=Count("pk", filter=Q(direction=Direction.OUT)),
            inbound=Count("pk", filter=Q(direction=Direction.IN)),
            contacts=Count("pk", filter=Q(outcome__is_contact=True)),
            bookings=Count("pk", filter=Q(outcome__next_step=NextStep.BOOK)),
            refusals=Count("pk", filter=Q(outcome__is_refusal=True)),
        )
        .order_by("-calls", "agent__name")
    )
    return [
        Figures(
            row["agent__name"] or "—", row["calls"], row["contacts"], row["bookings"], row["refusals"],
            row["inbound"],
        )
        for row in rows
    ]  # fmt: skip


def figures_by_kind(start: datetime, end: datetime) -> list[Figures]:
    """Results of each reminder kind from `start` to `end` (exclusive), the most talked about first; one query."""
    rows = (
        CallResult.objects.filter(call__started_at__gte=start, call__started_at__lt=end)
        .values("kind")
        .annotate(
            calls=Count("pk"),
            contacts=Count("pk", filter=Q(outcome__is_contact=True)),
            bookings=Count("pk", filter=Q(outcome__next_step=NextStep.BOOK)),
            refusals=Count("pk", filter=Q(outcome__is_refusal=True)),
        )
        .order_by("-calls", "kind")
    )
    return [
        Figures(row["kind"], row["calls"], row["contacts"], row["bookings"], row["refusals"]) for row in rows
    ]
