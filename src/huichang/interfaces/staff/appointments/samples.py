"""A row for the pictures and the permission matrix to open."""

from __future__ import annotations

from huichang.domains.appointments.models import Booking, BookingBand, Replan


def booking() -> dict[str, int]:
    return {"pk": Booking.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}


def band() -> dict[str, int]:
    return {"pk": BookingBand.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}


def replan() -> dict[str, int]:
    return {"pk": Replan.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}
