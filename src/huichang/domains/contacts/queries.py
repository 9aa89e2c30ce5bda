"""May this customer be called now, about what; what was said before; what to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huichang.domains.contacts import policies
from huichang.domains.contacts.models import (
    Call,
    CallScript,
    Channel,
    ContactPreference,
    Direction,
    Message,
    MessageStatus,
    OptOut,
    OutcomeCode,
)
from huichang.domains.contacts.scripts import ANY, GREETING
from huichang.domains.customers.models import Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import values_in_force
from huichang.kernel.worktime import CHINA, local_date

RULES = (
    policies.PRESSURE_CONTACTS, policies.PRESSURE_DAYS, policies.QUIET_FROM, policies.QUIET_UNTIL,
    policies.LUNCH_FROM, policies.LUNCH_UNTIL, policies.KEEPS_LUNCH,
)  # fmt: skip

# Messages that the customer has, or may have.
GONE = (MessageStatus.SENDING, MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ)


@dataclass(frozen=True, slots=True)
class Rules:
    """The store's numbers for contacting people, in force on a day."""

    contacts: int
    days: int
    quiet: tuple[time, time]
    lunch: tuple[time, time] | None

    def since(self, now: datetime) -> datetime:
        """From when contacts count against the cap."""
        return now - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Pressure:
    """How often a customer was contacted within `days`, all purposes together, against the cap."""

    count: int
    cap: int
    days: int

    @property
    def is_reached(self) -> bool:
        return self.count >= self.cap


def rules_of(dealer: Dealer, now: datetime) -> Rules:
    """The store's rules; one query."""
    found = values_in_force(RULES, dealer, local_date(now))
    value = {key.removeprefix("contacts."): one for key, one in found.items()}
    lunch = (value["lunch_from"], value["lunch_until"]) if value["keeps_lunch"] else None
    return Rules(
        contacts=value["pressure_contacts"], days=value["pressure_days"],
        quiet=(value["quiet_from"], value["quiet_until"]), lunch=lunch,
    )  # fmt: skip


def contact_count(since: datetime, customer: str = "customer_id") -> Combinable:
    """An expression that counts the contacts of the row's customer since a moment (calls and messages)."""
    calls = _counted(
        Call.objects.filter(
            customer_id=OuterRef(customer), direction=Direction.OUT, started_at__gte=since,
            outcome__is_contact=True,
        )
    )  # fmt: skip
    messages = _counted(
        Message.objects.filter(
            customer_id=OuterRef(customer), status__in=GONE, counts=True, created_at__gte=since
        )
    )
    return Coalesce(calls, 0) + Coalesce(messages, 0)


def _counted(rows: QuerySet[Any]) -> Subquery:
    counted = rows.order_by().values("customer_id").annotate(number=Count("pk")).values("number")
    return Subquery(counted, output_field=IntegerField())


def pressure_of(customer: Customer, rules: Rules, now: datetime) -> Pressure:
    """The contacts of a customer within the store's window; one query."""
    counted: int = (
        Customer.objects.filter(pk=customer.pk)
        .annotate(contacts=contact_count(rules.since(now), "pk"))
        .values_list("contacts", flat=True)
        .get()
    )
    return Pressure(counted, rules.contacts, rules.days)


def why_quiet(rules: Rules, now: datetime, preference: ContactPreference | None = None) -> str:
    """Why a customer should not be called at this moment; empty when nothing speaks against it (CAL-19)."""
    clock = now.astimezone(CHINA).time()
    if _within(clock, rules.quiet):
        return _("{start}–{end} 不打扰客户").format(
            start=f"{rules.quiet[0]:%H:%M}", end=f"{rules.quiet[1]:%H:%M}"
        )
    if preference and preference.avoid_from and preference.avoid_until:
        wish = (preference.avoid_from, preference.avoid_until)
        if _within(clock, wish):
            return _("客户请我们 {start}–{end} 不要致电").format(
                start=f"{wish[0]:%H:%M}", end=f"{wish[1]:%H:%M}"
            )
    if rules.lunch and _within(clock, rules.lunch):
        return _("{start}–{end} 午休").format(start=f"{rules.lunch[0]:%H:%M}", end=f"{rules.lunch[1]:%H:%M}")
    return ""


