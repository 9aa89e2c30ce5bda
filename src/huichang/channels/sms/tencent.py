"""Tencent Cloud SMS (2021-01-11), signed with TC3-HMAC-SHA256.

https://cloud.tencent.com/document/api/382/55981 (SendSms), …/382/52075 (report by number), …/api/382/52072 (signature)
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from huichang.channels import codes, http
from huichang.channels.codes import AGAIN, STOP, WRONG, Meaning, again
from huichang.channels.credentials import endpoint, option, secret
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.contacts.transport import Outcome, Outgoing, Receipt

VERSION, SERVICE = "2021-01-11", "sms"
ENDPOINT = "https://sms.tencentcloudapi.com"
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)

CODES: Mapping[str, Meaning] = {
    "FailedOperation.PhoneNumberInBlacklist": STOP,
    "FailedOperation.ContainSensitiveWord": codes.GIVE_UP,
    "FailedOperation.InsufficientBalanceInSmsPackage": codes.GIVE_UP,
    "FailedOperation.SignatureIncorrectOrUnapproved": codes.GIVE_UP,
    "FailedOperation.TemplateIncorrectOrUnapproved": codes.GIVE_UP,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": codes.GIVE_UP,
    "InvalidParameterValue.IncorrectPhoneNumber": WRONG,
    "UnsupportedOperation.ChineseMainlandTemplateToGlobalPhone": codes.GIVE_UP,
    "LimitExceeded.DeliveryFrequencyLimit": again(30),
    "LimitExceeded.PhoneNumberThirtySecondLimit": again(1),
    "LimitExceeded.PhoneNumberOneHourLimit": again(60),
    "LimitExceeded.PhoneNumberDailyLimit": codes.GIVE_UP,
    "LimitExceeded.AppDailyLimit": codes.GIVE_UP,
    "RequestLimitExceeded": again(1),
    "InternalError.Timeout": AGAIN,
    "InternalError.OtherError": AGAIN,
    "InternalError": AGAIN,
    "ResourceUnavailable": AGAIN,
    "AuthFailure.SignatureExpire": again(1),
}


def sign(
    *, key_id: str, key: str, host: str, action: str, body: str, at: datetime, service: str = SERVICE
) -> dict[str, str]:
    """The headers of a signed POST of `body` (JSON). `at` is aware."""
    day, stamp = at.astimezone(UTC).strftime("%Y-%m-%d"), str(int(at.timestamp()))
    signed = {"content-type": "application/json; charset=utf-8", "host": host}
    names = ";".join(signed)
    canonical = "\n".join(
        ["POST", "/", "", *(f"{name}:{value}" for name, value in signed.items()), "", names, _sha(body)]
    )
    scope = f"{day}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{_sha(canonical)}"
    signing = f"TC3{key}".encode()
    for part in (day, service, "tc3_request"):
        signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
    return {
        "Authorization": f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}",
        "Content-Type": signed["content-type"], "Host": host, "X-TC-Action": action, "X-TC-Timestamp": stamp,
        "X-TC-Version": VERSION,
    }  # fmt: skip


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Tencent:
    """One account: options `app_id` (SmsSdkAppId), `sign_name`, `region`; secrets `secret_id`, `secret_key`."""

    repeats_within = timedelta(0)  # SessionContext is only echoed

    def __init__(self, account: ChannelAccount) -> None:
        self.app_id = option(account, "app_id")
        self.sign_name = option(account, "sign_name")
        self.region = option(account, "region", "ap-guangzhou")
        self.secret_id = secret(account, "secret_id")
        self.secret_key = secret(account, "secret_key")
        self.endpoint = endpoint(account, ENDPOINT)

    def send(self, outgoing: Outgoing, *, now: datetime) -> Receipt:
        if not outgoing.template_id:
            return Receipt(Outcome.REFUSED, code="no_template_id")
        if any(_LINK.search(value) for value in outgoing.parameters.values()):
            return Receipt(Outcome.REFUSED, code="link_in_variable")  # refused by the template rules anyway
        body = {
            "PhoneNumberSet": [f"+86{outgoing.address}"], "SmsSdkAppId": self.app_id, "SignName": self.sign_name,
            "TemplateId": outgoing.template_id, "TemplateParamSet": list(outgoing.parameters.values()),
            "SessionContext": outgoing.client_id,
        }  # fmt: skip
        try:
            answer = self._call("SendSms", body, now)
        except http.Broken as broken:
            return broken.receipt
        if error := answer.get("Error"):
            return codes.receipt(CODES, str(error.get("Code", "")), str(error.get("Message", "")))
        status: dict[str, Any] = (answer.get("SendStatusSet") or [{}])[0]
        code = str(status.get("Code", ""))
        if code == "Ok":
            return Receipt(Outcome.ACCEPTED, code=code, provider_id=str(status.get("SerialNo", "")))
        return codes.receipt(CODES, code, str(status.get("Message", "")))

    def ask(
        self, *, client_id: str, address: str, provider_id: str, sent_at: datetime, now: datetime
    ) -> Receipt | None:
        """The report of the number that carries our id; None when there is none (yet)."""
        body = {
            "BeginTime": int((sent_at - timedelta(minutes=5)).timestamp()), "Offset": 0, "Limit": 100,
            "EndTime": int((now + timedelta(minutes=5)).timestamp()), "PhoneNumber": f"+86{address}",
            "SmsSdkAppId": self.app_id,
        }  # fmt: skip
        try:
            answer = self._call("PullSmsSendStatusByPhoneNumber", body, now)
        except http.Broken:
            return None
        rows: list[dict[str, Any]] = answer.get("PullSmsSendStatusSet") or []
        row = next((row for row in rows if row.get("SessionContext") == client_id), None)
        if row is None:
            return None
        outcome = Outcome.DELIVERED if row.get("ReportStatus") == "SUCCESS" else Outcome.FAILED
        return Receipt(
            outcome, code=str(row.get("Description", "")), provider_id=str(row.get("SerialNo", provider_id))
        )

    def _call(self, action: str, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        text = json.dumps(body, ensure_ascii=False)
        host = urlsplit(self.endpoint).netloc
        headers = sign(
            key_id=self.secret_id, key=self.secret_key, host=host, action=action, body=text, at=now
        )
        headers["X-TC-Region"] = self.region
        answer = http.call("POST", self.endpoint, content=text.encode(), headers=headers)
        response: dict[str, Any] = answer.get("Response", {})
        return response
