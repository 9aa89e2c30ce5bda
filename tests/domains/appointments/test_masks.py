"""What all starts are asked at once is what each start is asked by itself."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huichang.domains.appointments.models import Booking, BookingBand
from huichang.domains.appointments.planning import facts as planning
from huichang.domains.appointments.planning.plans import Ask
from huichang.domains.appointments.planning.search import Search
from huichang.domains.dealers.models import PolicyLevel, PolicyValue
from tests.factories.booking_store import MONDAY, NOW, Store
from tests.factories.booking_worlds import WORLDS, furnish

DAYS = 2
ASKS = st.builds(
    Ask,
    priority=st.sampled_from(["", "complaint"]),
    first_service=st.booleans(),
    channel=st.sampled_from(["desk", "portal"]),
    waits=st.booleans(),
    ready=st.sampled_from([None, None, MONDAY + timedelta(days=1)]),
    walks_in=st.booleans(),
    purpose=st.sampled_from(["", "", "quick"]),
    override=st.sampled_from([False, False, True]),
)
# What differs between stores: each value is in force in half the worlds.
RULES = st.fixed_dictionaries({}, optional={
    "appointments.arrivals_at_once": st.just("1"),
    "appointments.waiters_at_once": st.just("1"),
    "appointments.online_share_percent": st.just("40"),
    "appointments.reception_minutes": st.sampled_from(["10", "20"]),
    "appointments.grid_minutes": st.sampled_from(["10", "30"]),
})  # fmt: skip


def _set(key: str, value: str) -> None:
    PolicyValue.objects.create(
        key=key, level=PolicyLevel.MAKER, value=value, effective_date=date(2026, 1, 1), author_name="测试",
        created_at=NOW,
    )  # fmt: skip


@settings(
    max_examples=16, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(world=WORLDS, ask=ASKS, rules=RULES, long=st.booleans(), peak=st.booleans())
def test_asked_at_once_or_one_by_one_the_answer_is_the_same(
    store: Store, world: dict[str, Any], ask: Ask, rules: dict[str, str], long: bool, peak: bool
) -> None:
    with transaction.atomic():
        jobs = furnish(store, world)
        if long:  # work over lunch and night is not among what is asked at once
            jobs = [*jobs, store.labour("大修", jobs[0].skill, "6.0")]
        if peak:
            BookingBand.objects.create(
                dealer=store.dealer, name="早高峰", starts_at=time(9), ends_at=time(10), is_peak=True
            )
        Booking.objects.filter(pk__in=Booking.objects.values("pk")[:2]).update(waits=True)
        for key, value in rules.items():
            _set(key, value)
        facts = planning.load(store.dealer, MONDAY, DAYS, NOW, labour_ids=[job.pk for job in jobs])
        at_once, one_by_one = Search(facts, facts.jobs, ask), Search(facts, facts.jobs, ask)

        starts = [start for number in range(DAYS) for start in one_by_one.starts(number)]
        kept = {start for start in starts if one_by_one.plan(start)}
        assert {start for start in starts if at_once.keeps(start)} == kept
        assert sum(at_once.free_starts(number) for number in range(DAYS)) == len(kept)
        assert set(starts) & {s for s in starts if at_once.masks.kept >> s & 1} <= kept
        if at_once.hours <= at_once.uninterrupted:
            assert at_once.masks.is_complete
        transaction.set_rollback(True)
