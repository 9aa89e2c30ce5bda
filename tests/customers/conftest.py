"""Two records that look like one customer, and who may make them one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from huichang.domains.customers.models import Customer
    from huichang.kernel.actors import Actor
    from tests.factories.world import World


@pytest.fixture
def world() -> Iterator[World]:
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.world import make_world

    made = make_world()
    with dealer_scope(made.east.pk):
        yield made


@pytest.fixture
def wang(world: World) -> Actor:
    from tests.factories.world import actor_of

    return actor_of(world.wang, world.east)


@pytest.fixture
def kept(world: World) -> Customer:
    from tests.factories.world import make_customer

    return make_customer(world.east, name="周建国", mobile="13912344418", address="渝北区")


@pytest.fixture
def dropped(world: World) -> Customer:
    from tests.factories.world import make_customer

    return make_customer(world.east, name="周建国", mobile="13800000001")
