"""Writes of the appointments."""

from __future__ import annotations

from huichang.domains.appointments.operations.bands import remove_band, save_band
from huichang.domains.appointments.operations.booking import book, expire_holds, extend_hold, hold, release
from huichang.domains.appointments.operations.changing import (
    arrive,
    cancel,
    cancel_own,
    change,
    change_own,
    mark_no_show,
)
from huichang.domains.appointments.operations.confirming import (
    cancel_by_phone,
    confirm,
    done_by_person,
    not_reached,
    rebook,
)
from huichang.domains.appointments.operations.late import parts_in_time, parts_late
from huichang.domains.appointments.operations.mailing import mail_tomorrow
from huichang.domains.appointments.operations.preparing import (
    Item,
    agree_technically,
    hand_papers,
    print_documents,
    receive_deposit,
    return_deposit,
    save_estimate,
    settle,
    settle_all,
)
from huichang.domains.appointments.operations.tomorrow import assign, record_check
from huichang.domains.appointments.operations.touching import (
    follow_calls,
    heed_refusal,
    leave_to_outreach,
    make_touch,
    message_arrived,
    message_failed,
)
from huichang.domains.appointments.operations.waiting import (
    accept_offer,
    decline_offer,
    join_waiting,
    lapse_offers,
    leave_waiting,
    offer_day,
)
from huichang.domains.appointments.taking import SlotTaken

__all__ = [
    "Item", "SlotTaken", "accept_offer", "agree_technically", "arrive", "assign", "book", "cancel",
    "cancel_by_phone", "cancel_own", "change", "change_own", "confirm", "decline_offer", "done_by_person",
    "expire_holds", "extend_hold", "follow_calls", "hand_papers", "heed_refusal", "hold", "join_waiting", "lapse_offers",
    "leave_to_outreach", "leave_waiting", "mail_tomorrow", "make_touch", "mark_no_show", "message_arrived",
    "message_failed", "not_reached", "offer_day", "parts_in_time", "parts_late", "print_documents",
    "rebook", "receive_deposit", "record_check", "release", "remove_band", "return_deposit", "save_band", "save_estimate",
    "settle", "settle_all",
]  # fmt: skip