def _within(clock: time, period: tuple[time, time]) -> bool:
    start, end = period
    if start <= end:
        return start <= clock < end
    return clock >= start or clock < end


def standing_opt_outs(customers: Iterable[int]) -> list[OptOut]:
    """The refusals in force of these customers, oldest first; one query."""
    return list(
        OptOut.objects.filter(customer_id__in=list(customers), lifted_at=None)
        .select_related("car", "recorded_by")
        .order_by("recorded_at", "pk")
    )


def is_allowed(
    opt_outs: Iterable[OptOut], *, purpose: str, channel: str = Channel.PHONE, car_id: int | None = None
) -> bool:
    """Whether none of these refusals forbids this purpose over this channel about this car."""
    return not any(
        refusal.purpose in {"all", purpose}
        and refusal.channel in {Channel.ALL, channel}
        and refusal.car_id in {None, car_id}
        for refusal in opt_outs
    )


def outcome_codes(dealer: Dealer, *, only_active: bool = True) -> list[OutcomeCode]:
    """The store's codes: its own row stands before the network's of the same code; one query."""
    rows = OutcomeCode.objects.filter(Q(dealer=dealer) | Q(dealer=None)).order_by(
        F("dealer").asc(nulls_first=True)
    )
    by_code = {row.code: row for row in rows}
    found = [row for row in by_code.values() if row.is_active or not only_active]
    return sorted(found, key=lambda row: (row.position, row.code))


def outcome_labels() -> dict[str, str]:
    """The label of every outcome code in the active language: the network's, else a store's own; one query."""
    chinese = (get_language() or "zh").lower().startswith("zh")
    rows = OutcomeCode.objects.order_by(F("dealer").desc(nulls_last=True), "pk")
    return {row.code: row.label if chinese else row.label_en or row.label for row in rows}


def scripts_of(dealer: Dealer, language: str) -> Mapping[tuple[str, bool], CallScript]:
    """The store's scripts in a language by (kind, is_apology); its own row stands before the network's."""
    rows = CallScript.objects.filter(Q(dealer=dealer) | Q(dealer=None), language=language)
    return {(row.kind, row.is_apology): row for row in rows.order_by(F("dealer").asc(nulls_first=True))}


def script_text(
    scripts: Mapping[tuple[str, bool], CallScript], kind: str, *, apology: bool, words: Mapping[str, str]
) -> str:
    """What to say about `kind`. While a complaint is open (`apology`) only an apology is ever given.

    The greeting and the closing (CAL-20) are kinds too; a greeting apologises for nothing.
    """
    if kind == GREETING:
        apology = False
    script = scripts.get((kind, apology)) or scripts.get((ANY, apology))
    return fill(script.text, words) if script else ""


def fill(text: str, words: Mapping[str, str]) -> str:
    """A script with its placeholders filled; an unknown one stays as it is."""
    for name, value in words.items():
        text = text.replace("{" + name + "}", value)
    return text


def calls_of(customer: Customer, *, limit: int = 8) -> list[Call]:
    """The latest calls with a customer, newest first; two queries."""
    return list(
        Call.objects.filter(customer=customer)
        .select_related("outcome", "agent", "car")
        .prefetch_related("results__outcome")
        .order_by("-started_at", "-pk")[:limit]
    )


def preference_of(customer: Customer) -> ContactPreference | None:
    return ContactPreference.objects.filter(customer=customer).first()


def language_of(customer: Customer) -> str:
    """What messages speak to a customer: what they chose, else Chinese."""
    rows = ContactPreference.objects.filter(customer=customer)
    return rows.values_list("language", flat=True).first() or settings.LANGUAGE_CODE


def messages_of(customer: Customer, *, limit: int = 50) -> list[Message]:
    """The latest messages to a customer, newest first; one query."""
    rows = Message.objects.filter(customer=customer).select_related("car").order_by("-created_at", "-pk")
    return list(rows[:limit])


def message_by_key(key: str) -> Message | None:
    """The message that stands under a key now: the last of its channels. None when nothing was queued."""
    rows = Message.objects.filter(Q(key=key) | Q(key__startswith=f"{key}>"))
    return rows.order_by("-pk").first()
