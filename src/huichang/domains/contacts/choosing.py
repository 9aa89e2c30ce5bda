"""By which channel a message may go now, and if by none, why not. Asked when it is queued and again before it goes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from huichang.domains.contacts import policies, queries
from huichang.domains.contacts.models import (
    Channel,
    ChannelAccount,
    ChannelAddress,
    ChannelRule,
    Consent,
    Message,
    MessageStatus,
    MessageTemplate,
    OptOut,
    Provider,
    Verdict,
)
from huichang.domains.contacts.purposes import Klass, Purpose
from huichang.domains.customers.models import Customer, CustomerPhone, PhoneKind
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.kernel.sensitive import mask
from huichang.kernel.worktime import CHINA, local_date, local_moment

# Of several causes the most telling is kept.
CAUSES = ("opt_out", "no_consent", "forbidden", "no_credit", "no_address", "no_template", "no_account")


@dataclass(frozen=True, slots=True)
class Choice:
    """A way for a message, or the cause why there is none (then `channel` is the first one looked at)."""

    channel: str
    cause: str = ""
    account: ChannelAccount | None = None
    template: MessageTemplate | None = None
    address: str = ""
    is_promotion: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store and the customer allow, read once for all channels of a message."""

    accounts: Sequence[ChannelAccount]
    rules: Sequence[ChannelRule]
    refusals: Sequence[OptOut]
    consents: Sequence[Consent]
    addresses: Sequence[ChannelAddress]
    templates: Sequence[MessageTemplate]


def choose(
    *,
    dealer: Dealer,
    purpose: Purpose,
    customer: Customer | None,
    car_id: int | None,
    template: str,
    language: str,
    channels: Sequence[str] = (),
    skip: Collection[str] = (),
    address: str = "",
) -> Choice:
    """The first channel of the purpose's chain (or of `channels`) that may carry it.

    `address` given: a message to somebody who is no customer (a code to a new mobile, mail to staff).
    """
    facts = _facts(dealer, customer, template)
    tried = [
        _way(channel, facts, purpose, customer, car_id, language, address)
        for channel in channels or purpose.chain
        if channel not in skip
    ]
    if not tried:
        return Choice((channels or purpose.chain)[-1], "no_address")
    free = next((choice for choice in tried if not choice.cause), None)
    return free or min(tried, key=lambda choice: CAUSES.index(choice.cause))


def _facts(dealer: Dealer, customer: Customer | None, template: str) -> Facts:
    return Facts(
        accounts=list(ChannelAccount.objects.filter(is_active=True).order_by("position", "pk")),
        rules=rules_of(dealer),
        refusals=queries.standing_opt_outs([customer.pk]) if customer else (),
        consents=list(Consent.objects.filter(customer=customer, withdrawn_at=None)) if customer else (),
        addresses=list(
            ChannelAddress.objects.filter(customer=customer, invalid_since=None).order_by("-verified_at")
        )
        if customer
        else (),
        templates=templates_named(dealer, template),
    )


def _way(
    channel: str,
    facts: Facts,
    purpose: Purpose,
    customer: Customer | None,
    car_id: int | None,
    language: str,
    address: str,
) -> Choice:
    letter = channel == Channel.LETTER
    account = next((one for one in facts.accounts if one.channel == channel), None)
    if account is None and not letter:
        return Choice(channel, "no_account")
    verdict = verdict_on(facts.rules, Provider.PRINT if account is None else account.provider, purpose)
    is_promotion = verdict == Verdict.PROMOTION or purpose.klass is Klass.MARKETING
    template = pick_template(facts.templates, channel, language)
    found = address or _address(channel, facts.addresses, customer)
    if verdict == Verdict.FORBID:
        cause = "forbidden"
    elif template is None:
        cause = "no_template"
    elif not found:
        cause = "no_address"
    elif is_refused(facts.refusals, purpose, channel, car_id):
        cause = "opt_out"
    elif is_promotion and not is_agreed(facts.consents, purpose, channel, car_id):
        cause = "no_consent"
    elif channel == Channel.MINI and not _has_credit(facts.addresses, found):
        cause = "no_credit"
    else:
        cause = ""
    return Choice(channel, cause, account, template, found, is_promotion)


def rules_of(dealer: Dealer) -> list[ChannelRule]:
    """What providers allow at a store: its own rows before the network's; one query."""
    rows = ChannelRule.objects.filter(Q(dealer=dealer) | Q(dealer=None))
    nearest = {
        (row.provider, row.purpose): row for row in rows.order_by(F("dealer").asc(nulls_first=True), "pk")
    }
    return list(nearest.values())


