"""What the fakes delivered, and the troubles they were told to have. Kept in a file, so that it outlives a restart."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MOST = 2000


@dataclass(slots=True)
class Letter:
    """One message as the person got it. `client_id` is the sender's number, `provider_id` the fake's."""

    number: int
    provider: str
    to: str
    text: str
    title: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    link: str = ""
    sender: str = ""
    client_id: str = ""
    provider_id: str = ""
    at: float = 0.0
    reported: str = ""  # what was told back: delivered, failed


@dataclass(slots=True)
class Trouble:
    """What a provider shall do to the next requests. `times` -1: to all of them."""

    code: str = ""  # answer this error
    silence: float = 0.0  # wait so long before answering
    cut: str = ""  # close the line: `before` or `after` taking the message
    times: int = -1


class Inbox:
    """Thread-safe; every provider puts what it delivers here."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._letters: deque[Letter] = deque(maxlen=MOST)
        self._troubles: dict[str, Trouble] = {}
        self._file = file
        self._next = 1
        if file and file.exists():
            self._load(file)

    def _load(self, file: Path) -> None:
        for line in file.read_text(encoding="utf-8").splitlines()[-MOST:]:
            try:
                letter = Letter(**json.loads(line))
            except (ValueError, TypeError):
                continue  # a line that a crash cut short
            self._letters.append(letter)
            self._next = max(self._next, letter.number + 1)

    def put(self, provider: str, **given: Any) -> Letter:
        """Deliver."""
        with self._lock:
            letter = Letter(number=self._next, provider=provider, at=time.time(), **given)
            self._next += 1
            self._letters.append(letter)
            self._append(letter)
            return letter

    def _append(self, letter: Letter) -> None:
        if self._file:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(letter), ensure_ascii=False) + "\n")

    def letters(self, *, to: str = "", provider: str = "") -> list[Letter]:
        """What was delivered, newest first."""
        with self._lock:
            found = [one for one in self._letters if to in {"", one.to} and provider in {"", one.provider}]
        return found[::-1]

    def find(self, number: int) -> Letter | None:
        with self._lock:
            return next((one for one in self._letters if one.number == number), None)

    def count(self, *, provider: str, to: str, within: float) -> int:
        """Deliveries to an address in the last seconds: the quota's measure."""
        since = time.time() - within
        return sum(1 for one in self.letters(to=to, provider=provider) if one.at >= since)

    def plan(self, provider: str, trouble: Trouble | None) -> None:
        """Let a provider have a trouble, or none again."""
        with self._lock:
            if trouble is None:
                self._troubles.pop(provider, None)
            else:
                self._troubles[provider] = trouble

    def has_plan(self, provider: str) -> bool:
        """Whether a trouble still waits for requests."""
        with self._lock:
            return provider in self._troubles

    def trouble(self, provider: str) -> Trouble | None:
        """The trouble for one request; used up when its times are."""
        with self._lock:
            found = self._troubles.get(provider)
            if found and found.times > 0:
                found.times -= 1
                if found.times == 0:
                    del self._troubles[provider]
            return found

    def as_rows(self, letters: Iterable[Letter]) -> list[dict[str, Any]]:
        return [asdict(one) for one in letters]
