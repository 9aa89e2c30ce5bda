"""One request of a fake: what came in, what goes out; providers are functions from one to the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl


class Cut(Exception):
    """Close the line without an answer."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `path` without the provider's prefix; headers in lower case."""

    method: str
    path: str
    raw_path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: dict[str, Any]


Provider = Callable[[Asked], Answer]


def says(**body: Any) -> Answer:
    return Answer(200, body)
