"""Who waits for an earlier slot, and what they were offered: the reads."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch

from huichang.domains.appointments.models import OfferStatus, SlotOffer, WaitingEntry, WaitingStatus
from huichang.domains.customers.models import Car
from huichang.domains.dealers.models import Dealer


def waiting_for(dealer: Dealer, day: date) -> list[WaitingEntry]:
    """Who waits for a day and has no open offer, first come first."""
    rows = WaitingEntry.objects.filter(
        dealer=dealer, status=WaitingStatus.WAITING, first_day__lte=day, last_day__gte=day
    ).exclude(offers__status=OfferStatus.OPEN)
    return list(
        rows.select_related("car__vehicle", "customer", "booking", "dealer").order_by("created_at", "pk")
    )


def entries(dealer: Dealer, *, status: str = WaitingStatus.WAITING, limit: int = 200) -> list[WaitingEntry]:
    """The list of a store with each one's offers at hand as `offers.all()`; four queries for any number."""
    offers = Prefetch("offers", SlotOffer.objects.order_by("-offered_at"))
    rows = WaitingEntry.objects.filter(dealer=dealer, status=status).select_related(
        "car__vehicle", "customer", "booking"
    )
    return list(rows.prefetch_related(offers).order_by("created_at", "pk")[:limit])


def open_offer_of(car: Car) -> SlotOffer | None:
    """The slot kept for a car's owner just now, if any."""
    rows = SlotOffer.objects.filter(entry__car=car, status=OfferStatus.OPEN)
    return rows.select_related("entry", "hold").first()
