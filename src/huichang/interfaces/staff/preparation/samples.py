"""Rows for the pictures and the permission matrix to open."""

from __future__ import annotations

from huichang.domains.appointments.models import PROMISED, Booking, SlotOffer, Touch, WaitingEntry


def booking() -> dict[str, int]:
    rows = Booking.objects.order_by("-pk").values_list("pk", flat=True)
    return {"pk": rows.filter(status__in=PROMISED, preparation__isnull=False).first() or rows.first() or 0}


def paper() -> dict[str, int | str]:
    return {**booking(), "kind": "work_order"}


def touch() -> dict[str, int]:
    return {"pk": Touch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}


def entry() -> dict[str, int]:
    return {"pk": WaitingEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}


def offer() -> dict[str, int]:
    return {"pk": SlotOffer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}
