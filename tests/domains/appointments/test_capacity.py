"""What is counted beside bays and people: channels, waiters, kinds of work, equipment, arrivals, overrides."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import (
    BandDiscount,
    BookingBand,
    BookingBlock,
    BookingOverride,
    Equipment,
    EquipmentNeed,
    EquipmentOutage,
    JobLimit,
)
from huichang.domains.appointments.operations import SlotTaken, rules
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.dealers.models import PolicyValue
from huichang.kernel.actors import PermissionRefused
from huichang.kernel.operations import OperationRefused
from tests.factories.booking_store import MONDAY, NOW, Store, at


def offered(store: Store, *labour: LabourOperation, day: date = MONDAY, **more: Any) -> list[str]:
    found = queries.offers(
        dealer=store.dealer, labour_ids=[row.pk for row in labour], now=NOW, day=day, **more
    )
    return [f"{slot.starts_at:%H:%M}" for slot in found.slots if slot.is_free]


def why_not(store: Store, *labour: LabourOperation, clock: str, **more: Any) -> tuple[str, ...]:
    found = queries.offers(
        dealer=store.dealer, labour_ids=[row.pk for row in labour], now=NOW, wanted=at(clock), **more
    )
    assert found.wanted_slot is not None
    return found.wanted_slot.refusals


def rule(store: Store, key: str, value: str) -> None:
    PolicyValue.objects.create(
        key=f"appointments.{key}", level="dealer", dealer=store.dealer, value=value, effective_date=date(2026, 1, 1),
        author_name="测试", created_at=NOW,
    )  # fmt: skip


def test_the_discount_of_a_band_depends_on_the_channel(quick: Store) -> None:
    band = BookingBand.objects.create(
        dealer=quick.dealer, name="午后", starts_at=time(13), ends_at=time(16), discount_percent=10
    )
    BandDiscount.objects.create(dealer=quick.dealer, band=band, channel="app", discount_percent=20)
    service = quick.labour("保养", "快保", "1.0")

    def discount(channel: str) -> int:
        found = queries.offers(
            dealer=quick.dealer, labour_ids=[service.pk], now=NOW, wanted=at("14:00"), channel=channel
        )
        assert found.wanted_slot is not None
        return found.wanted_slot.discount_percent

    assert (discount("desk"), discount("app")) == (10, 20)
    assert operations.book(**quick.visit(service, clock="14:00"), source="app").discount_percent == 20


def test_a_store_may_book_in_its_bands_only_but_for_first_services(quick: Store) -> None:
    small = quick.labour("保养", "快保", "1.0")
    BookingBand.objects.create(
        dealer=quick.dealer, name="下午", starts_at=time(13, 0), ends_at=time(16, 0), discount_percent=20
    )
    assert "09:00" in offered(quick, small)

    rule(quick, "only_in_bands", "1")

    free = offered(quick, small)
    assert (free[0], free[-1]) == ("13:15", "15:45")
    assert why_not(quick, small, clock="10:00") == ("只在预约时段里接受预约",)
    assert "10:00" in offered(quick, small, first_service=True)
    with pytest.raises(SlotTaken, match="只在预约时段里接受预约"):
        operations.book(**quick.visit(small, clock="10:00"))


def test_owners_have_their_quota_and_the_desk_the_rest(quick: Store) -> None:
    rule(quick, "online_share_percent", "25")  # of 6.4 hours: 1.6
    service = quick.labour("保养", "快保", "1.0")
    operations.book(**quick.visit(service, clock="10:00"), source="portal")

    assert why_not(quick, service, clock="14:00", channel="wechat") == (
        "快保当天线上可约的工时已约满,电话预约还可以",
    )
    with pytest.raises(SlotTaken):
        operations.book(**quick.visit(service, clock="14:00"), source="wechat")
    assert "14:00" in offered(quick, service, channel="desk")


def test_only_so_many_wait_at_the_same_time(store: Store) -> None:
    for number in (1, 2):
        store.bay(f"快保{number}号", "快保")
        store.technician(f"技师{number}", "快保")
        store.advisor(f"顾问{number}")
    rule(store, "waiters_at_once", "1")
    service = store.labour("保养", "快保", "1.0")
    operations.book(**store.visit(service, clock="10:00"), waits=True)

    assert why_not(store, service, clock="10:30", waits=True) == ("在店等候的客户同时最多 1 位",)
    assert "10:30" in offered(store, service, waits=False)
    assert "11:00" not in offered(store, service, waits=True)  # it would come at 10:45
    operations.book(**store.visit(service, clock="13:15"), waits=True)


def test_a_kind_of_work_has_its_number_a_day(quick: Store) -> None:
    film = quick.labour("贴膜", "快保", "1.0")
    JobLimit.objects.create(dealer=quick.dealer, name="贴膜", labour=film, per_day=1)
    operations.book(**quick.visit(film, clock="10:00"))

    assert why_not(quick, film, clock="14:00") == ("“贴膜”当天最多 1 台,已约满",)
    assert "14:00" in offered(quick, quick.labour("保养", "快保", "1.0"))
    assert "10:00" in offered(quick, film, day=MONDAY + timedelta(days=1))


def test_equipment_is_kept_for_the_job_and_never_twice(store: Store) -> None:
    for number in (1, 2):
        store.bay(f"机修{number}号", "机修")
        store.technician(f"技师{number}", "机修")
        store.advisor(f"顾问{number}")
    Equipment.objects.create(dealer=store.dealer, name="四轮定位仪", kind="定位")
    align = store.labour("四轮定位", "机修", "1.0")
    EquipmentNeed.objects.create(dealer=store.dealer, labour=align, kind="定位")

    booking = operations.book(**store.visit(align, clock="10:00"))

    assert str(BookingBlock.objects.get(booking=booking, kind="equipment").equipment) == "四轮定位仪"
    assert why_not(store, align, clock="10:30") == ("设备“定位” 10:30–11:30 不空",)
    assert "10:30" in offered(store, store.labour("诊断", "机修", "1.0"))
    operations.cancel(booking=booking, actor=store.actor, now=NOW, reason="不来了")
    assert "10:30" in offered(store, align)


def test_equipment_out_of_use_by_time_takes_its_capacity_with_it(store: Store) -> None:
    for number in (1, 2):
        store.bay(f"机修{number}号", "机修")
        store.technician(f"技师{number}", "机修")
        store.advisor(f"顾问{number}")
    lift = Equipment.objects.create(dealer=store.dealer, name="举升机", kind="举升")
    brakes = store.labour("刹车", "机修", "1.0")
    EquipmentNeed.objects.create(dealer=store.dealer, labour=brakes, kind="举升")
    given: Any = {"equipment": lift, "actor": store.actor, "now": NOW}

    with pytest.raises(OperationRefused, match="结束要晚于开始"):
        rules.add_outage(starts_at=at("12:00"), ends_at=at("10:00"), **given)
    outage = rules.add_outage(starts_at=at("10:00"), ends_at=at("12:00"), reason="检修", **given)

    assert why_not(store, brakes, clock="10:30") == ("设备“举升” 10:30–11:30 不空",)
    free = set(offered(store, brakes))
    assert "09:00" in free
    assert not {"09:15", "10:00", "11:45"} & free
    assert "13:15" in free
    assert "10:30" in offered(store, store.labour("诊断", "机修", "1.0"))
    rules.end_outage(outage=outage, actor=store.actor, now=at("10:30"))
    assert EquipmentOutage.objects.get().ends_at == at("10:30")
    rules.end_outage(outage=outage, actor=store.actor, now=at("09:00"))
    assert "10:30" in offered(store, brakes)


def test_no_slot_lies_before_the_parts(quick: Store) -> None:
    service = quick.labour("保养", "快保", "1.0")
    tuesday = MONDAY + timedelta(days=1)

    assert offered(quick, service, ready_date=tuesday) == []
    assert why_not(quick, service, clock="10:00", ready_date=tuesday) == ("配件最早 11-24 备齐",)
    assert "10:00" in offered(quick, service, ready_date=tuesday, day=tuesday)


def test_idle_times_outside_the_rush_are_recommended(store: Store) -> None:
    for number in (1, 2):
        store.bay(f"快保{number}号", "快保")
        store.technician(f"技师{number}", "快保")
        store.advisor(f"顾问{number}")
    service = store.labour("保养", "快保", "1.0")
    operations.book(**store.visit(service, clock="10:30"))

    found = queries.offers(dealer=store.dealer, labour_ids=[service.pk], now=NOW, day=MONDAY)
    best = [f"{slot.starts_at:%H:%M}" for slot in found.slots if slot.is_recommended]

    assert best == ["10:00", "13:15", "13:30"]  # earlier is the morning rush, 10:15 to 11:00 has company


def test_arrivals_can_be_spaced(store: Store) -> None:
    for number in (1, 2):
        store.bay(f"快保{number}号", "快保")
        store.technician(f"技师{number}", "快保")
        store.advisor(f"顾问{number}")
    rule(store, "arrivals_at_once", "1")
    service = store.labour("保养", "快保", "1.0")
    operations.book(**store.visit(service, clock="10:00"))

    assert why_not(store, service, clock="10:00") == ("09:45 到店的预约客户已经够多",)
    assert "10:15" in offered(store, service)


def test_overbooking_needs_the_right_and_a_reason_and_is_kept(quick: Store) -> None:
    whole_day = quick.labour("大保养", "快保", "3.2")
    operations.book(**quick.visit(whole_day, clock="08:45") | {"now": at("07:00")})
    operations.book(**quick.visit(whole_day, clock="13:15"))
    small = quick.labour("补气", "快保", "0.2")
    clerk = replace(quick.actor, is_system=False, permissions=frozenset({"appointments.book"}))

    with pytest.raises(PermissionRefused):
        operations.book(**quick.visit(small, clock="17:00") | {"actor": clerk}, override_reason="老客户")
    booking = operations.book(**quick.visit(small, clock="17:00"), override_reason="老客户,站长同意")

    kept = BookingOverride.objects.get(booking=booking)
    assert kept.rules == ["快保当天可约 6.4 工时,已约 6.4,再约会占用预留"]
    assert kept.reason == "老客户,站长同意"
    with pytest.raises(SlotTaken):  # what is physically taken stays taken
        operations.book(**quick.visit(small, clock="14:00"), override_reason="再挤一台")


def test_priority_seats_are_for_those_who_may_give_them(quick: Store) -> None:
    small = quick.labour("补气", "快保", "0.2")
    owner = replace(quick.actor, is_system=False, permissions=frozenset({"appointments.book"}))

    with pytest.raises(PermissionRefused):
        operations.book(
            **quick.visit(small) | {"actor": owner}, priority="complaint", priority_reason="投诉没有结案"
        )
    with pytest.raises(OperationRefused, match="为什么用优先位"):
        operations.book(**quick.visit(small), priority="safety", priority_reason=" ")
    booking = operations.book(**quick.visit(small), priority="safety", priority_reason="刹车异响")
    assert (booking.priority, booking.priority_reason) == ("safety", "刹车异响")
    operations.change(
        booking=booking, starts_at=at("14:00"), priority="", reason="已检查", actor=quick.actor, now=NOW
    )
    booking.refresh_from_db()
    assert (booking.priority, booking.priority_reason) == ("", "")
