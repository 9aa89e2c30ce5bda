"""Owners book, change and cancel on their phones while agents do the same at the desk: every promise stays true."""

from __future__ import annotations

import pytest

from tests.factories import crowd as crowds
from tests.factories import crowd_laws

OWNERS, AGENTS, CONNECTIONS, ACTS = 24, 4, 12, 120


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_crowd_on_one_week_breaks_no_promise() -> None:
    crowd = crowds.make_crowd(OWNERS, AGENTS, bays=3, days=2)

    crowds.run(crowd, connections=CONNECTIONS, acts=ACTS)

    assert crowd.errors == []
    assert set(crowd.outcomes) <= {
        "booked", "changed", "cancelled", "SlotTaken", "TransitionRefused", "OperationRefused",
    }  # fmt: skip
    assert min(crowd.outcomes[kind] for kind in ("booked", "changed", "cancelled")) > 0, crowd.outcomes
    assert crowd_laws.broken(crowd) == {}
