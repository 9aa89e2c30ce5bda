from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # before Django is set up nothing of it may be imported here
    from huichang.domains.dealers.models import Dealer
    from tests.factories.world import World
    from tests.interfaces.api.program import Program


@pytest.fixture
def world(db: None) -> World:
    from tests.factories.world import make_world

    return make_world()


@pytest.fixture
def program(world: World) -> Program:
    """A program of 东区店 that may do everything the API offers."""
    from tests.interfaces.api.program import Program, token_for

    return Program(token_for(world.east))


@pytest.fixture
def program_of(world: World) -> Callable[..., Program]:
    """A program of a store with the permissions given (all when none is)."""
    from tests.interfaces.api.program import Program, token_for

    def make(dealer: Dealer, *permissions: str, **given: Any) -> Program:
        return Program(token_for(dealer, list(permissions) or None, **given))

    return make
