"""Writes of the worklist: claims of agents, what becomes of a task, and the manager's hand in it."""

from __future__ import annotations

from huichang.domains.worklist.operations.claims import ClaimedByOther, claim, claim_next, release, renew
from huichang.domains.worklist.operations.managing import assign, release_claims
from huichang.domains.worklist.operations.tasks import cancel, finish, open_task, postpone, reopen
from huichang.domains.worklist.operations.todos import ask, call_off, settle, tick

__all__ = [
    "ClaimedByOther", "ask", "assign", "call_off", "cancel", "claim", "claim_next", "finish", "open_task", "postpone",
    "release", "release_claims", "renew", "reopen", "settle", "tick",
]  # fmt: skip
