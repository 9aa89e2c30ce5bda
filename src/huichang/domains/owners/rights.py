"""What people may do with a car on their phone. An owner may everything here; a driver the owner invited may less."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from huichang.domains.owners.permissions import P


class Right(models.TextChoices):
    OWNER = "owner", _("车主")
    DRIVER = "driver", _("家人")


# Bookings are written as text: they belong to domains above this one. A rule test checks that each exists.
_BOOKING = ("appointments.book", "appointments.change_own")

PERMISSIONS: dict[str, frozenset[str]] = {
    Right.OWNER: frozenset(
        {P.USE.value, P.SEE_FILE.value, P.SHARE.value, P.CHOOSE.value, P.ASK.value, *_BOOKING}
    ),
    Right.DRIVER: frozenset({P.USE.value, *_BOOKING}),
}
