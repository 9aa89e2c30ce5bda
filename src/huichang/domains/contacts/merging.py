"""How two records of one customer like to be spoken to: `settings.CUSTOMER_MERGE_RULES`.

Refusals need no rule: all of both stand, so the stricter holds.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from huichang.domains.contacts.models import Channel, ChannelAddress, Consent, ContactPreference
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


def join_addresses(merging: Merging) -> None:
    """The same address of a channel is one: with the credits of both, invalid when either was found so."""
    own = {
        (row.channel, row.address_index): row for row in ChannelAddress.objects.filter(customer=merging.kept)
    }
    for other in ChannelAddress.objects.filter(customer=merging.dropped):
        twin = own.get((other.channel, other.address_index))
        if twin is None:
            continue
        twin.credits += other.credits
        if other.invalid_since and not twin.invalid_since:
            twin.invalid_since, twin.invalid_cause = other.invalid_since, other.invalid_cause
        twin.save(update_fields=["credits", "invalid_since", "invalid_cause"])
        other.delete()


def join_consents(merging: Merging) -> None:
    """One person's last word counts: what either withdrew after the other was given is withdrawn for both.

    Where the same consent stands on both, the kept record's goes on; the other stays as proof of what was sent.
    """
    rows = list(Consent.objects.filter(customer__in=(merging.kept, merging.dropped)))
    standing = [row for row in rows if row.withdrawn_at is None]
    for consent in standing:
        revoked = [
            row for row in rows if row.withdrawn_at and _about(row) == _about(consent) and row.withdrawn_at >= consent.given_at
        ]  # fmt: skip
        if revoked:
            last = max(revoked, key=lambda row: row.withdrawn_at or merging.now)
            consent.withdrawn_at, consent.withdrawn_how = last.withdrawn_at, last.withdrawn_how
            consent.save(update_fields=["withdrawn_at", "withdrawn_how"])
    own = {_about(row) for row in standing if row.withdrawn_at is None and row.customer_id == merging.kept.pk}
    for consent in standing:
        if (
            consent.withdrawn_at is None
            and consent.customer_id == merging.dropped.pk
            and _about(consent) in own
        ):
            consent.withdrawn_at = merging.now
            consent.withdrawn_how = _("并入 {number} 的同一项同意").format(number=merging.kept.number)
            consent.save(update_fields=["withdrawn_at", "withdrawn_how"])


def _about(consent: Consent) -> tuple[int | None, str, str]:
    return consent.car_id, consent.purpose, consent.channel
