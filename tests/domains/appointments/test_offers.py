"""What is offered, what is not, and the reasons."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

import pytest

from huichang.domains.appointments import operations, queries
from huichang.domains.appointments.models import BookingBand
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.catalog.models import Absence, LabourOperation
from huichang.domains.catalog.queries import active_staff
from huichang.domains.dealers import operations as dealers
from tests.factories.booking_store import MONDAY, NOW, Store, at


def offered(store: Store, *labour: LabourOperation, day: date = MONDAY, **more: Any) -> list[str]:
    """The clock times that can be kept on a day."""
    found = queries.offers(
        dealer=store.dealer, labour_ids=[row.pk for row in labour], now=NOW, day=day, **more
    )
    return [f"{slot.starts_at:%H:%M}" for slot in found.slots if slot.is_free]


def refusals(
    store: Store, *labour: LabourOperation, clock: str, day: date = MONDAY, **more: Any
) -> tuple[str, ...]:
    found = queries.offers(
        dealer=store.dealer,
        labour_ids=[row.pk for row in labour],
        now=NOW,
        wanted=at(clock, day),
        **more,
    )
    assert found.wanted_slot is not None
    return found.wanted_slot.refusals


def test_slots_lie_on_the_grid_within_the_opening_periods_after_the_arrival(quick: Store) -> None:
    times = offered(quick, quick.labour("常规保养", "快保", "1.0"))

    assert times[0] == "09:00"  # at 8:00 the notice of an hour lasts until then
    assert [clock for clock in times if clock < "13:00"][-1] == "11:00"  # short work ends before lunch
    assert "13:00" not in times  # its customer would have to come during lunch
    assert "13:15" in times
    assert times[-1] == "16:30"


def test_the_reserve_is_never_promised(quick: Store) -> None:
    service = quick.labour("大保养", "快保", "3.2")  # two of them are 80 % of the technician's 8 hours
    operations.book(**quick.visit(service, clock="08:45") | {"now": at("07:00")})
    operations.book(**quick.visit(service, clock="13:15"))
    small = quick.labour("补气", "快保", "0.2")

    assert refusals(quick, small, clock="17:00") == ("快保当天可约 6.4 工时,已约 6.4,再约会占用预留",)
    assert offered(quick, small) == []


def test_a_complaint_customer_may_have_the_reserve(quick: Store) -> None:
    service = quick.labour("大保养", "快保", "3.2")
    operations.book(**quick.visit(service, clock="13:15"))
    operations.book(**quick.visit(service, clock="08:45") | {"now": at("07:00")})
    small = quick.labour("补气", "快保", "0.2")

    booking = operations.book(
        **quick.visit(small, clock="17:00"), priority="complaint", priority_reason="投诉没有结案"
    )

    assert booking.priority == "complaint"


def test_every_reason_is_named(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    paint = quick.labour("补漆", "喷漆", "2.0")

    assert refusals(quick, service, clock="08:15") == (
        "离现在不到 60 分钟,来不及准备", "接待或作业不在营业时间内",
    )  # fmt: skip
    assert refusals(quick, service, clock="17:15") == ("接待或作业不在营业时间内",)
    assert refusals(quick, service, clock="10:00", day=date(2026, 11, 29)) == ("当天不营业:每周休息日",)
    assert refusals(quick, paint, clock="10:00") == (
        "本店没有能做“喷漆”的工位",
        "本店没有“喷漆”资质的在岗技师",
    )
    assert "最多提前 60 天预约" in refusals(quick, service, clock="10:00", day=MONDAY + timedelta(days=63))


def test_a_busy_advisor_is_a_reason(quick: Store) -> None:
    quick.bay("快保2号", "快保")
    quick.technician("王磊", "快保")
    service = quick.labour("常规保养", "快保", "0.8")
    operations.book(**quick.visit(service, clock="10:00"))

    assert refusals(quick, service, clock="10:00") == ("09:45 服务顾问都在接待",)
    assert "10:15" in offered(quick, service)


def test_people_and_bays_away_are_not_offered(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    technician = quick.technician("王磊", "快保")
    for person in (technician, *active_staff(quick.dealer, ("technician",))):
        Absence.objects.create(dealer=quick.dealer, staff=person, starts_at=at("08:30"), ends_at=at("12:00"))

    times = offered(quick, service)

    assert times[0] == "13:15"
    assert "有“快保”资质的技师 10:00–11:00 都已排满" in refusals(quick, service, clock="10:00")


def test_a_rare_skill_is_done_in_the_bays_of_its_peoples_other_skill(store: Store) -> None:
    store.bay("机修1号", "机修")
    store.technician("何军", "机修", "变速箱")
    store.advisor("吴倩")
    operations.book(**store.visit(store.labour("变速箱检查", "变速箱", "1.0")))

    assert "机修工位 10:00–11:00 都已占用" in refusals(
        store, store.labour("诊断", "机修", "1.0"), clock="10:00"
    )


def test_hours_count_for_every_skill_of_their_technician(store: Store) -> None:
    for name in ("机修1号", "机修2号"):
        store.bay(name, "机修")
    store.technician("何军", "机修", "变速箱")
    store.advisor("吴倩")
    store.advisor("江艳")
    operations.book(**store.visit(store.labour("大修", "机修", "3.5"), clock="13:15"))

    loads = queries.overview(dealer=store.dealer, first=MONDAY, days=1, now=NOW)[0].skills

    assert [row.skill for row in loads] == ["变速箱", "机修"]
    assert [row.booked_hours for row in loads] == [3.5, 3.5]
    assert [row.limit_hours for row in loads] == [pytest.approx(6.4), pytest.approx(6.4)]


def test_jobs_of_two_skills_are_one_visit_block_after_block(store: Store) -> None:
    store.bay("快保1号", "快保")
    store.bay("机修1号", "机修")
    store.technician("张伟", "快保")
    store.technician("何军", "机修")
    store.advisor("吴倩")
    jobs = (store.labour("常规保养", "快保", "0.8"), store.labour("前制动片", "机修", "0.7"))

    booking = queries.get(operations.book(**store.visit(*jobs)).pk)

    assert [(str(b.bay), str(b.staff), b.starts_at, b.ends_at) for b in queries.work_blocks(booking)] == [
        ("快保1号", "张伟", at("10:00"), at("11:00")), ("机修1号", "何军", at("11:00"), at("11:45")),
    ]  # fmt: skip
    assert (booking.starts_at, booking.ends_at) == (at("10:00"), at("11:45"))


def test_one_person_with_all_skills_does_it_in_one_block(store: Store) -> None:
    bay = store.bay("综合1号", "机修")
    bay.also_skills = ["快保"]
    bay.save()
    store.technician("韩超", "快保", "机修")
    store.advisor("吴倩")
    jobs = (store.labour("常规保养", "快保", "0.8"), store.labour("前制动片", "机修", "0.7"))

    booking = queries.get(operations.book(**store.visit(*jobs)).pk)

    assert [(b.starts_at, b.ends_at) for b in queries.work_blocks(booking)] == [(at("10:00"), at("11:30"))]


def test_long_work_goes_on_after_lunch_and_the_next_day_at_the_promised_share(store: Store) -> None:
    store.bay("钣金1号", "钣金")
    store.technician("周涛", "钣金")
    store.advisor("吴倩")
    repair = store.labour("事故钣金", "钣金", "8.0")

    booking = operations.book(**store.visit(repair, clock="10:00"))

    # 8 hours at 80 % take 10 open hours: 2 before lunch, 4.5 after it, 3.5 on Tuesday.
    assert booking.ends_at == at("12:00", MONDAY + timedelta(days=1))
    loads = [row.skills[0] for row in queries.overview(dealer=store.dealer, first=MONDAY, days=2, now=NOW)]
    assert [row.booked_hours for row in loads] == [pytest.approx(5.2), pytest.approx(2.8)]
    assert all(row.booked_hours <= row.limit_hours for row in loads)


def test_peak_bands_are_closed_but_not_to_first_services(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    BookingBand.objects.create(
        dealer=quick.dealer, name="早高峰", starts_at=time(8, 30), ends_at=time(10, 0), is_peak=True
    )
    BookingBand.objects.create(
        dealer=quick.dealer, name="午后", starts_at=time(13, 0), ends_at=time(15, 0), discount_percent=15
    )

    assert refusals(quick, service, clock="09:30") == ("高峰时段“早高峰”不接受预约",)
    assert "09:30" in offered(quick, service, first_service=True)
    assert operations.book(**quick.visit(service, clock="14:00")).discount_percent == 15


def test_holidays_and_special_days_are_not_offered(quick: Store) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    dealers.set_special_day(dealer=quick.dealer, day=MONDAY, is_open=False, reason="盘点", actor=quick.actor)

    found = queries.offers(dealer=quick.dealer, labour_ids=[service.pk], now=NOW)

    assert (found.days[0].is_open, found.days[0].why_closed) == (False, "盘点")
    assert found.day == MONDAY + timedelta(days=1)


def test_a_wanted_advisor_is_insisted_on(quick: Store) -> None:
    other = quick.advisor("江艳")
    quick.bay("快保2号", "快保")
    quick.technician("王磊", "快保")
    service = quick.labour("常规保养", "快保", "0.8")

    first = operations.book(**quick.visit(service), advisor_id=other.pk)

    assert queries.advisor_of(queries.get(first.pk)) == other
    with pytest.raises(SlotTaken, match="服务顾问都在接待"):
        operations.book(**quick.visit(service), advisor_id=other.pk)


@pytest.mark.parametrize("booked", [0, 6])
def test_offers_ask_the_same_number_of_questions_for_any_number_of_bookings(
    quick: Store, booked: int, django_assert_max_num_queries: Any
) -> None:
    service = quick.labour("常规保养", "快保", "0.8")
    for number in range(booked):
        operations.book(**quick.visit(service, clock="10:00", day=MONDAY + timedelta(days=number % 6)))

    with django_assert_max_num_queries(4):
        queries.offers(dealer=quick.dealer, labour_ids=[service.pk], now=NOW, wanted=at("10:00"))
