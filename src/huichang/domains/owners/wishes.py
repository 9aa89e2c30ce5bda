"""What an owner wants to hear about and how: per purpose, channel and car, read from refusals and consents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from huichang.domains.contacts import choosing, queries
from huichang.domains.contacts.models import (
    Channel,
    ChannelAccount,
    ChannelRule,
    Consent,
    ContactPreference,
    OptOut,
    Verdict,
)
from huichang.domains.contacts.purposes import PURPOSES, Klass, Purpose
from huichang.domains.owners.models import OwnerBinding

# In the words of owners; `choosing` knows the same groups by their codes.
NAMES = {
    "service": _("保养"), "warranty": _("保修到期"), "insurance": _("保险到期"), "inspection": _("年检到期"),
    "repair": _("建议做、还没做的维修"), "birthday": _("生日和节日问候"), "survey": _("满意度回访"),
    "winback": _("很久没来时的问候和优惠"), "activity": _("服务活动"),
}  # fmt: skip
# The channels a phone offers; the mini-program is WeChat to people.
WAYS = (Channel.PHONE, Channel.SMS, Channel.WECHAT, Channel.EMAIL)
_UNCALLED = ("activity",)


@dataclass(frozen=True, slots=True)
class Way:
    """One channel of a group. `is_open`: the owner can switch it here; else a wider refusal stands before it."""

    channel: str
    is_on: bool
    is_open: bool
    needs_consent: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """What a refusal or a consent names. `car_id` None: it is about the person, whatever the car."""

    code: str
    car_id: int | None
    ways: Sequence[Way | None]  # in the order of the channels that the store offers; None: not for this group

    @property
    def label(self) -> str:
        """Its name in the active language."""
        return gettext(NAMES[self.code])


@dataclass(frozen=True, slots=True)
class Wishes:
    """Everything the page of an owner's wishes shows."""

    channels: Sequence[str]
    groups: Sequence[Group]
    wider: Sequence[OptOut]  # standing refusals that cover more than one switch
    preference: ContactPreference | None

    @property
    def of_car(self) -> list[Group]:
        return [one for one in self.groups if one.car_id is not None]

    @property
    def of_person(self) -> list[Group]:
        return [one for one in self.groups if one.car_id is None]


def wishes_of(binding: OwnerBinding) -> Wishes:
    """The switches of a binding's customer and car, as they stand; a constant number of queries."""
    refusals = [
        one
        for one in queries.standing_opt_outs([binding.customer_id])
        if one.car_id in {None, binding.car_id}
    ]
    providers = _providers(binding)
    facts = _Facts(
        binding, providers, choosing.rules_of(binding.dealer), refusals,
        list(Consent.objects.filter(customer=binding.customer_id, withdrawn_at=None)),
    )  # fmt: skip
    channels = [channel for channel in WAYS if channel in providers]
    groups = [_group(code, channels, facts) for code in NAMES]
    return Wishes(
        channels, [one for one in groups if any(one.ways)], [one for one in refusals if is_wider(one, binding)],
        queries.preference_of(binding.customer),
    )  # fmt: skip


def is_wider(refusal: OptOut, binding: OwnerBinding) -> bool:
    """Whether a refusal covers more than the group and car of one line of switches."""
    return refusal.purpose not in NAMES or refusal.car_id != car_of(refusal.purpose, binding)


def car_of(group: str, binding: OwnerBinding) -> int | None:
    """Which car a group's refusals name: reminders are about a car, greetings and offers about a person."""
    return binding.car_id if all(one.klass is Klass.REMINDER for one in purposes_of(group)) else None


def purposes_of(group: str) -> list[Purpose]:
    return [one for one in PURPOSES.values() if one.group == group]


@dataclass(frozen=True, slots=True)
class _Facts:
    binding: OwnerBinding
    providers: dict[str, str]
    rules: Sequence[ChannelRule]
    refusals: Sequence[OptOut]
    consents: Sequence[Consent]


def _providers(binding: OwnerBinding) -> dict[str, str]:
    """Who carries each channel by which this customer can be reached; the telephone needs nobody."""
    accounts = ChannelAccount.objects.filter(is_active=True).order_by("position", "pk")
    found: dict[str, str] = {Channel.PHONE: ""}
    reached = _reached(binding)
    for account in accounts:
        channel = Channel.WECHAT if account.channel == Channel.MINI else account.channel
        if channel in reached:
            found.setdefault(channel, account.provider)
    return found


def _reached(binding: OwnerBinding) -> Collection[str]:
    customer = binding.customer
    known = customer.channel_addresses.filter(invalid_since=None).values_list("channel", flat=True)
    channels = {Channel.WECHAT if one == Channel.MINI else one for one in known}
    if customer.email:
        channels.add(Channel.EMAIL)
    if Channel.SMS in channels or choosing.mobile_of(customer):
        channels.add(Channel.SMS)
    return channels


def _group(code: str, channels: Iterable[str], facts: _Facts) -> Group:
    car_id = car_of(code, facts.binding)
    return Group(code, car_id, [_way(code, channel, car_id, facts) for channel in channels])


def _way(code: str, channel: str, car_id: int | None, facts: _Facts) -> Way | None:
    """A switch, or None where the group never goes that way."""
    purposes = [one for one in purposes_of(code) if channel == Channel.PHONE or channel in one.chain]
    if not purposes or (channel == Channel.PHONE and code in _UNCALLED):
        return None
    verdicts = {choosing.verdict_on(facts.rules, facts.providers[channel], one) for one in purposes}
    if channel != Channel.PHONE and verdicts == {Verdict.FORBID}:
        return None
    promoted = any(one.klass is Klass.MARKETING for one in purposes) or Verdict.PROMOTION in verdicts
    needs_consent = channel != Channel.PHONE and promoted
    refused = any(choosing.is_refused(facts.refusals, one, channel, car_id) for one in purposes)
    agreed = not needs_consent or all(
        choosing.is_agreed(facts.consents, one, channel, car_id) for one in purposes
    )
    wider = [one for one in facts.refusals if is_wider(one, facts.binding)]
    covered = any(choosing.is_refused(wider, one, channel, facts.binding.car_id) for one in purposes)
    return Way(channel, is_on=agreed and not refused, is_open=not covered, needs_consent=needs_consent)
