from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huichang.domains.contacts.operations import set_language
from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.owners.models import OwnerAccount, OwnerSession
from huichang.domains.owners.permissions import P
from huichang.domains.owners.queries import bindings_of
from huichang.domains.owners.rights import Right
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.scoping import dealer_scope


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
    """Speak this language to the owner from now on, on the phone and in the messages of every store."""
    if language not in {"zh-hans", "en"}:
        raise OperationRefused(_("没有这种语言。"), field="language")
    OwnerAccount.objects.filter(pk=account.pk).update(language=language)
    by = actor.holding(ContactsP.RECORD_CALL)
    for binding in bindings_of(account):
        if binding.right == Right.OWNER:  # a driver does not choose for the owner
            with dealer_scope(binding.dealer_id):
                set_language(customer=binding.customer, language=language, actor=by)
