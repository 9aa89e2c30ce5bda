"""Links of messages that open the booking of a car with its reason known (REM-23). Signed, and they end.

A link tells nothing by itself: whoever opens it signs in first, and sees the car only when it is theirs. The
signature keeps people from trying numbers.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from huichang.domains.contacts.models import Message
from huichang.domains.contacts.purposes import Klass, purpose_of
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.owners import policies
from huichang.kernel.worktime import local_date

PATH = "/m/b/"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(
    r"([0-9a-z]{1,13})\.([0-9a-z]{1,13})\.([a-z])([0-9a-z_]{0,32})\.([0-9a-z]{1,8})\.([A-Za-z0-9_-]{16})"
)

_OF_BOOKING = re.compile(r"booking:([0-9]{1,18}):")  # the key under which a booking's messages are queued

# What a link is about, and the letter that says so in it.
SUBJECTS = {"any": "a", "kind": "k", "booking": "b", "waiting": "w"}
_NAMES = {letter: name for name, letter in SUBJECTS.items()}


@dataclass(frozen=True, slots=True)
class Link:
    """What a genuine link that has not ended says.

    `subject` is a key of `SUBJECTS`; `value` names it: a kind of reminder, the id of a booking or of a waiting entry.
    """

    dealer_id: int
    car_id: int
    subject: str
    value: str
    expires_at: datetime


def make(*, dealer_id: int, car_id: int, expires_at: datetime, subject: str = "any", value: str = "") -> str:
    """The token of a link, some 30 characters. Raises ValueError for a value that a link cannot carry."""
    hours = int(expires_at.timestamp()) // 3600 + 1
    body = ".".join((_small(dealer_id), _small(car_id), SUBJECTS[subject] + value, _small(hours)))
    token = f"{body}.{_signature(body)}"
    if _FORM.fullmatch(token) is None:
        raise ValueError(f"no link can carry {value!r}")
    return token


def read(token: str, now: datetime) -> Link | None:
    """The link behind a token; None when it is no such token, was altered, or is over."""
    form = _FORM.fullmatch(token)
    if form is None:
        return None
    body, _dot, given = token.rpartition(".")
    if not hmac.compare_digest(given, _signature(body)) or form.group(3) not in _NAMES:
        return None
    expires_at = datetime.fromtimestamp(int(form.group(5), 36) * 3600, tz=now.tzinfo)
    if expires_at <= now:
        return None
    return Link(
        int(form.group(1), 36), int(form.group(2), 36), _NAMES[form.group(3)], form.group(4), expires_at
    )


def booking_link(*, dealer: Dealer, car_id: int, now: datetime, subject: str = "any", value: str = "") -> str:
    """The whole address to put into a message, good for the store's policy of days."""
    expires_at = now + timedelta(days=policy(policies.LINK_DAYS, dealer, local_date(now)))
    return address(
        PATH + make(dealer_id=dealer.pk, car_id=car_id, expires_at=expires_at, subject=subject, value=value)
    )


def of_message(message: Message) -> str:
    """The link of a message: it opens the booking it tells of, or books for the reason it reminds of."""
    if message.car_id is None:
        return address("/m/")
    subject, value = "any", ""
    told = _OF_BOOKING.match(message.key)
    if told is not None:
        subject, value = "booking", told.group(1)
    elif message.purpose == "waiting":
        subject = "waiting"
    elif purpose_of(message.purpose).klass is Klass.REMINDER:
        subject, value = "kind", message.purpose
    return booking_link(
        dealer=message.dealer, car_id=message.car_id, now=message.planned_for, subject=subject, value=value
    )


def address(path: str) -> str:
    """A path of the portal as people outside reach it (`settings.PUBLIC_URL`)."""
    return settings.PUBLIC_URL.rstrip("/") + path


def _signature(body: str) -> str:
    """96 bits of an HMAC: short enough for a message of 70 characters."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"owners.link:" + body.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()


def _small(number: int) -> str:
    """A whole number in base 36."""
    found = ""
    while True:
        number, digit = divmod(number, 36)
        found = _DIGITS[digit] + found
        if not number:
            return found
