"""Writes of the worklist: claims of agents, what becomes of a task, and the manager's hand in it."""

from __future__ import annotations

from huichang.domains.worklist.operations.claims import ClaimedByOther, claim, claim_next, release, renew
from huichang.domains.worklist.operations.managing import assign, release_claims
from huichang.domains.worklist.operations.tasks import cancel, finish, open_task, postpone, reopen

__all__ = [
    "ClaimedByOther", "assign", "cancel", "claim", "claim_next", "finish", "open_task", "postpone", "release",
    "release_claims", "renew", "reopen",
]  # fmt: skip
