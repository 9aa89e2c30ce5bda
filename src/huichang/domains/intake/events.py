from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huichang.kernel.events import Event


@dataclass(frozen=True, slots=True)
class ImportFinished(Event):
    """An import changed facts of a store; due lists are computed anew."""

    name: ClassVar[str] = "intake.import_finished"

    run_id: int
