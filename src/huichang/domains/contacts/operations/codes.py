"""Outcome codes and scripts are data: the network's rows, and a store's own beside or instead of them."""

from __future__ import annotations

import re

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.contacts.codes import CODES
from huichang.domains.contacts.models import CallScript, NextStep, OutcomeCode
from huichang.domains.contacts.permissions import P
from huichang.domains.contacts.scripts import PLACEHOLDERS, seeds
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation


@operation(P.EDIT_CODES)
def seed_codes(*, actor: Actor) -> int:
    """Give the network the codes and scripts it lacks; what exists is left as people made it. Rows added."""
    known = set(OutcomeCode.objects.filter(dealer=None).values_list("code", flat=True))
    codes = [
        OutcomeCode(
            dealer=None, code=seed.code, label=seed.label, label_en=seed.label_en, key=seed.key,
            retry_working_days=seed.retry, is_contact=seed.is_contact, is_refusal=seed.is_refusal,
            closes=seed.closes, next_step=seed.next_step, position=10 * number,
        )
        for number, seed in enumerate(CODES, start=1)
        if seed.code not in known
    ]  # fmt: skip
    told = set(CallScript.objects.filter(dealer=None).values_list("kind", "language", "is_apology"))
    scripts = [
        CallScript(
            dealer=None, kind=seed.kind, language=seed.language, is_apology=seed.is_apology, text=seed.text
        )
        for seed in seeds()
        if (seed.kind, seed.language, seed.is_apology) not in told
    ]
    OutcomeCode.objects.bulk_create(codes)
    CallScript.objects.bulk_create(scripts)
    return len(codes) + len(scripts)


@operation(P.EDIT_CODES)
def save_code(
    *,
    dealer: Dealer,
    code: str,
    label: str,
    label_en: str,
    actor: Actor,
    key: str = "",
    retry_working_days: int | None = None,
    is_contact: bool = True,
    is_refusal: bool = False,
    closes: bool = False,
    next_step: str = NextStep.NONE,
    position: int = 50,
    is_active: bool = True,
) -> OutcomeCode:
    """Add a store's code, or its own version of the network's. Raises OperationRefused with the field at fault.

    The network's rows stay as they are: other stores use them.
    """
    code = code.strip().lower()
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,29}", code):
        raise OperationRefused(_("代码只用小写字母、数字和下划线,以字母开头。"), field="code")
    if closes and next_step in {NextStep.CALL_LATER, NextStep.RETRY, NextStep.SECOND_CALL, NextStep.BOOK}:
        raise OperationRefused(_("结束事由的代码不能再安排致电或预约。"), field="closes")
    if next_step == NextStep.RETRY and not retry_working_days:
        raise OperationRefused(_("隔几天再打需要填写工作日数。"), field="retry_working_days")
    values = {
        "label": label.strip(), "label_en": label_en.strip(), "key": key.strip().lower(), "is_active": is_active,
        "retry_working_days": retry_working_days, "is_contact": is_contact, "is_refusal": is_refusal,
        "closes": closes, "next_step": next_step, "position": position,
    }  # fmt: skip
    row, _created = OutcomeCode.objects.update_or_create(dealer=dealer, code=code, defaults=values)
    return row


@operation(P.EDIT_SCRIPTS)
def save_script(
    *, dealer: Dealer, kind: str, language: str, text: str, actor: Actor, is_apology: bool = False
) -> CallScript:
    """Keep a store's own script. Raises OperationRefused for an unknown placeholder or an empty text."""
    if not text.strip():
        raise OperationRefused(_("话术不能为空。"), field="text")
    unknown = [name for name in re.findall(r"\{(\w*)\}", text) if name not in PLACEHOLDERS]
    if unknown:
        raise OperationRefused(
            _("没有“{name}”这个变量。可用:{names}").format(name=unknown[0], names="、".join(PLACEHOLDERS)),
            field="text",
        )
    try:
        with transaction.atomic():
            script, _created = CallScript.objects.update_or_create(
                dealer=dealer, kind=kind, language=language, is_apology=is_apology,
                defaults={"text": text.strip()},
            )  # fmt: skip
    except IntegrityError as error:
        raise OperationRefused(_("别人刚刚保存了这段话术,请刷新后再试。")) from error
    return script
