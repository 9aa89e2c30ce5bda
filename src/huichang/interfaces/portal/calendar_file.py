"""A booking as a calendar file (RFC 5545), for the phone's own calendar."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from huichang.domains.appointments.models import PROMISED, Booking
from huichang.ui import formats

_ENDS_LINES = ("Cc", "Zl", "Zp")  # control characters and separators that some reader takes for a new line
OCTETS = 73  # of a line; longer ones are folded (section 3.1)


def calendar_file(booking: Booking, *, address: str, now: datetime) -> bytes:
    """One event from the arrival to the end of the work, with a reminder an hour before; cancelled ones say so."""
    dealer = booking.dealer
    items = "、".join(item.labour.name for item in booking.items.all())
    title = _("{store}:{plate} {items}").format(
        store=dealer.name, plate=formats.plate(booking.car.plate), items=items
    )
    status = "CONFIRMED" if booking.status in PROMISED else "CANCELLED"
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Huichang//Huichang//ZH", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "BEGIN:VEVENT", f"UID:{booking.number}.{booking.dealer_id}@huichang", f"DTSTAMP:{_utc(now)}",
        f"SEQUENCE:{booking.times_moved}", f"DTSTART:{_utc(booking.arrive_at)}", f"DTEND:{_utc(booking.ends_at)}",
        f"SUMMARY:{_text(title)}", f"LOCATION:{_text(' '.join(filter(None, (dealer.name, dealer.address))))}",
        f"DESCRIPTION:{_text(_('预约号 {number}').format(number=booking.number))}", f"URL:{address}",
        f"STATUS:{status}", "BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{_text(title)}", "TRIGGER:-PT1H", "END:VALARM",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A text with what the format uses itself escaped (section 3.3.11); it never begins a line of its own."""
    for plain in ("\\", ";", ","):
        text = text.replace(plain, f"\\{plain}")
    kept = text.replace("\r\n", "\n").replace("\n", "\\n")
    return "".join(" " if unicodedata.category(one) in _ENDS_LINES else one for one in kept)


def _folded(line: str) -> str:
    """A line of at most 75 octets, longer ones on several lines; characters stay whole."""
    found, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > OCTETS:
            found, size = f"{found}\r\n ", 1
        found, size = found + character, size + octets
    return found
