"""What the tests of staff pages share: the two stores, counted queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from tests.factories.world import World


@pytest.fixture
def world(db: None) -> World:
    # Here, not above: given a path, pytest reads this file before Django is set up.
    from tests.factories.world import make_world

    return make_world()


@pytest.fixture
def queries() -> Callable[[Client, str], int]:
    """How many queries a page needs, after a first visit that fills the caches of the process."""

    def count(client: Client, url: str) -> int:
        assert client.get(url).status_code == 200
        with CaptureQueriesContext(connection) as captured:
            client.get(url)
        return len(captured)

    return count
