"""A provider's short-lived token, one for all processes: kept encrypted in the database, renewed under its lock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from huichang.domains.contacts.models import AccessToken, ChannelAccount
from huichang.kernel.scoping import dealer_scope

EARLY = timedelta(minutes=5)  # renewed so long before its end
Fetched = tuple[str, timedelta]


def token_of(
    account: ChannelAccount, fetch: Callable[[], Fetched], *, now: datetime, refused: str = ""
) -> str:
    """A token that is good for some minutes; `fetch` gives (token, its life) and is called by one process at a time.

    `refused`: the token that the provider has just not taken; it is not given again.
    """
    with dealer_scope(account.dealer_id):
        AccessToken.objects.get_or_create(
            account=account, defaults={"dealer_id": account.dealer_id, "expires_at": now}
        )
        row = AccessToken.objects.select_for_update().get(account=account)
        if row.token and row.token != refused and row.expires_at > now + EARLY:
            return str(row.token)
        token, life = fetch()
        row.token, row.expires_at = token, now + life
        row.save(update_fields=["token", "expires_at"])
        return token
