"""Writes of owners: signing in, cars on the phone, pictures."""

from __future__ import annotations

from huichang.domains.owners.operations.bindings import (
    bind,
    close_account,
    end_stale_bindings,
    invite_driver,
    invite_owner,
    leave,
    remove_driver,
    revoke_invite,
)
from huichang.domains.owners.operations.photos import keep_photos, remove_photo
from huichang.domains.owners.operations.register import (
    Registered,
    accept_invite,
    add_car,
    finish_errand,
    look_for_car,
)
from huichang.domains.owners.operations.requests import answer_privacy, ask_privacy, withdraw_privacy
from huichang.domains.owners.operations.sessions import (
    choose_language,
    end_all_sessions,
    end_session,
    keep_session,
)
from huichang.domains.owners.operations.signing_in import (
    Asked,
    CodeRefused,
    Entered,
    ask_code,
    begin_session,
    enter,
    join_wechat,
)
from huichang.domains.owners.operations.wishes import choose_messages, refuse_all, resume, set_quiet

__all__ = [
    "Asked",
    "CodeRefused",
    "Entered",
    "Registered",
    "accept_invite",
    "add_car",
    "answer_privacy",
    "ask_code",
    "ask_privacy",
    "begin_session",
    "bind",
    "choose_language",
    "choose_messages",
    "close_account",
    "end_all_sessions",
    "end_session",
    "end_stale_bindings",
    "enter",
    "finish_errand",
    "invite_driver",
    "invite_owner",
    "join_wechat",
    "keep_photos",
    "keep_session",
    "leave",
    "look_for_car",
    "refuse_all",
    "remove_driver",
    "remove_photo",
    "resume",
    "revoke_invite",
    "set_quiet",
    "withdraw_privacy",
]
