"""The API as a program sees it: a token of 东区店 and JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone

from huichang.domains.dealers.models import Dealer
from huichang.domains.integrations.operations import add_token
from huichang.interfaces.api.application import RESOURCES  # declares every route
from huichang.interfaces.api.doors import ROUTES
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope


@dataclass
class Program:
    """A client with a token; answers are (status, body) and the last response stays at hand."""

    secret: str
    last: Any = None

    def __post_init__(self) -> None:
        self.client = Client()

    def get(self, path: str, **headers: str) -> Any:
        return self._send("GET", path, None, headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self._send("POST", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> Any:
        return self._send("PATCH", path, body, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.last = self.client.generic(
            method, f"/api/v1{path}", data="" if body is None else json.dumps(body), content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}", **named},
        )  # fmt: skip
        return self.last.json()

    @property
    def status(self) -> int:
        return int(self.last.status_code)

    def refused(self, status: int, field: str = "") -> bool:
        """Whether the last answer is a proper problem of this status, about this field."""
        body = self.last.json()
        proper = (
            self.last.headers["Content-Type"] == "application/problem+json" and body["status"] == self.status
        )
        about = not field or field in {error["field"] for error in body["errors"]}
        return proper and about and self.status == status


def every_permission() -> list[str]:
    """What the API can need, what its operations need below, and whole numbers."""
    below = {
        "vehicles.edit",
        "worklist.work",
        "contacts.record_call",
        "contacts.opt_out",
        "complaints.record",
        "customers.reveal_mobile",
    }
    assert RESOURCES
    return sorted({route.needs.value for route in ROUTES.values()} | below)


def token_for(dealer: Dealer, permissions: list[str] | None = None, **given: Any) -> str:
    with dealer_scope(dealer.pk):
        _token, secret = add_token(
            dealer=dealer, name=given.pop("name", "DMS"), actor=system("test"), now=timezone.now(),
            permissions=permissions if permissions is not None else every_permission(), **given,
        )  # fmt: skip
    return str(secret)
