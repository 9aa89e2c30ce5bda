"""Money is `numeric` with two decimals, in yuan; never a float."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from django.db import models

CENT = Decimal("0.01")

# Django's fields take type parameters only in the stubs.
if TYPE_CHECKING:
    DecimalField = models.DecimalField[Any, Any]
else:
    DecimalField = models.DecimalField


def yuan(value: Decimal | int | str) -> Decimal:
    """`value` rounded half up to the cent. Raises decimal.InvalidOperation for text that is no number."""
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


class MoneyField(DecimalField):
    """Yuan, up to 9,999,999,999.99."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 12)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)
