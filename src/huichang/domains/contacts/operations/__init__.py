"""Writes of contacts: the call register, refusals and consent, codes and scripts, messages."""

from __future__ import annotations

from huichang.domains.contacts.operations.calls import (
    NotNow,
    Result,
    record_call,
    set_language,
    set_preference,
)
from huichang.domains.contacts.operations.channels import save_account, send_test
from huichang.domains.contacts.operations.codes import save_code, save_script, seed_codes
from huichang.domains.contacts.operations.consent import (
    give_consent,
    lift_opt_out,
    opt_out,
    withdraw_consent,
)
from huichang.domains.contacts.operations.letters import letter_returned, post_letters, write_letter
from huichang.domains.contacts.operations.messages import (
    cancel_message,
    end_address,
    queue_message,
    queue_staff_mail,
    register_address,
    send_again,
)
from huichang.domains.contacts.operations.templates import save_rule, save_template, seed_messages

__all__ = [
    "NotNow",
    "Result",
    "cancel_message",
    "end_address",
    "give_consent",
    "letter_returned",
    "lift_opt_out",
    "opt_out",
    "post_letters",
    "queue_message",
    "queue_staff_mail",
    "record_call",
    "register_address",
    "save_account",
    "save_code",
    "save_rule",
    "save_script",
    "save_template",
    "seed_codes",
    "seed_messages",
    "send_again",
    "send_test",
    "set_language",
    "set_preference",
    "withdraw_consent",
    "write_letter",
]
