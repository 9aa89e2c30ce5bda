from __future__ import annotations

import hashlib
import re
from datetime import datetime

from huichang.domains.integrations.models import ApiToken
from huichang.kernel.scoping import dealer_scope

# The store stands in the token, so that its row is looked for inside that store's walls only.
FORM = re.compile(r"hc_([1-9][0-9]{0,17})_[A-Za-z0-9_-]{43}")


def digest_of(secret: str) -> str:
    """What is kept of a token: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(secret: str, now: datetime) -> ApiToken | None:
    """The token in force behind a secret, with its dealer; None when unknown, expired, revoked, or its store shut."""
    form = FORM.fullmatch(secret)
    if form is None:
        return None
    with dealer_scope(int(form.group(1))):
        return (
            ApiToken.objects.filter(
                digest=digest_of(secret), revoked_at=None, expires_at__gt=now, dealer__is_active=True
            )
            .select_related("dealer")
            .first()
        )


def tokens() -> list[ApiToken]:
    """The tokens of the open scope with their use, those in force first, newest first."""
    rows = ApiToken.objects.select_related("usage", "created_by").order_by("-created_at")
    return sorted(rows, key=lambda token: token.revoked_at is not None)
