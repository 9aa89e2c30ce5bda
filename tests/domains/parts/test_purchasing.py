"""Orders: what was promised to whom, what came, what will not, and what the receipts teach."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from huichang.domains.dealers.models import PolicyValue
from huichang.domains.parts import batch, jobs, operations, policies
from huichang.domains.parts.events import PartsLate, PartsReady
from huichang.domains.parts.models import Part, PartUse, PurchaseOrder, Reservation, StockAlarm
from huichang.domains.parts.queries import slowest_lead_days
from huichang.kernel.lifecycle import TransitionRefused
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date
from tests.factories.parts_store import Room
from tests.factories.world import TODAY, make_labour

DAY = timedelta(days=1)


def open_alarms(kind: str) -> dict[str, str]:
    """{code of the part: subject} of what is not lifted."""
    return dict(StockAlarm.objects.filter(kind=kind, lifted_at=None).values_list("part__code", "subject"))


def test_a_draft_promises_nothing_until_it_is_placed(room: Room) -> None:
    pads = room.part(lead_days=5)
    room.reserve("A1", (pads, 1))
    order = room.do(
        "draft_order",
        dealer=room.dealer,
        supplier=room.supplier(),
        lines=[operations.Wanted(pads, Decimal(1))],
    )
    assert (room.held("A1"), order.lines.get().expected_date) == ({"short": "1"}, TODAY + 5 * DAY)
    room.do("place_order", order=order)
    assert room.held("A1") == {"ordered": "1"}
    with pytest.raises(TransitionRefused):
        room.do("place_order", order=PurchaseOrder.objects.get())


def test_a_part_of_a_line_serves_the_earliest_visit_and_the_rest_keeps_waiting(
    room: Room, told: list[Any]
) -> None:
    pads = room.part()
    room.reserve("LATER", (pads, 2), need=TODAY + 20 * DAY)
    room.reserve("FIRST", (pads, 2), need=TODAY + 10 * DAY)
    line = room.ordered(pads, 4)
    told.clear()
    room.do("receive", line=line, quantity=Decimal(3))
    assert (room.held("FIRST"), room.held("LATER")) == ({"reserved": "2"}, {"reserved": "1", "ordered": "1"})
    assert told == [PartsReady(dealer_id=room.dealer.pk, reference="FIRST")]
    assert PurchaseOrder.objects.get().status == "placed"
    room.do("receive", line=line, quantity=Decimal(1))
    assert (room.held("LATER"), PurchaseOrder.objects.get().status) == ({"reserved": "2"}, "received")


def test_more_than_is_awaited_is_not_booked_in(room: Room) -> None:
    line = room.ordered(room.part(), 2)
    for quantity in (Decimal(3), Decimal(0)):
        with pytest.raises(OperationRefused, match="还有 2 没到"):
            room.do("receive", line=line, quantity=quantity)


def test_another_day_moves_the_promises_and_tells_who_will_be_late(room: Room, told: list[Any]) -> None:
    pads = room.part()
    line = room.ordered(pads, 2, expected=TODAY + DAY)
    room.reserve("SOON", (pads, 1), need=TODAY + 3 * DAY)
    room.reserve("LATER", (pads, 1), need=TODAY + 9 * DAY)
    told.clear()
    room.do("expect", line=line, expected_date=TODAY + 5 * DAY)
    assert told == [
        PartsLate(
            dealer_id=room.dealer.pk, reference="SOON", part_id=pads.pk, expected_date=TODAY + 6 * DAY,
            need_date=TODAY + 3 * DAY,
        )
    ]  # fmt: skip
    assert line.order.lines.get().first_expected_date == TODAY + DAY
    with pytest.raises(OperationRefused, match="不能早于今天"):
        room.do("expect", line=line, expected_date=TODAY - DAY)


def test_free_pieces_help_a_visit_whose_order_comes_too_late(room: Room) -> None:
    pads = room.part(stock=1)
    room.reserve("A1", (pads, 1))
    line = room.ordered(pads, 1, expected=TODAY + 9 * DAY)
    room.reserve("A2", (pads, 1), need=TODAY + 2 * DAY)
    assert room.held("A2") == {"ordered": "1"}
    room.do("release", reference="A1", reason="客户取消")
    assert room.held("A2") == {"reserved": "1"}
    assert not Reservation.objects.filter(purchase_line=line, status="ordered").exists()


def test_the_rest_of_a_line_that_will_not_come_is_a_need_again(room: Room) -> None:
    pads = room.part(lead_days=3)
    room.reserve("A1", (pads, 2))
    line = room.ordered(pads, 2)
    room.do("receive", line=line, quantity=Decimal(1))
    with pytest.raises(OperationRefused, match="原因"):
        room.do("close_line", line=line, reason="")
    room.do("close_line", line=line, reason="厂家停产")
    assert room.held("A1") == {"reserved": "1", "short": "1"}
    assert PurchaseOrder.objects.get().status == "received"


def test_an_order_of_which_something_came_is_not_cancelled_whole(room: Room) -> None:
    pads = room.part()
    room.reserve("A1", (pads, 2))
    line = room.ordered(pads, 2)
    room.do("receive", line=line, quantity=Decimal(1))
    with pytest.raises(OperationRefused, match="已经有配件到货"):
        room.do("cancel_order", order=line.order, reason="换供应商")
    other = room.ordered(room.part("P-2"), 1)
    room.do("cancel_order", order=other.order, reason="换供应商")
    assert other.order.status == "cancelled"


class TestLeadTimes:
    """The store's receipts know better than the catalogue."""

    def buy(self, room: Room, part: Part, *days: int, supplier: str = "中心库") -> None:
        """So many receipts, each so many days after its order."""
        for number, wait in enumerate(days):
            placed = room.now - timedelta(days=100 + number)
            order = operations.draft_order(
                dealer=room.dealer, supplier=room.supplier(supplier), actor=room.actor, now=placed,
                lines=[operations.Wanted(part, Decimal(1))],
            )  # fmt: skip
            operations.place_order(order=order, actor=room.actor, now=placed)
            operations.receive(
                line=order.lines.get(),
                quantity=Decimal(1),
                actor=room.actor,
                now=placed + timedelta(days=wait),
            )

    def test_median_and_high_quantile_and_the_usual_supplier(self, room: Room) -> None:
        pads = room.part(lead_days=2)
        self.buy(room, pads, 4, 4, 5, 11)
        self.buy(room, pads, 4, supplier="本地供应")
        assert batch.learn_leads(dealer=room.dealer, on=TODAY) == 1
        pads.refresh_from_db()
        assert (pads.learned_days, pads.learned_high_days, pads.learned_receipts) == (4, 11, 5)
        assert pads.learned_supplier is not None
        assert (pads.learned_supplier.name, pads.usual_lead_days) == ("中心库", 11)

    def test_too_few_receipts_leave_what_the_catalogue_states(self, room: Room) -> None:
        pads = room.part(lead_days=2)
        self.buy(room, pads, 9, 9)
        batch.learn_leads(dealer=room.dealer, on=TODAY)
        pads.refresh_from_db()
        assert (pads.learned_high_days, pads.usual_lead_days) == (None, 2)

    def test_the_policy_says_how_sure_is_sure(self, room: Room) -> None:
        pads = room.part()
        self.buy(room, pads, 4, 4, 5, 11)
        PolicyValue.objects.create(
            key=policies.LEAD_QUANTILE.key, level="maker", value="0.50", effective_date=date(2020, 1, 1),
            author_name="", created_at=room.now,
        )  # fmt: skip
        batch.learn_leads(dealer=room.dealer, on=TODAY)
        pads.refresh_from_db()
        assert pads.learned_high_days == 4

    def test_the_last_safe_day_reads_the_learned_time(self, room: Room) -> None:
        pads, labour = room.part(lead_days=2), make_labour(room.dealer)
        PartUse.objects.create(dealer=room.dealer, labour=labour, part=pads, share=1, quantity=1)
        assert slowest_lead_days([labour]) == 2
        self.buy(room, pads, 6, 6, 6)
        batch.learn_leads(dealer=room.dealer, on=TODAY)
        assert slowest_lead_days([labour]) == 6

    def test_learning_again_changes_nothing(self, room: Room) -> None:
        self.buy(room, room.part(), 6, 6, 6)
        batch.learn_leads(dealer=room.dealer, on=TODAY)
        assert batch.learn_leads(dealer=room.dealer, on=TODAY) == 0


