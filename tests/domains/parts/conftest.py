from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # conftest files are imported before Django is set up
    from tests.factories.parts_store import Room


@pytest.fixture
def room(db: None) -> Iterator[Room]:
    """A parts room, empty, with its scope open; afterwards its books are proven."""
    from huichang.kernel.scoping import dealer_scope
    from tests.factories.parts_store import make_room

    made = make_room()
    with dealer_scope(made.dealer.pk):
        yield made
        assert made.proven()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The events of parts in the order they are published."""
    from huichang.domains.parts import settling
    from huichang.domains.parts.operations import visits

    events: list[Any] = []
    for module in (settling, visits):
        monkeypatch.setattr(module, "publish", events.append)
    return events
