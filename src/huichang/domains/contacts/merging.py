"""How two records of one customer like to be spoken to: `settings.CUSTOMER_MERGE_RULES`.

Refusals need no rule: all of both stand, so the stricter holds.
"""

from __future__ import annotations

from huichang.domains.contacts.models import Channel, ContactPreference
from huichang.domains.customers.merging import Merging


def join_preferences(merging: Merging) -> None:
    """One preference a customer: the hours of the kept record, else the other's; what differs stands in the note."""
    own = ContactPreference.objects.filter(customer=merging.kept).first()
    other = ContactPreference.objects.filter(customer=merging.dropped).first()
    if own is None or other is None:
        return
    notes = [own.note, other.note]
    hours = (other.avoid_from, other.avoid_until)
    if own.avoid_from is None:
        own.avoid_from, own.avoid_until = hours
    elif other.avoid_from and other.avoid_until and hours != (own.avoid_from, own.avoid_until):
        notes.append(f"{other.avoid_from:%H:%M}–{other.avoid_until:%H:%M} ✕")
    if own.channel == Channel.PHONE:
        own.channel = other.channel
    own.note = "; ".join(dict.fromkeys(note for note in notes if note))[:120]
    own.save()
    other.delete()