class TestAlarms:
    def test_a_need_is_an_alarm_until_it_is_ordered(self, room: Room) -> None:
        pads = room.part()
        room.reserve("A1", (pads, 1))
        assert open_alarms("short") == {"P-PAD": "A1"}
        room.ordered(pads, 1)
        assert open_alarms("short") == {}

    def test_a_low_stock_is_told_when_parts_leave_and_again_not_when_they_are_ordered(
        self, room: Room
    ) -> None:
        pads = room.part(stock=5, safety_stock=4)
        room.do("issue", reference="W1", technician="张伟", lines=[(pads.pk, Decimal(2))])
        assert (open_alarms("low"), StockAlarm.objects.get().quantity) == ({"P-PAD": ""}, Decimal(1))
        room.ordered(pads, 1)
        assert open_alarms("low") == {}

    def test_an_overdue_order_is_told_in_the_morning_with_the_visits_it_delays(
        self, room: Room, told: list[Any]
    ) -> None:
        pads = room.part()
        line = room.ordered(pads, 1, expected=TODAY + DAY)
        room.reserve("A1", (pads, 1), need=TODAY + 3 * DAY)
        told.clear()
        room.now += 2 * DAY
        room.do("start_day", dealer=room.dealer)
        room.do("start_day", dealer=room.dealer)
        today = local_date(room.now)
        assert open_alarms("late") == {"P-PAD": line.order.number}
        # overdue today, so tomorrow at best, and fitted the day after
        late = PartsLate(
            dealer_id=room.dealer.pk, reference="A1", part_id=pads.pk, expected_date=today + 2 * DAY,
            need_date=TODAY + 3 * DAY,
        )  # fmt: skip
        assert told == [late]
        room.do("receive", line=line, quantity=Decimal(1))
        assert open_alarms("late") == {}

    def test_what_nobody_orders_moves_on_with_the_days(self, room: Room) -> None:
        room.reserve("A1", (room.part(lead_days=3), 1))
        room.now += 2 * DAY
        room.do("start_day", dealer=room.dealer)
        assert Reservation.objects.get().promised_date == TODAY + 6 * DAY

    def test_what_arrived_for_a_car_that_did_not_come(self, room: Room) -> None:
        pads = room.part()
        line = room.ordered(pads, 1)
        room.reserve("A1", (pads, 1), need=TODAY + 3 * DAY)
        room.do("receive", line=line, quantity=Decimal(1))
        room.now += 3 * DAY
        room.do("start_day", dealer=room.dealer)
        assert open_alarms("unfitted") == {}
        room.now += DAY
        room.do("start_day", dealer=room.dealer)
        assert open_alarms("unfitted") == {"P-PAD": "A1"}
        room.do("issue", reference="A1", technician="张伟")
        assert open_alarms("unfitted") == {}

    def test_an_alarm_is_answered_and_stays_until_its_cause_is_gone(self, room: Room) -> None:
        room.reserve("A1", (room.part(), 1))
        alarm = StockAlarm.objects.get()
        room.do("answer_alarm", alarm=alarm, note="已问中心库")
        room.do("start_day", dealer=room.dealer)
        alarm.refresh_from_db()
        assert (alarm.note, alarm.lifted_at) == ("已问中心库", None)
        room.do("release", reference="A1", reason="客户取消")
        with pytest.raises(OperationRefused, match="已经解除"):
            room.do("answer_alarm", alarm=alarm, note="晚了")


@pytest.mark.parametrize("parts", [2, 12])
def test_the_day_begins_with_as_many_statements_however_many_parts(room: Room, parts: int) -> None:
    for number in range(parts):
        room.reserve(f"A{number}", (room.part(f"P-{number}"), 1))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        room.do("start_day", dealer=room.dealer)
    assert len(queries) < 12


def test_the_morning_job_begins_the_day_of_every_store(room: Room) -> None:
    pads = room.part()
    room.now = timezone.now() - 3 * DAY  # the job reads the clock
    room.ordered(pads, 1, expected=local_date(room.now) + DAY)
    jobs.start_day(0)
    assert open_alarms("late") == {"P-PAD": PurchaseOrder.objects.get().number}
