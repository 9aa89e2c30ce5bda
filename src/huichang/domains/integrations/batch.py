"""Counting requests and claiming keys: single statements, safe against any number of callers at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huichang.domains.integrations.models import ApiToken, IdempotencyKey
from huichang.kernel import sql

PACKAGE = "huichang.domains.integrations"


def count_request(*, token: ApiToken, now: datetime) -> int:
    """Requests of the token in this minute, the present one included. Commit it before doing the work."""
    rows = sql.rows(
        PACKAGE, "count_request", {"dealer_id": token.dealer_id, "token_id": token.pk, "now": now}
    )
    return int(rows[0]["requests"])


@dataclass(frozen=True, slots=True)
class Claim:
    """A key that is ours (`earlier` None), or the row of the write that used it before."""

    key_id: int
    earlier: IdempotencyKey | None


def claim_key(*, token: ApiToken, key: str, fingerprint: str, now: datetime) -> Claim:
    """Take a key for the open transaction; waits for another transaction that holds it."""
    rows = sql.rows(
        PACKAGE, "claim_key",
        {"dealer_id": token.dealer_id, "token_id": token.pk, "key": key, "fingerprint": fingerprint, "now": now},
    )  # fmt: skip
    if rows:
        return Claim(rows[0]["id"], None)
    earlier = IdempotencyKey.objects.get(token=token, key=key)
    return Claim(earlier.pk, earlier)


def keep_answer(*, key_id: int, code: int, answer: Any) -> None:
    """Keep what was answered to a claimed key, in the same transaction."""
    IdempotencyKey.objects.filter(pk=key_id).update(code=code, answer=answer)


def forget_keys(*, dealer_id: int, before: datetime) -> int:
    """Delete the answers of a store from before a moment; how many."""
    return sql.execute(PACKAGE, "forget_keys", {"dealer_id": dealer_id, "before": before})
