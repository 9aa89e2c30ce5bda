"""Calling a provider: short times, and what a broken line means for a message.

A request that never left may be tried again. One that left and got no answer may have been taken: only the
provider knows, so its outcome is UNKNOWN.
"""

from __future__ import annotations

import functools
from typing import Any

import httpx

from huichang.domains.contacts.transport import Outcome, Receipt

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 15.0
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@functools.cache
def client() -> httpx.Client:
    """One pool of connections a process. Proxies of the environment are not used: providers know our address."""
    return httpx.Client(timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS), trust_env=False)


class Broken(Exception):
    """The call had no usable answer; `receipt` says what that means for the message."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.code)
        self.receipt = receipt


def call(method: str, url: str, **given: Any) -> dict[str, Any]:
    """The JSON answer of a provider, whatever its status: errors are in it. Raises Broken."""
    try:
        response = client().request(method, url, **given)
    except _NEVER_LEFT as error:
        raise Broken(Receipt(Outcome.RETRY, code=type(error).__name__)) from error
    except httpx.HTTPError as error:
        raise Broken(Receipt(Outcome.UNKNOWN, code=type(error).__name__)) from error
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    # A gateway without the provider behind it: 502 and 503 never reached it, anything else may have.
    outcome = Outcome.RETRY if response.status_code in {429, 502, 503} else Outcome.UNKNOWN
    raise Broken(Receipt(outcome, code=f"HTTP {response.status_code}"))
