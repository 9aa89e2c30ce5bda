"""What owners type, made clean."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huichang.domains.customers import identifiers
from huichang.domains.owners.queries import VIN_TAIL
from huichang.kernel.operations import OperationRefused


def clean_mobile(text: str) -> str:
    """Eleven digits. Raises OperationRefused (field `mobile`)."""
    digits, kind, wrong = identifiers.phone(text)
    if wrong is not None or kind != identifiers.MOBILE:
        raise OperationRefused(wrong.message if wrong else _("请填写手机号"), field="mobile")
    return digits


def clean_vin_tail(text: str) -> str:
    """The last eight places of what was typed. Raises OperationRefused (field `vin`)."""
    tail = identifiers.plain(text).upper()[-VIN_TAIL:]
    if len(tail) != VIN_TAIL or not (tail.isascii() and tail.isalnum()):
        raise OperationRefused(_("请填写车架号(VIN)的后 8 位,在行驶证上"), field="vin")
    return tail
