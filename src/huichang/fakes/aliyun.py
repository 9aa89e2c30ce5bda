"""Aliyun SMS as its documentation has it: ACS3 signature, nonce, quota per number, error codes, QuerySendDetails."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import uuid
from datetime import UTC, datetime
from urllib.parse import quote

from huichang.fakes.door import Answer, Asked, Cut, says
from huichang.fakes.inbox import Inbox

_AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 Credential=(?P<key>[^,]+),SignedHeaders=(?P<names>[^,]+),Signature=(?P<signature>[0-9a-f]{64})"
)


class FakeAliyun:
    """One account. `texts` gives a template's text by its code, so that the inbox shows what a person would read."""

    name = "aliyun"
    a_minute = 10  # messages that a number may get
    skew_seconds = 900.0  # how far the caller's clock may be off

    def __init__(self, inbox: Inbox, *, key_id: str, key_secret: str, sign_name: str) -> None:
        self.inbox, self.key_id, self.key_secret, self.sign_name = inbox, key_id, key_secret, sign_name
        self._nonces: set[str] = set()

    def __call__(self, asked: Asked) -> Answer:
        refusal = self._refusal(asked)
        if refusal:
            return refusal
        action = asked.headers.get("x-acs-action", "")
        if action == "SendSms":
            return self._send(asked)
        if action == "QuerySendDetails":
            return self._details(asked.parameters)
        return Answer(404, {"Code": "InvalidAction.NotFound", "Message": action})

    def _refusal(self, asked: Asked) -> Answer | None:
        match = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
        if not match or match["key"] != self.key_id:
            return Answer(
                403, {"Code": "InvalidAccessKeyId.NotFound", "Message": "Specified access key is not found."}
            )
        if not hmac.compare_digest(self._signature(asked, match["names"]), match["signature"]):
            return Answer(
                400, {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched."}
            )
        sent = datetime.strptime(asked.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        if abs(time.time() - sent.timestamp()) > self.skew_seconds:
            return Answer(400, {"Code": "InvalidTimeStamp.Expired", "Message": "expired"})
        nonce = asked.headers.get("x-acs-signature-nonce", "")
        if not nonce or nonce in self._nonces:
            return Answer(
                400, {"Code": "SignatureNonceUsed", "Message": "The request signature nonce has been used."}
            )
        self._nonces.add(nonce)
        return None

    def _signature(self, asked: Asked, names: str) -> str:
        query = "&".join(
            f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
            for name, value in sorted(asked.parameters.items())
        )
        lines = [f"{name}:{asked.headers.get(name, '').strip()}\n" for name in names.split(";")]
        hashed = hashlib.sha256(asked.body).hexdigest()
        canonical = f"{asked.method}\n{asked.raw_path}\n{query}\n{''.join(lines)}\n{names}\n{hashed}"
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        return hmac.new(self.key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()

    def _send(self, asked: Asked) -> Answer:
        wanted = asked.parameters
        if code := self._fault(wanted):
            return says(Code=code, Message=code, RequestId=uuid.uuid4().hex)
        trouble = self.inbox.trouble(self.name)
        if trouble:
            time.sleep(trouble.silence)
            if trouble.cut == "before":
                raise Cut
            if trouble.code:
                return says(Code=trouble.code, Message=trouble.code, RequestId=uuid.uuid4().hex)
        values = json.loads(wanted["TemplateParam"])
        biz_id = f"{uuid.uuid4().int % 10**18}^0"
        self.inbox.put(
            self.name, to=wanted["PhoneNumbers"], sender=self.sign_name, title=wanted["TemplateCode"],
            text="", fields={name: str(value) for name, value in values.items()}, client_id=wanted.get("OutId", ""),
            provider_id=biz_id,
        )  # fmt: skip
        if trouble and trouble.cut == "after":
            raise Cut
        return says(Code="OK", Message="OK", BizId=biz_id, RequestId=uuid.uuid4().hex)

    def _fault(self, wanted: dict[str, str]) -> str:
        number = wanted.get("PhoneNumbers", "")
        if not re.fullmatch(r"1[3-9]\d{9}", number):
            return "isv.MOBILE_NUMBER_ILLEGAL"
        if wanted.get("SignName") != self.sign_name:
            return "isv.SMS_SIGNATURE_ILLEGAL"
        if not wanted.get("TemplateCode", "").startswith("SMS_"):
            return "isv.SMS_TEMPLATE_ILLEGAL"
        try:
            values = json.loads(wanted.get("TemplateParam", ""))
        except ValueError:
            return "isv.INVALID_JSON_PARAM"
        if not isinstance(values, dict) or any(not str(value) for value in values.values()):
            return "isv.TEMPLATE_MISSING_PARAMETERS"
        if self.inbox.count(provider=self.name, to=number, within=60) >= self.a_minute:
            return "isv.BUSINESS_LIMIT_CONTROL"
        return ""

    def _details(self, wanted: dict[str, str]) -> Answer:
        rows = [
            {
                "PhoneNum": one.to, "OutId": one.client_id, "BizId": one.provider_id,
                "SendStatus": {"delivered": 3, "failed": 2}.get(one.reported, 1), "ErrCode": one.reported,
            }
            for one in self.inbox.letters(to=wanted.get("PhoneNumber", "?"), provider=self.name)
        ]  # fmt: skip
        return says(
            Code="OK", Message="OK", TotalCount=str(len(rows)), SmsSendDetailDTOs={"SmsSendDetailDTO": rows}
        )

    def report(self, number: int, *, success: bool) -> list[dict[str, object]]:
        """The body of the push about a delivered message."""
        one = self.inbox.find(number)
        assert one is not None
        one.reported = "delivered" if success else "failed"
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(one.at))
        return [{
            "phone_number": one.to, "send_time": at, "report_time": at, "success": success, "sms_size": "1",
            "err_code": "DELIVERED" if success else "MOBILE_NOT_ON_SERVICE", "err_msg": "", "biz_id": one.provider_id,
            "out_id": one.client_id,
        }]  # fmt: skip

    def reply(self, number: int, text: str) -> list[dict[str, object]]:
        """The body of the push when a person answers."""
        one = self.inbox.find(number)
        assert one is not None
        return [{
            "phone_number": one.to, "send_time": time.strftime("%Y-%m-%d %H:%M:%S"), "content": text,
            "sign_name": self.sign_name, "dest_code": "10690001", "sequence_id": uuid.uuid4().int % 10**10,
        }]  # fmt: skip
