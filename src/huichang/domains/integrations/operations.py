"""Making and revoking tokens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.integrations import policies
from huichang.domains.integrations.models import ApiToken
from huichang.domains.integrations.permissions import P
from huichang.domains.integrations.queries import digest_of
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date

HINT = 6


@operation(P.EDIT_TOKENS)
def add_token(
    *,
    dealer: Dealer,
    name: str,
    permissions: Sequence[str],
    actor: Actor,
    now: datetime,
    expires_at: datetime | None = None,
    requests_per_minute: int | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown once and cannot be read again.

    Raises OperationRefused for a name in use, no permission, a permission the actor does not hold, an end in the past.
    """
    name = name.strip()
    if not name:
        raise OperationRefused(_("请填写用途"), field="name")
    if ApiToken.objects.filter(dealer=dealer, name=name, revoked_at=None).exists():
        raise OperationRefused(_("已经有用途为“{name}”的令牌。").format(name=name), field="name")
    if not permissions:
        raise OperationRefused(_("请至少选择一项权限。"), field="permissions")
    beyond = set(permissions) - set(actor.permissions)
    if beyond and not actor.is_system:
        raise OperationRefused(
            _("不能授予您自己没有的权限:{names}").format(names="、".join(sorted(beyond))), field="permissions"
        )
    days = policy(policies.TOKEN_DAYS, dealer, local_date(now))
    expires_at = expires_at or now + timedelta(days=days)
    if expires_at <= now:
        raise OperationRefused(_("有效期要晚于现在。"), field="expires_at")
    secret = f"hc_{dealer.pk}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        dealer=dealer, name=name, hint=secret[-HINT:], digest=digest_of(secret), permissions=sorted(set(permissions)),
        requests_per_minute=requests_per_minute, created_by_id=actor.user_id, created_at=now, expires_at=expires_at,
    )  # fmt: skip
    return token, secret


@operation(P.EDIT_TOKENS)
def revoke_token(*, token: ApiToken, actor: Actor, now: datetime) -> None:
    """Refuse a token from now on. Revoking it twice changes nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        token.revoked_at = now
