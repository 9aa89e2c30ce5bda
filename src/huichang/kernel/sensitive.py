"""Encrypted columns and the blind index that finds them again (PIPL art. 28, 51: see docs/adr/0005)."""

from __future__ import annotations

import functools
import hashlib
import hmac
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

# Django's fields take type parameters only in the stubs.
if TYPE_CHECKING:
    TextField = models.TextField[Any, Any]
else:
    TextField = models.TextField


class EncryptedTextField(TextField):
    """Text encrypted by the first of `settings.FIELD_KEYS`; any of them decrypts, so that keys can rotate."""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(value) if value else ""

    def from_db_value(self, value: str | None, *_: Any) -> str:
        return decrypt(value) if value else ""


@functools.cache
def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_KEYS])


def encrypt(value: str) -> str:
    return _cipher().encrypt(value.encode()).decode()


def decrypt(token: str) -> str:
    """The plain text. Raises cryptography.fernet.InvalidToken when no key fits."""
    return _cipher().decrypt(token.encode()).decode()


def blind_index(value: str) -> str:
    """A keyed digest (64 hex digits) by which an encrypted value is found by equality; '' for ''.

    Keyed by the last field key: rotation puts new keys in front and never changes the digest.
    """
    if not value:
        return ""
    return hmac.new(settings.FIELD_KEYS[-1].encode(), value.encode(), hashlib.sha256).hexdigest()


def mask(value: str, *, head: int = 3, tail: int = 4) -> str:
    """`138****5678`: what a list shows. Short values are hidden whole."""
    if len(value) <= head + tail:
        return "*" * len(value)
    return f"{value[:head]}{'*' * (len(value) - head - tail)}{value[-tail:]}"
