from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huichang.domains.owners.models import OwnerAccount, OwnerSession
from huichang.domains.owners.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation


@operation(P.USE)
def end_session(*, session: OwnerSession, actor: Actor, now: datetime) -> None:
    """Sign one phone out."""
    OwnerSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=now)


@operation(P.USE)
def keep_session(*, session: OwnerSession, life: timedelta, actor: Actor, now: datetime) -> None:
    """A phone in use stays signed in: its session begins to count anew."""
    OwnerSession.objects.filter(pk=session.pk, ended_at=None).update(seen_at=now, expires_at=now + life)


@operation(P.USE)
def end_all_sessions(*, account: OwnerAccount, actor: Actor, now: datetime) -> int:
    """Sign every phone of an account out; how many there were."""
    return OwnerSession.objects.filter(account=account, ended_at=None).update(ended_at=now)


@operation(P.USE)
def choose_language(*, account: OwnerAccount, language: str, actor: Actor) -> None:
    """Speak this language to the owner from now on."""
    if language not in {"zh-hans", "en"}:
        raise OperationRefused(_("没有这种语言。"), field="language")
    OwnerAccount.objects.filter(pk=account.pk).update(language=language)
