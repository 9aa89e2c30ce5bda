"""Writes of contacts: the call register, refusals, codes and scripts."""

from __future__ import annotations

from huichang.domains.contacts.operations.calls import NotNow, Result, record_call, set_preference
from huichang.domains.contacts.operations.codes import save_code, save_script, seed_codes
from huichang.domains.contacts.operations.consent import lift_opt_out, opt_out

__all__ = [
    "NotNow", "Result", "lift_opt_out", "opt_out", "record_call", "save_code", "save_script", "seed_codes",
    "set_preference",
]  # fmt: skip