def verdict_on(rules: Iterable[ChannelRule], provider: str, purpose: Purpose) -> str:
    """What a provider does with a purpose: the rule of the purpose, else of its class, else it may go."""
    found = {row.purpose: row.verdict for row in rules if row.provider == provider}
    return found.get(purpose.code) or found.get(purpose.klass.value) or Verdict.ALLOW


def templates_named(dealer: Dealer, name: str) -> list[MessageTemplate]:
    """Every version of a template that reaches a store, the one that stands first."""
    rows = MessageTemplate.objects.filter(Q(dealer=dealer) | Q(dealer=None), name=name)
    return list(rows.order_by(F("dealer").desc(nulls_last=True), "-version"))


def pick_template(rows: Iterable[MessageTemplate], channel: str, language: str) -> MessageTemplate | None:
    """The standing template of a channel in a language; Chinese when the language has none."""
    of_channel = [row for row in rows if row.channel == channel]
    spoken = [row for row in of_channel if row.language == language]
    return next(iter(spoken or of_channel), None)


def is_refused(refusals: Iterable[OptOut], purpose: Purpose, channel: str, car_id: int | None) -> bool:
    """Whether a standing refusal stops this purpose over this channel (the mini-program is WeChat, too)."""
    ways = {Channel.ALL, channel} | ({Channel.WECHAT} if channel == Channel.MINI else set())
    return any(
        row.purpose in purpose.refusals and row.channel in ways and row.car_id in {None, car_id}
        for row in refusals
    )


def is_agreed(consents: Iterable[Consent], purpose: Purpose, channel: str, car_id: int | None) -> bool:
    """Whether the customer agreed to this purpose over this channel."""
    return any(
        row.purpose in {"all", purpose.code, purpose.group}
        and row.channel in {Channel.ALL, channel}
        and row.car_id in {None, car_id}
        for row in consents
    )


def _address(channel: str, addresses: Iterable[ChannelAddress], customer: Customer | None) -> str:
    if customer is None:
        return ""
    known = next((row.address for row in addresses if row.channel == channel), "")
    if known:
        return known
    if channel == Channel.SMS:
        return mobile_of(customer)
    if channel == Channel.EMAIL:
        return customer.email
    return customer.address if channel == Channel.LETTER else ""


def mobile_of(customer: Customer) -> str:
    """The mobile to write to: the primary one first, never a wrong one; '' when there is none."""
    rows = CustomerPhone.objects.filter(customer=customer, kind=PhoneKind.MOBILE, is_wrong=False)
    row = rows.order_by("-is_primary", "pk").first()
    return row.number if row else ""


def _has_credit(addresses: Iterable[ChannelAddress], address: str) -> bool:
    return any(row.channel == Channel.MINI and row.address == address and row.credits for row in addresses)


def hint(channel: str, address: str) -> str:
    """What lists show of an address: `138****5678`, `z***@example.com`, `oAbc…wxyz`."""
    if channel == Channel.EMAIL:
        name, _at, host = address.partition("@")
        return f"{name[:1]}***@{host}"
    if channel in {Channel.WECHAT, Channel.MINI}:
        return f"{address[:4]}…{address[-4:]}"
    return address[:6] + "…" if channel == Channel.LETTER else mask(address)


# Time and pressure.


def morning(purpose: Purpose, dealer: Dealer, now: datetime) -> datetime:
    """`now`, or the hour at which a message that must not disturb may go."""
    if not purpose.keeps_quiet:
        return now
    declared = (policies.MESSAGES_FROM, policies.MESSAGES_UNTIL)
    found = values_in_force(declared, dealer, local_date(now))
    first, last = (found[policy.key] for policy in declared)
    clock, day = now.astimezone(CHINA).time(), local_date(now)
    if clock < first:
        return local_moment(day, first)
    return now if clock < last else local_moment(day + timedelta(days=1), first)


def is_pressed(
    purpose: Purpose, customer: Customer | None, dealer: Dealer, now: datetime, *, with_waiting: bool
) -> bool:
    """Whether the contact cap is reached for a purpose. Waiting messages of the same or higher rank count too."""
    if not purpose.counts or customer is None:
        return False
    room = room_left(customer, dealer, now)
    if with_waiting:
        room -= Message.objects.filter(
            customer=customer, status=MessageStatus.WAITING, counts=True, priority__lte=purpose.priority
        ).count()
    return room <= 0


def room_left(customer: Customer, dealer: Dealer, now: datetime) -> int:
    """How many more contacts the cap leaves a customer, waiting messages not counted."""
    rules = queries.rules_of(dealer, now)
    return rules.contacts - queries.pressure_of(customer, rules, now).count
