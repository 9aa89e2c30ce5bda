"""Each kind: which car is due, when, and what the page says of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import translation

from huichang.domains.contacts import purposes, texts
from huichang.domains.dealers.models import PolicyValue
from huichang.domains.dealers.operations import set_policy
from huichang.domains.reminders import kinds, why
from huichang.domains.workshop.models import Finding
from huichang.kernel import policies
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from tests.domains.reminders.running import at, due_of, forecast_of, kinds_of, run, visit
from tests.factories.world import (
    World,
    make_car,
    make_customer,
    make_finding,
    make_reading,
    make_schedule,
    make_world,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 16)


@pytest.fixture
def world() -> World:
    made = make_world()
    make_schedule(
        made.east, series="福克斯", first_months=3, first_km=5_000, interval_months=6, interval_km=10_000
    )
    return made


def test_a_new_car_is_due_for_its_first_service_by_time(world: World) -> None:
    car = make_car(world.east, sale_date=date(2026, 3, 20))

    run(world.east, TODAY)

    due = due_of(car, "first_service")
    assert (due.due_date, due.key) == (date(2026, 6, 20), "first")
    assert why.text(due) == (
        "购车 2026-03-20,首保期限到 2026-06-20。里程(5,000 公里)到得更晚,每天约 40 公里。"
        "本车没有可信的里程,按同车型推算。"
    )


def test_a_car_that_drives_much_is_due_by_mileage_before_its_time(world: World) -> None:
    car = make_car(world.east, sale_date=date(2025, 1, 1))
    visit(world.east, car, date(2025, 7, 1), 18_100)
    visit(world.east, car, date(2026, 3, 1), 42_400)

    run(world.east, TODAY)

    due = due_of(car, "scheduled_service")
    assert due.why["by"] == "km"
    assert due.why["due_km"] == 52_400
    # 100 km a day, drawn a little to the 40 of a store without history: about 107 days to 10,000 km
    assert date(2026, 6, 9) <= due.due_date <= date(2026, 6, 20)
    assert due.key == "after:2026-03-01"
    assert "按里程先到" in why.text(due)
    assert why.short(due) == "到里程 52,400 公里"


def test_a_reading_that_is_doubted_never_moves_a_due_date(world: World) -> None:
    car = make_car(world.east, sale_date=date(2024, 6, 1))
    visit(world.east, car, date(2025, 12, 20), 20_000)
    run(world.east, TODAY)
    before = due_of(car, "scheduled_service").due_date

    reading = make_reading(
        world.east, car=car, km=203_000, read_on=date(2026, 6, 10), status="suspect", doubt="leaps"
    )
    run(world.east, TODAY)
    assert due_of(car, "scheduled_service").due_date == before

    with dealer_scope(world.east.pk):
        reading.status = "confirmed"
        reading.save(update_fields=["status"])
    run(world.east, TODAY)
    assert due_of(car, "scheduled_service").due_date < before


def test_the_forecast_says_how_much_it_knows(world: World) -> None:
    typical = [make_car(world.east, sale_date=date(2025, 1, 1)) for _ in range(6)]
    for car in typical:
        visit(world.east, car, date(2025, 7, 20), 10_000)  # 50 km a day
    one = make_car(world.east, sale_date=date(2026, 1, 1))
    visit(world.east, one, date(2026, 3, 2), 6_000)  # 100 km a day, for two months only
    none = make_car(world.east, sale_date=date(2026, 1, 1))

    run(world.east, TODAY)

    assert forecast_of(typical[0]).basis == "one_reading"
    assert forecast_of(one).basis == "one_reading"
    assert (
        70 < forecast_of(one).km_per_day < 80
    )  # two months of its own against two months' worth of the series
    assert forecast_of(none).basis == "series"
    assert forecast_of(none).km_per_day == 50
    assert forecast_of(none).km_per_day_low <= 50 <= forecast_of(none).km_per_day_high


def test_a_car_last_serviced_elsewhere_is_due_for_the_next_service_not_for_its_first(world: World) -> None:
    car = make_car(world.east, sale_date=date(2021, 1, 1))
    visit(world.east, car, date(2025, 12, 20), 60_000, "事故")

    run(world.east, TODAY)

    assert due_of(car, "scheduled_service").due_date == date(2026, 6, 20)
    assert "first_service" not in kinds_of(car)


@pytest.mark.parametrize(
    ("km", "due_date", "by"), [(20_000, date(2026, 7, 10), "time"), (99_000, date(2026, 6, 26), "km")]
)
def test_warranty_ends_by_date_or_mileage_whichever_is_first(
    world: World, km: int, due_date: date, by: str
) -> None:
    car = make_car(
        world.east,
        sale_date=date(2023, 7, 10),
        warranty_start_date=date(2023, 7, 10),
        warranty_end_date=date(2026, 7, 10),
    )
    visit(world.east, car, date(2026, 6, 14), km)

    run(world.east, TODAY)

    due = due_of(car, "warranty_end")
    assert due.why["by"] == by
    assert abs((due.due_date - due_date).days) <= 2
    assert ("里程先到" if by == "km" else "日期先到") in why.text(due)


def test_both_insurances_have_their_own_date(world: World) -> None:
    car = make_car(
        world.east, insurer="人保财险", compulsory_insurance_end_date=date(2026, 7, 1),
        commercial_insurance_end_date=date(2026, 7, 5),
    )  # fmt: skip

    run(world.east, TODAY)

    assert due_of(car, "compulsory_insurance").due_date == date(2026, 7, 1)
    assert due_of(car, "commercial_insurance").due_date == date(2026, 7, 5)
    assert "人保财险" in why.text(due_of(car, "commercial_insurance"))


@pytest.mark.parametrize(
    ("usage", "registered", "expected"),
    [
        ("", date(2022, 7, 1), date(2026, 7, 1)),  # every two years
        ("", date(2015, 7, 1), date(2026, 7, 1)),  # yearly after the tenth
        ("ride_hailing", date(2023, 7, 1), date(2026, 7, 1)),  # yearly
        ("rental", date(2020, 1, 1), date(2026, 7, 1)),  # every six months after the fifth
    ],
)
def test_inspection_is_counted_from_the_registration_when_no_date_is_on_file(
    world: World, usage: str, registered: date, expected: date
) -> None:
    car = make_car(world.east, usage=usage, registration_date=registered)

    run(world.east, TODAY)

    due = due_of(car, "inspection")
    assert (due.due_date, due.why["by"]) == (expected, "rule")


def test_inspection_follows_the_date_on_file(world: World) -> None:
    car = make_car(world.east, registration_date=date(2022, 7, 1), inspection_due_date=date(2026, 6, 30))

    run(world.east, TODAY)

    assert due_of(car, "inspection").due_date == date(2026, 6, 30)


def test_a_birthday_is_one_message_to_a_person_and_no_call(world: World) -> None:
    owner = make_customer(world.east, name="王芳", birthday=date(1988, 6, 16))
    cars = [make_car(world.east, owner=owner) for _ in range(2)]
    company = make_customer(world.east, name="某公司", kind="company", birthday=date(1988, 6, 16))
    make_car(world.east, owner=company)

    result = run(world.east, TODAY)

    assert (result.new["birthday"], result.closed["birthday"], result.open["birthday"]) == (
        1,
        1,
        0,
    )  # told is done
    due = due_of(cars[0], "birthday")
    assert (due.status, due.case_id, due.messaged_on) == ("closed", None, TODAY)
    with dealer_scope(world.east.pk):
        message = owner.messages.get(purpose="birthday")
    assert message.status == "waiting"
    assert "王芳" in message.body


def test_29_february_is_kept_on_the_28th(world: World) -> None:
    car = make_car(world.east, owner=make_customer(world.east, birthday=date(1992, 2, 29)))

    run(world.east, date(2026, 2, 25))

    assert due_of(car, "birthday").due_date == date(2026, 2, 28)


def test_advised_work_is_asked_about_until_it_is_done(world: World) -> None:
    car = make_car(world.east)
    brakes = make_finding(world.east, car=car, text="前刹车片偏薄", found_date=date(2026, 3, 10))
    tyres = make_finding(world.east, car=car, text="轮胎老化", found_date=date(2026, 3, 12))
    make_finding(world.east, car=car, text="雨刮老化", found_date=date(2026, 3, 12), status="declined")

    run(world.east, TODAY)
    with dealer_scope(world.east.pk):
        assert {due.why["text"] for due in car.dues.filter(kind="deferred_repair")} == {
            "前刹车片偏薄", "轮胎老化",
        }  # fmt: skip
        Finding.objects.filter(pk=brakes.pk).update(status="done")
    run(world.east, TODAY)

    with dealer_scope(world.east.pk):
        assert car.dues.get(key=f"finding:{brakes.pk}").close_cause == "done"
        assert car.dues.get(key=f"finding:{tyres.pk}").status == "open"


def test_a_policy_asks_again_what_was_declined(world: World) -> None:
    car = make_car(world.east)
    make_finding(world.east, car=car, found_date=date(2026, 3, 10), status="declined")
    with dealer_scope(world.east.pk):
        PolicyValue.objects.create(
            key="reminders.deferred_repair_declined", level="dealer", dealer=world.east, value="1",
            effective_date=TODAY, author_name="王", created_at=at(TODAY),
        )  # fmt: skip

    run(world.east, TODAY)

    assert "deferred_repair" in kinds_of(car)


def test_a_car_that_stays_away_when_its_warranty_ends_is_at_risk(world: World) -> None:
    away = make_car(world.east, sale_date=date(2023, 6, 20))
    visit(world.east, away, date(2025, 12, 20), 30_000)
    faithful = make_car(world.east, sale_date=date(2023, 6, 20))
    visit(world.east, faithful, date(2026, 6, 1), 30_000)

    run(world.east, TODAY)

    assert due_of(away, "at_risk").due_date == date(2026, 5, 21)
    assert "at_risk" not in kinds_of(faithful)


def test_a_year_without_a_visit_is_lapsed_and_no_longer_a_service(world: World) -> None:
    car = make_car(world.east, sale_date=date(2023, 1, 1))
    visit(world.east, car, date(2025, 6, 10), 30_000)

    run(world.east, date(2026, 6, 9))
    assert "scheduled_service" in kinds_of(car)
    run(world.east, date(2026, 6, 10))

    assert due_of(car, "lapsed").due_date == date(2026, 6, 10)
    assert "scheduled_service" not in kinds_of(car)
    assert why.text(due_of(car, "lapsed")) == "最近一次进厂是 2025-06-10,已满 12 个月。"


def test_the_reason_is_told_in_english_too(world: World) -> None:
    car = make_car(world.east, compulsory_insurance_end_date=date(2026, 7, 1), insurer="PICC")
    run(world.east, TODAY)

    with translation.override("en"):
        text = why.text(due_of(car, "compulsory_insurance"))

    assert "PICC" in text


def test_a_store_switches_a_kind_off_and_on(world: World) -> None:
    insured = make_car(world.east, compulsory_insurance_end_date=TODAY + timedelta(days=20))
    theirs = make_car(world.west, compulsory_insurance_end_date=TODAY + timedelta(days=20))
    run(world.east, TODAY)
    run(world.west, TODAY)

    switch(world, "0")
    result = run(world.east, TODAY)
    run(world.west, TODAY)
    assert result.closed["compulsory_insurance"] == 1
    assert due_of(insured, "compulsory_insurance").close_cause == "not_due"
    assert "compulsory_insurance" in kinds_of(theirs)
    assert run(world.east, TODAY).closed["compulsory_insurance"] == 0

    switch(world, "1")
    run(world.east, TODAY)
    assert "compulsory_insurance" in kinds_of(insured)


def switch(world: World, value: str) -> None:
    with dealer_scope(world.east.pk):
        set_policy(
            key="reminders.compulsory_insurance_on", raw=value, effective_date=TODAY, dealer=world.east,
            actor=system("test"), now=at(TODAY),
        )  # fmt: skip


def test_a_kind_declared_in_one_place_has_its_policies_purpose_and_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that a new kind's message is capped, can be refused, and has a template from the next migration on."""
    for module, name in ((kinds, "KINDS"), (policies, "POLICIES"), (purposes, "PURPOSES"), (texts, "_more")):
        monkeypatch.setattr(module, name, {})

    kinds.Kind(
        "tyres", "更换轮胎", "轮胎", "service", kinds.Leads(message=9, call=7), kinds.ClosedBy.VISIT,
        "您的{series}({plate})该换轮胎了。",
    )  # fmt: skip

    assert {"reminders.tyres_on", "reminders.tyres_call_days", "reminders.tyres_caller"} <= set(
        policies.POLICIES
    )
    assert (purposes.purpose_of("tyres").counts, purposes.purpose_of("tyres").group) == (True, "service")
    told = {seed.channel: seed for seed in texts.seeds() if seed.name == "reminder.tyres"}
    assert set(told) == {"sms", "wechat", "mini", "email"}
    assert told["sms"].body == "您的{series}({plate})该换轮胎了。{store}[[ {store_phone}]]"
