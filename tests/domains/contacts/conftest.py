"""Local providers that speak the real protocols, a store, and a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # conftest files are imported before Django is set up
    from huichang.domains.dealers.models import Dealer
    from huichang.fakes.server import Fakes
    from tests.factories.messaging import Clock


@pytest.fixture(scope="module")
def started() -> Iterator[Fakes]:
    from tests.factories.messaging import running_fakes

    with running_fakes() as fakes:
        fakes.aliyun.skew_seconds = float("inf")  # the tests have a clock of their own
        yield fakes


@pytest.fixture
def fakes(started: Fakes) -> Iterator[Fakes]:
    yield started
    for provider in ("aliyun", "tencent", "official", "mini", "smtp"):
        started.inbox.plan(provider, None)
    started.official.strangers.clear()


@pytest.fixture
def east() -> Dealer:
    from tests.factories.world import make_world

    return make_world().east


@pytest.fixture
def clock() -> Clock:
    from tests.factories.messaging import Clock
    from tests.factories.world import NOW

    return Clock(NOW)
