from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.factories.owners import Clock
    from tests.factories.world import World


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Requests happen at NOW, until a test lets time pass."""
    from huichang.interfaces import sessions
    from tests.factories.owners import Clock

    clock = Clock()
    monkeypatch.setattr(sessions, "timezone", SimpleNamespace(now=clock.now))
    return clock


@pytest.fixture
def world(db: None) -> World:
    """东区店 can send codes and keep services; 西区店 must never be seen by its owners."""
    from tests.factories.owners import make_sms, make_workshop
    from tests.factories.world import make_world

    world = make_world()
    make_sms(world.east)
    make_workshop(world.east)
    make_workshop(world.west)
    return world
