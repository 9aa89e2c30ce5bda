"""Events and texts that WeChat pushes, for official accounts and mini-programs alike.

The signature is the SHA-1 of token, timestamp and nonce; in safe mode the body is encrypted too (AES-256-CBC) and
`msg_signature` covers it. A request is believed for some minutes and, by its digest, once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import struct
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from huichang.channels.callbacks import Call, Forged, Heard, Told, Unreadable, digest
from huichang.channels.credentials import secret
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.transport import NotSetUp

FRESH_SECONDS = 600
# WeChat's bodies are flat: leaves are all that is read, so no XML machinery with its entities is needed.
_LEAF = re.compile(r"<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", re.DOTALL)


def receive(account: ChannelAccount, call: Call, *, now: datetime) -> Heard:
    """Check the signature, open the body, read the event. Raises Forged, Unreadable."""
    stamp, nonce = call.query.get("timestamp", ""), call.query.get("nonce", "")
    token = _token(account)
    if not _same(call.query.get("signature", ""), signature(token, stamp, nonce)):
        raise Forged("signature")
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > FRESH_SECONDS:
        raise Forged("too old")
    if call.method == "GET":  # WeChat asks whether we know the token
        return Heard((), call.query.get("echostr", ""), "text/plain")
    found = _opened(account, call, token, stamp, nonce)
    return Heard(tuple(_facts(found)), "success", "text/plain")


def signature(*parts: str) -> str:
    """WeChat's signature of its parts, in whatever order they come."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _token(account: ChannelAccount) -> str:
    try:
        return secret(account, "hook_token")
    except NotSetUp as error:
        raise Forged("no token to compare with") from error


def _opened(account: ChannelAccount, call: Call, token: str, stamp: str, nonce: str) -> Mapping[str, Any]:
    found = parse(call.body.decode("utf-8", "replace"))
    sealed = str(found.get("Encrypt", ""))
    if not sealed:
        return found
    if not _same(call.query.get("msg_signature", ""), signature(token, stamp, nonce, sealed)):
        raise Forged("msg_signature")
    try:
        text, app_id = opened(secret(account, "aes_key"), sealed)
    except (NotSetUp, ValueError, struct.error) as error:
        raise Forged("cannot be opened") from error
    if app_id != account.options.get("app_id"):
        raise Forged("for another app")
    return parse(text)


def opened(aes_key: str, sealed: str) -> tuple[str, str]:
    """(body, app id) of an encrypted body. Raises ValueError for one that is not ours."""
    key = base64.b64decode(f"{aes_key}=")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    plain = plain[: -plain[-1]]
    size = struct.unpack(">I", plain[16:20])[0]
    return plain[20 : 20 + size].decode(), plain[20 + size :].decode()


def parse(text: str) -> dict[str, Any]:
    """The leaves of an XML body, or a JSON body. Raises Unreadable."""
    if text.lstrip().startswith("{"):
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise Unreadable("no JSON") from error
        return found
    leaves = {name: cdata or plain for name, cdata, plain in _LEAF.findall(text)}
    if not leaves:
        raise Unreadable("no XML")
    return leaves


def _facts(found: Mapping[str, Any]) -> list[Told]:
    who, kind, event = str(found.get("FromUserName", "")), found.get("MsgType"), str(found.get("Event", ""))
    mark = digest(who, found.get("MsgId") or found.get("MsgID"), event, found.get("CreateTime"))
    if kind == "text":
        return [Told("reply", mark, address=who, text=str(found.get("Content", "")))]
    if event == "TEMPLATESENDJOBFINISH":
        status = str(found.get("Status", ""))
        result = "delivered" if status == "success" else "failed"
        return [Told(result, mark, provider_id=str(found.get("MsgID", "")), address=who, code=status)]
    if event == "unsubscribe":
        return [Told("gone", mark, address=who, code="unsubscribe")]
    items = [item for item in _list_of(found) if item]
    if event == "subscribe_msg_popup_event":
        allowed = sum(1 for item in items if item.get("SubscribeStatusString") == "accept")
        return [Told("credit", mark, address=who, number=allowed)] if allowed else []
    if event == "subscribe_msg_sent_event":
        return [
            Told(
                "delivered" if str(item.get("ErrorCode")) == "0" else "failed", digest(mark, item.get("MsgID")),
                provider_id=str(item.get("MsgID", "")), address=who, code=str(item.get("ErrorCode", "")),
                detail=str(item.get("ErrorStatus", "")),
            )
            for item in items
        ]  # fmt: skip
    return []


def _list_of(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows = found.get("List")
    if isinstance(rows, dict):
        return [rows]
    return list(rows) if isinstance(rows, list) else [found]
