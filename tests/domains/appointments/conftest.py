from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # conftest files are imported before Django is set up
    from tests.factories.booking_store import Store


@pytest.fixture
def store(db: None) -> Iterator[Store]:
    """East, empty of bays and people, with its scope open."""
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.booking_store import make_store

    made = make_store()
    with dealer_scope(made.dealer.pk):
        yield made


@pytest.fixture
def quick(store: Store) -> Store:
    """East with one quick-service bay, one technician and one advisor."""
    store.bay("快保1号", "快保")
    store.technician("张伟", "快保")
    store.advisor("吴倩")
    return store
