"""Delivery reports and replies of Aliyun and Tencent SMS.

Neither signs them. What proves them is the address they come to, which only the provider was told (256 random bits),
and our own id in each report: a report without a message of this account that carries it changes nothing.
"""

from __future__ import annotations

import json
from typing import Any

from huichang.channels.callbacks import Call, Forged, Heard, Told, Unreadable, digest, domestic
from huichang.domains.contacts.models import ChannelAccount


def _rows(call: Call) -> list[dict[str, Any]]:
    try:
        found = json.loads(call.body)
    except ValueError as error:
        raise Unreadable("no JSON") from error
    rows = found if isinstance(found, list) else [found]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise Unreadable("no rows")
    return rows


def aliyun(account: ChannelAccount, call: Call) -> Heard:
    """SmsReport (a list with `success`) and SmsUp (a list with `content`)."""
    facts = tuple(_aliyun(account, row) for row in _rows(call))
    return Heard(facts, json.dumps({"code": 0, "msg": "OK"}))


def _aliyun(account: ChannelAccount, row: dict[str, Any]) -> Told:
    number = domestic(row.get("phone_number", ""))
    if "content" in row:
        _our_sign(account, row.get("sign_name"))
        mark = digest("up", row.get("sequence_id"), number, row.get("send_time"), row["content"])
        return Told("reply", mark, address=number, text=str(row["content"]))
    if "success" not in row or not row.get("out_id"):
        raise Unreadable("neither report nor reply")
    kind = "delivered" if row["success"] in {True, "true"} else "failed"
    return Told(
        kind, digest(kind, row.get("biz_id"), number, row.get("report_time")), provider_id=str(row.get("biz_id", "")),
        client_id=str(row["out_id"]), address=number, code=str(row.get("err_code", "")),
        detail=str(row.get("err_msg", "")),
    )  # fmt: skip


def tencent(account: ChannelAccount, call: Call) -> Heard:
    """Reports (a list with `report_status`) and a reply (an object with `text`)."""
    facts = tuple(_tencent(account, row) for row in _rows(call))
    return Heard(facts, json.dumps({"result": 0, "errmsg": "OK"}))


def _tencent(account: ChannelAccount, row: dict[str, Any]) -> Told:
    number = domestic(row.get("mobile", ""))
    if "text" in row:
        _our_sign(account, row.get("sign"))
        return Told(
            "reply", digest("up", number, row.get("time"), row["text"]), address=number, text=str(row["text"])
        )
    if "report_status" not in row or not row.get("sid"):
        raise Unreadable("neither report nor reply")
    kind = "delivered" if row["report_status"] == "SUCCESS" else "failed"
    return Told(
        kind, digest(kind, row["sid"], number, row.get("user_receive_time")), provider_id=str(row["sid"]),
        address=number, code=str(row.get("errmsg", "")), detail=str(row.get("description", "")),
    )  # fmt: skip


def _our_sign(account: ChannelAccount, sign: Any) -> None:
    ours = str(account.options.get("sign_name", ""))
    if sign and ours and str(sign).strip("【】") != ours:
        raise Forged("another signature")
