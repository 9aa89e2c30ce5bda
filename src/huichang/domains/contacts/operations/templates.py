"""Templates and channel rules are data: the network's rows, and a store's own beside or instead of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.contacts.models import ChannelRule, MessageTemplate, Provider, Verdict
from huichang.domains.contacts.permissions import P
from huichang.domains.contacts.purposes import RULES
from huichang.domains.contacts.rendering import faults
from huichang.domains.contacts.texts import seeds
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation


@operation(P.EDIT_TEMPLATES)
def seed_messages(*, actor: Actor) -> int:
    """Give the network the templates and channel rules it lacks; what exists is left as people made it. Rows added."""
    told = set(MessageTemplate.objects.filter(dealer=None).values_list("name", "channel", "language"))
    templates = [
        MessageTemplate(
            dealer=None, name=seed.name, channel=seed.channel, language=seed.language, subject=seed.subject,
            body=seed.body, fields=dict(seed.fields),
        )
        for seed in seeds()
        if (seed.name, seed.channel, seed.language) not in told
    ]  # fmt: skip
    ruled = set(ChannelRule.objects.filter(dealer=None).values_list("provider", "purpose"))
    rules = [
        ChannelRule(
            dealer=None,
            provider=seed.provider,
            purpose=seed.purpose,
            verdict=seed.verdict,
            reason=seed.reason,
        )
        for seed in RULES
        if (seed.provider, seed.purpose) not in ruled
    ]
    MessageTemplate.objects.bulk_create(templates)
    ChannelRule.objects.bulk_create(rules)
    return len(templates) + len(rules)


@operation(P.EDIT_TEMPLATES)
def save_template(
    *,
    dealer: Dealer,
    name: str,
    channel: str,
    language: str,
    subject: str,
    body: str,
    actor: Actor,
    now: datetime,
    fields: Mapping[str, str] | None = None,
) -> MessageTemplate:
    """Keep a store's text as a new version; what was sent keeps pointing at the version it was sent with.

    Raises OperationRefused with the field at fault: an unknown variable, too long, two variables in a row.
    """
    fields = dict(fields or {})
    found = faults(channel=channel, subject=subject, body=body, fields=fields)
    if found:
        raise OperationRefused(found[0][1], field=found[0][0])
    last = MessageTemplate.objects.filter(dealer=dealer, name=name, channel=channel, language=language)
    version = max(last.values_list("version", flat=True), default=0) + 1
    try:
        with transaction.atomic():
            return MessageTemplate.objects.create(
                dealer=dealer, name=name, channel=channel, language=language, version=version, subject=subject.strip(),
                body=body.strip(), fields=fields, created_at=now, created_by_id=actor.user_id,
            )  # fmt: skip
    except IntegrityError as error:
        raise OperationRefused(_("别人刚刚保存了这个模板,请刷新后再试。")) from error


@operation(P.EDIT_CHANNELS)
def save_rule(
    *, dealer: Dealer, provider: str, purpose: str, verdict: str, actor: Actor, reason: str = ""
) -> ChannelRule:
    """Keep what a provider does with a purpose at this store; the network's row stays for the others."""
    if provider not in Provider.values or verdict not in Verdict.values:
        raise OperationRefused(_("请选择服务商和规定。"), field="verdict")
    row, _created = ChannelRule.objects.update_or_create(
        dealer=dealer,
        provider=provider,
        purpose=purpose,
        defaults={"verdict": verdict, "reason": reason.strip()[:120]},
    )
    return row
