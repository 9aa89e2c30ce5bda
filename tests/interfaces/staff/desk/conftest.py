"""The desk on the Tuesday morning of the factories, with outcome codes and the agent 李."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """`clock(moment)` sets the time at which requests arrive."""
    from huichang.interfaces import sessions

    def set_(moment: datetime) -> None:
        monkeypatch.setattr(sessions, "timezone", SimpleNamespace(now=lambda: moment))

    return set_


@pytest.fixture
def li(world: World, clock: Callable[[datetime], None]) -> Client:
    """李's browser at 10:00."""
    from huichang.domains.contacts.operations import seed_codes
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import unscoped
    from tests.factories.world import NOW, signed_in

    with unscoped("codes are the network's"):
        seed_codes(actor=system("test"))
    clock(NOW)
    return signed_in(world.li)
