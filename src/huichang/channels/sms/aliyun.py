"""Aliyun SMS (Dysmsapi 2017-05-25), signed with ACS3-HMAC-SHA256.

https://help.aliyun.com/zh/sms/ (SendSms, QuerySendDetails), https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
"""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from huichang.channels import codes, http
from huichang.channels.codes import AGAIN, STOP, WRONG, Meaning, again
from huichang.channels.credentials import endpoint, option, secret
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.transport import Outcome, Outgoing, Receipt
from huichang.kernel.worktime import local_date

VERSION = "2017-05-25"
ENDPOINT = "https://dysmsapi.aliyuncs.com"

# What is not here is given up: signature, template, parameters, balance, forbidden words.
CODES: Mapping[str, Meaning] = {
    "isp.SYSTEM_ERROR": AGAIN,
    "isp.RAM_PERMISSION_DENY": codes.GIVE_UP,
    "isv.BUSINESS_LIMIT_CONTROL": again(60),  # per number: 1 a minute, 5 an hour, 10 a day for codes
    "isv.DAY_LIMIT_CONTROL": codes.GIVE_UP,
    "isv.MONTH_LIMIT_CONTROL": codes.GIVE_UP,
    "isv.MOBILE_NUMBER_ILLEGAL": WRONG,
    "isv.MOBILE_COUNT_OVER_LIMIT": codes.GIVE_UP,
    "isv.BLACK_KEY_CONTROL_LIMIT": codes.GIVE_UP,
    "isv.BLACKLIST_USER": STOP,
    "isv.AMOUNT_NOT_ENOUGH": codes.GIVE_UP,
    "isv.OUT_OF_SERVICE": codes.GIVE_UP,
    "isv.SMS_TEMPLATE_ILLEGAL": codes.GIVE_UP,
    "isv.SMS_SIGNATURE_ILLEGAL": codes.GIVE_UP,
    "isv.TEMPLATE_MISSING_PARAMETERS": codes.GIVE_UP,
    "Throttling": again(1),
    "Throttling.User": again(1),
    "Throttling.Api": again(1),
    "ServiceUnavailable": AGAIN,
    "InternalError": AGAIN,
    "SignatureNonceUsed": again(0),
}
# SendStatus of QuerySendDetails: 1 waits for the operator's report, 2 failed, 3 delivered.
_DETAILS = {1: Outcome.ACCEPTED, 2: Outcome.FAILED, 3: Outcome.DELIVERED}


def sign(
    *,
    key: str,
    key_secret: str,
    host: str,
    action: str,
    version: str,
    query: Mapping[str, str],
    nonce: str,
    at: datetime,
    path: str = "/",
) -> dict[str, str]:
    """The headers of a signed POST with an empty body. `at` is aware."""
    empty = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host, "x-acs-action": action, "x-acs-content-sha256": empty,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }  # fmt: skip
    names = ";".join(headers)
    canonical = "\n".join(
        [
            "POST",
            path,
            query_string(query),
            *(f"{name}:{value}" for name, value in headers.items()),
            "",
            names,
            empty,
        ]
    )
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}"
    )
    return headers


def query_string(query: Mapping[str, str]) -> str:
    """Sorted, percent-encoded as RFC 3986 has it."""
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


class Aliyun:
    """One account: options `sign_name`, `key_id`; secret `key_secret`."""

    # OutId is only echoed: sent twice it is delivered twice. So nothing is repeated; the provider is asked instead.
    repeats_within = timedelta(0)

    def __init__(self, account: ChannelAccount) -> None:
        self.sign_name = option(account, "sign_name")
        self.key_id = option(
            account, "key_id", secret(account, "key_id") if "key_id" not in account.options else None
        )
        self.key_secret = secret(account, "key_secret")
        self.endpoint = endpoint(account, ENDPOINT)

    def send(self, outgoing: Outgoing, *, now: datetime) -> Receipt:
        if not outgoing.template_id:
            return Receipt(Outcome.REFUSED, code="no_template_id")
        query = {
            "PhoneNumbers": outgoing.address, "SignName": self.sign_name, "TemplateCode": outgoing.template_id,
            "TemplateParam": json.dumps(dict(outgoing.parameters), ensure_ascii=False), "OutId": outgoing.client_id,
        }  # fmt: skip
        try:
            answer = self._call("SendSms", query, now)
        except http.Broken as broken:
            return broken.receipt
        code = str(answer.get("Code", ""))
        if code == "OK":
            return Receipt(Outcome.ACCEPTED, code="OK", provider_id=str(answer.get("BizId", "")))
        return codes.receipt(CODES, code, str(answer.get("Message", "")))

    def ask(
        self, *, client_id: str, address: str, provider_id: str, sent_at: datetime, now: datetime
    ) -> Receipt | None:
        """The provider's record of the number and day with our id; None when it knows none."""
        day = f"{local_date(sent_at):%Y%m%d}"
        query = {"PhoneNumber": address, "SendDate": day, "PageSize": "50", "CurrentPage": "1"}
        if provider_id:
            query["BizId"] = provider_id
        try:
            answer = self._call("QuerySendDetails", query, now)
        except http.Broken:
            return None
        rows: list[dict[str, Any]] = answer.get("SmsSendDetailDTOs", {}).get("SmsSendDetailDTO", [])
        row = next((row for row in rows if row.get("OutId") == client_id), None)
        if row is None:
            return None
        outcome = _DETAILS.get(int(row.get("SendStatus", 1)), Outcome.ACCEPTED)
        return Receipt(
            outcome, code=str(row.get("ErrCode", "")), provider_id=str(row.get("BizId", provider_id))
        )

    def _call(self, action: str, query: Mapping[str, str], now: datetime) -> dict[str, Any]:
        target = urlsplit(self.endpoint)
        headers = sign(
            key=self.key_id, key_secret=self.key_secret, host=target.netloc, action=action, version=VERSION,
            query=query, nonce=uuid.uuid4().hex, at=now, path=target.path or "/",
        )  # fmt: skip
        return http.call(
            "POST", f"{self.endpoint}{'' if target.path else '/'}?{query_string(query)}", headers=headers
        )
