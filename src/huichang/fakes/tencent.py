"""Tencent Cloud SMS as its documentation has it: TC3 signature, limits per number, error codes, reports by number."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from huichang.fakes.door import Answer, Asked, Cut, says
from huichang.fakes.inbox import Inbox

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<day>[^/]+)/sms/tc3_request, SignedHeaders=(?P<names>[^,]+), "
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


class FakeTencent:
    """One application."""

    name = "tencent"
    a_minute = 10  # messages that a number may get

    def __init__(
        self,
        inbox: Inbox,
        *,
        secret_id: str,
        secret_key: str,
        app_id: str,
        sign_name: str,
    ) -> None:
        self.inbox, self.secret_id, self.secret_key = inbox, secret_id, secret_key
        self.app_id, self.sign_name = app_id, sign_name

    def __call__(self, asked: Asked) -> Answer:
        if code := self._refusal(asked):
            return _error(code)
        action = asked.headers.get("x-tc-action", "")
        if action == "SendSms":
            return self._send(asked.json())
        if action == "PullSmsSendStatusByPhoneNumber":
            return self._status(asked.json())
        return _error("InvalidAction")

    def _refusal(self, asked: Asked) -> str:
        match = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
        if not match or match["id"] != self.secret_id:
            return "AuthFailure.SecretIdNotFound"
        stamp = asked.headers.get("x-tc-timestamp", "0")
        if match["day"] != datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d"):
            return "AuthFailure.SignatureFailure"
        lines = "".join(f"{name}:{asked.headers.get(name, '')}\n" for name in match["names"].split(";"))
        hashed = hashlib.sha256(asked.body).hexdigest()
        canonical = f"POST\n/\n\n{lines}\n{match['names']}\n{hashed}"
        scope = f"{match['day']}/sms/tc3_request"
        text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = b"TC3" + self.secret_key.encode()
        for part in (match["day"], "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return "" if hmac.compare_digest(right, match["signature"]) else "AuthFailure.SignatureFailure"

    def _send(self, wanted: dict[str, Any]) -> Answer:
        if wanted.get("SmsSdkAppId") != self.app_id:
            return _error("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        trouble = self.inbox.trouble(self.name)
        if trouble:
            time.sleep(trouble.silence)
            if trouble.cut == "before":
                raise Cut
        number = str((wanted.get("PhoneNumberSet") or [""])[0])
        code = (trouble.code if trouble else "") or self._fault(wanted, number)
        if code:
            return _status(code, number, "")
        serial = f"{self.app_id}:{uuid.uuid4().int % 10**18}"
        values = {str(place): str(value) for place, value in enumerate(wanted.get("TemplateParamSet", []), 1)}
        self.inbox.put(
            self.name, to=number.removeprefix("+86"), sender=self.sign_name, title=str(wanted["TemplateId"]), text="",
            fields=values, client_id=str(wanted.get("SessionContext", "")), provider_id=serial,
        )  # fmt: skip
        if trouble and trouble.cut == "after":
            raise Cut
        return _status("Ok", number, serial)

    def _fault(self, wanted: dict[str, Any], number: str) -> str:
        if not re.fullmatch(r"\+861[3-9]\d{9}", number):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        if wanted.get("SignName") != self.sign_name:
            return "FailedOperation.SignatureIncorrectOrUnapproved"
        if not str(wanted.get("TemplateId", "")).isdigit():
            return "FailedOperation.TemplateIncorrectOrUnapproved"
        if any(not str(value) for value in wanted.get("TemplateParamSet", [])):
            return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        short = number.removeprefix("+86")
        if self.inbox.count(provider=self.name, to=short, within=60) >= self.a_minute:
            return "LimitExceeded.DeliveryFrequencyLimit"
        return ""

    def _status(self, wanted: dict[str, Any]) -> Answer:
        number = str(wanted.get("PhoneNumber", "")).removeprefix("+86")
        rows = [
            {
                "SerialNo": one.provider_id, "PhoneNumber": f"+86{one.to}", "SessionContext": one.client_id,
                "ReportStatus": "SUCCESS" if one.reported == "delivered" else "FAIL", "Description": one.reported,
            }
            for one in self.inbox.letters(to=number, provider=self.name)
            if one.reported
        ]  # fmt: skip
        return says(Response={"PullSmsSendStatusSet": rows, "RequestId": uuid.uuid4().hex})

    def report(self, number: int, *, success: bool) -> list[dict[str, object]]:
        """The body of the push about a delivered message."""
        one = self.inbox.find(number)
        assert one is not None
        one.reported = "delivered" if success else "failed"
        return [{
            "user_receive_time": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(one.at)), "nationcode": "86",
            "mobile": one.to, "report_status": "SUCCESS" if success else "FAIL",
            "errmsg": "DELIVRD" if success else "MK:100C", "description": "", "sid": one.provider_id,
        }]  # fmt: skip

    def reply(self, number: int, text: str) -> dict[str, object]:
        """The body of the push when a person answers."""
        one = self.inbox.find(number)
        assert one is not None
        return {
            "extend": "", "mobile": one.to, "nationcode": "86", "sign": self.sign_name, "text": text,
            "time": int(time.time()),
        }  # fmt: skip


def _error(code: str) -> Answer:
    return says(Response={"Error": {"Code": code, "Message": code}, "RequestId": uuid.uuid4().hex})


def _status(code: str, number: str, serial: str) -> Answer:
    row = {"SerialNo": serial, "PhoneNumber": number, "Fee": int(code == "Ok"), "Code": code, "Message": code}
    return says(Response={"SendStatusSet": [row], "RequestId": uuid.uuid4().hex})
