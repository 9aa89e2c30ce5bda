"""Owners say what they want to hear and how. Refusals and consents carry the proof; only owners lift their own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time

from django.utils.translation import gettext as _

from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import Channel, Consent, OptOut
from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.contacts.queries import preference_of
from huichang.domains.owners.models import OwnerBinding
from huichang.domains.owners.permissions import P
from huichang.domains.owners.wishes import Group, is_wider, wishes_of
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.sensitive import mask
from huichang.kernel.worktime import CHINA

_RIGHTS = (ContactsP.OPT_OUT, ContactsP.LIFT_OPT_OUT, ContactsP.CONSENT, ContactsP.RECORD_CALL)


def _as_customer(actor: Actor) -> Actor:
    """The owner is the customer: what staff may write down for customers they may say themselves, here only."""
    return actor.holding(*_RIGHTS)


def _proof(binding: OwnerBinding, now: datetime) -> str:
    """Who said it, where and when: the proof kept with a consent or a lifted refusal."""
    account, at = binding.account, f"{now.astimezone(CHINA):%Y-%m-%d %H:%M}"
    return _("车主本人在手机上({mobile},{at},说明版本 {notice})").format(
        mobile=mask(account.mobile), at=at, notice=account.notice_version or "-"
    )


@operation(P.CHOOSE)
def choose_messages(*, binding: OwnerBinding, wanted: Collection[str], actor: Actor, now: datetime) -> int:
    """Make the switches as the owner set them: `wanted` holds `<group>.<channel>` of those that are on.

    A switch that a wider refusal covers stays as it is. Returns how many switches changed.
    """
    changed = 0
    for group in wishes_of(binding).groups:
        ways = [way for way in group.ways if way is not None and way.is_open]
        turned = [way for way in ways if (f"{group.code}.{way.channel}" in wanted) is not way.is_on]
        if turned:
            on = {way.channel for way in ways if f"{group.code}.{way.channel}" in wanted}
            _refuse(binding, group, {way.channel for way in ways} - on, is_all=not on, actor=actor, now=now)
            _agree(binding, group, on, actor=actor, now=now)
        changed += len(turned)
    return changed


def _refuse(
    binding: OwnerBinding, group: Group, off: Collection[str], *, is_all: bool, actor: Actor, now: datetime
) -> None:
    """Keep exactly these refusals of the group. When no way is left it is one of all, which also ends the reasons."""
    by, wanted = _as_customer(actor), {Channel.ALL} if is_all else set(off)
    car = binding.car if group.car_id else None
    own = OptOut.objects.filter(customer=binding.customer_id, purpose=group.code, car=car, lifted_at=None)
    for row in own:
        if row.channel not in wanted:
            contacts.lift_opt_out(refusal=row, how=_proof(binding, now), actor=by, now=now)
    for channel in wanted:
        contacts.opt_out(
            customer=binding.customer, purpose=group.code, channel=channel, actor=by, now=now,
            car=car, reason=_proof(binding, now),
        )  # fmt: skip


def _agree(binding: OwnerBinding, group: Group, on: Collection[str], *, actor: Actor, now: datetime) -> None:
    """Where a consent is needed: give it for the ways that are on, take it back for the others."""
    by, proof = _as_customer(actor), _proof(binding, now)
    for way in group.ways:
        if way is None or not way.is_open or not way.needs_consent:
            continue
        if way.channel in on:
            contacts.give_consent(
                customer=binding.customer,
                purpose=group.code,
                channel=way.channel,
                proof=proof,
                actor=by,
                now=now,
            )
            continue
        standing = Consent.objects.filter(
            customer=binding.customer_id, purpose=group.code, channel=way.channel, withdrawn_at=None
        )
        for consent in standing:
            contacts.withdraw_consent(consent=consent, how=proof, actor=by, now=now)


@operation(P.CHOOSE)
def refuse_all(*, binding: OwnerBinding, actor: Actor, now: datetime) -> None:
    """No reminder, greeting or offer of the store any more, by no channel, for no car."""
    contacts.opt_out(
        customer=binding.customer, reason=_proof(binding, now), actor=_as_customer(actor), now=now
    )


@operation(P.CHOOSE)
def resume(*, binding: OwnerBinding, refusal_id: int, actor: Actor, now: datetime) -> None:
    """Lift one of the owner's own wider refusals. Raises OperationRefused when there is none such."""
    rows = OptOut.objects.filter(customer=binding.customer_id, lifted_at=None, pk=refusal_id)
    row = next((one for one in rows if one.car_id in {None, binding.car_id} and is_wider(one, binding)), None)
    if row is None:
        raise OperationRefused(_("已经恢复了。"))
    contacts.lift_opt_out(refusal=row, how=_proof(binding, now), actor=_as_customer(actor), now=now)


@operation(P.CHOOSE)
def set_quiet(
    *, binding: OwnerBinding, avoid_from: time | None, avoid_until: time | None, actor: Actor
) -> None:
    """When the owner does not want to be called (CAL-19). Raises OperationRefused for half a period."""
    known = preference_of(binding.customer)
    contacts.set_preference(
        customer=binding.customer, avoid_from=avoid_from, avoid_until=avoid_until,
        channel=known.channel if known else Channel.PHONE, note=known.note if known else "",
        actor=_as_customer(actor),
    )  # fmt: skip
