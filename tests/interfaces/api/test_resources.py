"""Each resource as a program uses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from huichang.domains.appointments.models import Booking
from huichang.domains.contacts.models import Call
from huichang.domains.contacts.operations import seed_codes
from huichang.domains.customers.models import Customer
from huichang.domains.reminders.models import Month, MonthEntry
from huichang.domains.vehicles.models import OdometerReading
from huichang.domains.workshop.models import ServiceOrder
from huichang.kernel.actors import system
from huichang.kernel.audit import history
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.world import (
    World,
    make_advisor,
    make_bay,
    make_booking,
    make_car,
    make_case,
    make_customer,
    make_labour,
    make_order,
    make_reading,
    make_technician,
    make_vin,
    owner_of,
)
from tests.interfaces.api.program import Program

Make = Callable[..., Program]


# --- customers ---


def test_a_customer_is_added_found_and_changed(world: World, program: Program) -> None:
    made = program.post(
        "/customers", {"name": "王芳", "phones": [{"number": "138-0000-1234", "is_primary": True}]}
    )
    assert program.status == 201, made
    assert (made["name"], made["phones"][0]["number"]) == ("王芳", "13800001234")
    for words in ("王芳", "wangfang", "wf", "13800001234", "1234"):
        assert [row["id"] for row in program.get(f"/customers?search={words}")["items"]] == [made["id"]], (
            words
        )
    changed = program.patch(f"/customers/{made['id']}", {"remark": "喜欢上午来"})
    assert (changed["remark"], changed["name"]) == ("喜欢上午来", "王芳")
    assert len(changed["phones"]) == 1, "what is not sent stays"
    assert program.patch(f"/customers/{made['id']}", {"phones": []})["phones"] == []


def test_the_time_line_names_the_program(world: World, program: Program) -> None:
    made = program.post("/customers", {"name": "王芳"})
    with dealer_scope(world.east.pk):
        change = history([Customer.objects.get(pk=made["id"])])[0]
    assert (change.actor_name, change.actor_id) == ("接口·DMS", None)


def test_numbers_are_masked_unless_the_token_may_see_them(world: World, program_of: Make) -> None:
    customer = make_customer(world.east, mobile="13812345678", id_number="110101199003077571")
    careful = program_of(world.east, "customers.see").get(f"/customers/{customer.pk}")
    trusted = program_of(world.east, "customers.see", "customers.reveal_mobile", name="CRM").get(
        f"/customers/{customer.pk}"
    )
    assert careful["phones"][0]["number"] == "138****5678"
    assert trusted["phones"][0]["number"] == "13812345678"
    assert careful["id_number"] == trusted["id_number"] == "110***********7571"


def test_a_stale_change_is_refused(world: World, program: Program) -> None:
    customer = make_customer(world.east)
    program.patch(f"/customers/{customer.pk}", {"remark": "新"})
    program.patch(f"/customers/{customer.pk}", {"remark": "旧", "version": 0})
    assert program.refused(409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "张三", "phones": [{"number": "12"}]}, ""),
        ({"name": "张三", "id_number": "110101199003077570"}, ""),
        ({"name": "张三", "birthday": "1066-10-14"}, "birthday"),
    ],
)
def test_the_rules_refuse_with_409(program: Program, body: Any, field: str) -> None:
    program.post("/customers", body)
    assert program.refused(409, field)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"), ({"name": ""}, "name"), ({"name": "  "}, "name"), ({"name": "a\0b"}, "name"), ({"name": 7}, "name"),
        ({"name": "x" * 81}, "name"), ({"name": "x", "birthday": 20000101}, "birthday"),
        ({"name": "x", "birthday": "2026-02-30"}, "birthday"), ({"name": "x", "kind": "robot"}, "kind"),
        ({"name": "x", "has_wechat": "yes"}, "has_wechat"), ([], "customer"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_422(program: Program, body: Any, field: str) -> None:
    program.post("/customers", body)
    assert program.refused(422, field if field != "customer" else ""), program.last.content


# --- cars and readings ---


def test_a_car_is_added_with_its_owner_and_changes_hands(world: World, program: Program) -> None:
    first, second = make_customer(world.east), make_customer(world.east)
    vin = make_vin()
    made = program.post(
        "/cars", {"vin": vin, "plate": "苏E·12345", "owner_id": first.pk, "sale_date": "2024-05-01"}
    )
    assert (program.status, made["plate"], made["owner_id"]) == (201, "苏E12345", first.pk)
    assert program.get(f"/customers/{first.pk}/cars")["items"][0]["vin"] == vin
    sold = program.patch(f"/cars/{made['id']}", {"owner_id": second.pk, "owner_since": "2026-05-01"})
    assert sold["owner_id"] == second.pk
    assert program.get(f"/customers/{first.pk}/cars")["items"] == []
    assert program.patch(f"/cars/{made['id']}", {"status": "scrapped"})["status"] == "scrapped"
    program.patch(f"/cars/{made['id']}", {"status": "active"})
    assert program.refused(409), "a scrapped car does not come back"


def test_a_refused_change_changes_nothing(world: World, program: Program) -> None:
    car = make_car(world.east)
    program.patch(f"/cars/{car.pk}", {"remark": "先改这里", "owner_id": 10**9})
    assert program.refused(409, "owner_id")
    assert program.get(f"/cars/{car.pk}")["remark"] == ""


def test_another_stores_customer_cannot_become_an_owner(world: World, program: Program) -> None:
    stranger = make_customer(world.west)
    program.post("/cars", {"vin": make_vin(), "owner_id": stranger.pk})
    assert program.refused(409, "owner_id")


def test_a_car_is_found_by_vin_and_plate(world: World, program: Program) -> None:
    car = make_car(world.east, plate="苏E54321")
    make_car(world.east)
    vin = program.get(f"/cars/{car.pk}")["vin"]
    for query in (f"vin={vin.lower()}", "plate=苏E54321", "search=4321", f"search={vin[-6:]}"):
        assert [row["id"] for row in program.get(f"/cars?{query}")["items"]] == [car.pk], query


def test_a_wrong_check_digit_is_refused(program: Program) -> None:
    vin = make_vin()
    wrong = vin[:8] + ("0" if vin[8] != "0" else "1") + vin[9:]
    program.post("/cars", {"vin": wrong})
    assert program.refused(409)


def test_a_reading_that_rolls_back_is_kept_as_suspect(world: World, program: Program) -> None:
    car = make_car(world.east)
    make_reading(world.east, car=car, km=30_000, read_on=date(2026, 1, 10))
    plain = program.post(f"/cars/{car.pk}/readings", {"km": 33_000, "read_on": "2026-06-01"})
    odd = program.post(f"/cars/{car.pk}/readings", {"km": 3_300, "read_on": "2026-06-02"})
    assert (plain["status"], odd["status"], odd["doubt"]) == ("accepted", "suspect", "rolls_back")
    assert [row["km"] for row in program.get(f"/cars/{car.pk}/readings")["items"]] == [30_000, 33_000, 3_300]
    with dealer_scope(world.east.pk):
        assert set(OdometerReading.objects.values_list("source", flat=True)) == {"visit", "api"}


# --- visits ---


def test_a_visit_is_recorded_once_with_exact_amounts(world: World, program: Program) -> None:
    car = make_car(world.east)
    visit = {
        "number": "WX-1", "car_id": car.pk, "arrived_at": "2026-06-01T09:00:00+08:00", "km": 31_000, "paid": "320.10",
        "lines": [
            {"kind": "labour", "name": "小保养", "quantity": "0.8", "unit_price": "180"},
            {"kind": "part", "name": "机油", "quantity": "4", "unit_price": "44.03"},
        ],
    }  # fmt: skip
    made = program.post("/visits", visit)
    assert (program.status, made["labour_amount"], made["parts_amount"]) == (201, "144.00", "176.12")
    assert program.post("/visits", visit)["id"] == made["id"]
    assert program.get(f"/visits?car_id={car.pk}")["items"] == [program.get(f"/visits/{made['id']}")]
    with dealer_scope(world.east.pk):
        assert ServiceOrder.objects.count() == 1


def test_visits_are_filtered_by_the_stores_days(world: World, program: Program) -> None:
    at = datetime.fromisoformat("2026-03-01T00:30:00+08:00")  # still February in UTC
    order = make_order(world.east, arrived=at)
    assert [
        v["id"] for v in program.get("/visits?arrived_from=2026-03-01&arrived_before=2026-03-02")["items"]
    ] == [order.pk]
    assert program.get("/visits?arrived_from=2026-02-28&arrived_before=2026-03-01")["items"] == []


def test_a_visit_of_tomorrow_is_refused(world: World, program: Program) -> None:
    at = (timezone.now() + timedelta(days=2)).isoformat()
    program.post("/visits", {"number": "WX-2", "car_id": make_car(world.east).pk, "arrived_at": at})
    assert program.refused(409, "arrived_at")


# --- reminders, cases, outcomes ---


def test_reminders_say_why_in_the_callers_language(world: World, program: Program) -> None:
    case = make_case(world.east)
    chinese = program.get("/reminders?kind=scheduled_service&status=open")["items"][0]
    english = program.get("/reminders", Accept_Language="en")["items"][0]
    assert chinese["case_id"] == case.pk
    assert chinese["why"]
    assert english["why"]
    assert chinese["why"] != english["why"]
    assert program.get("/reminders?kind=birthday")["items"] == []
    program.get("/reminders?kind=nonsense")
    assert program.refused(422, "kind")


def test_a_case_holds_all_its_reasons(world: World, program: Program) -> None:
    case = make_case(world.east)
    shown = program.get(f"/cases/{case.pk}")
    assert (shown["status"], len(shown["reasons"])) == ("open", 1)
    assert [row["id"] for row in program.get("/cases?status=open")["items"]] == [case.pk]
    assert program.get(f"/cases?call_before={case.call_date}")["items"] == []


def test_the_outcome_of_a_call_moves_the_case(world: World, program: Program) -> None:
    seed_codes(actor=system("test"))
    case = make_case(world.east)
    codes = program.get("/outcome-codes")["items"]
    refusal = next(c["code"] for c in codes if c["is_refusal"] and c["closes"] and c["next_step"] == "none")
    reason = program.get(f"/cases/{case.pk}")["reasons"][0]["id"]
    call = {
        "number": "13800001234", "started_at": timezone.now().isoformat(), "direction": "in",
        "answers": [{"reminder_id": reason, "outcome": refusal}],
    }  # fmt: skip
    done = program.post(f"/cases/{case.pk}/outcomes", call, Idempotency_Key="call-1")
    again = program.post(f"/cases/{case.pk}/outcomes", call, Idempotency_Key="call-1")
    assert program.status == 201
    assert (done["status"], done["reasons"][0]["outcome_code"]) == ("closed", refusal)
    assert again == done
    with dealer_scope(world.east.pk):
        assert Call.objects.count() == 1, "the register has the call once"


def test_a_reason_of_another_case_is_refused(world: World, program: Program) -> None:
    seed_codes(actor=system("test"))
    mine, other = make_case(world.east), make_case(world.east)
    reason = program.get(f"/cases/{other.pk}")["reasons"][0]["id"]
    body = {
        "number": "13800001234", "started_at": timezone.now().isoformat(),
        "answers": [{"reminder_id": reason, "outcome": "refused"}],
    }  # fmt: skip
    program.post(f"/cases/{mine.pk}/outcomes", body)
    assert program.refused(409, "answers.0.reminder_id")


# --- slots and bookings ---


@pytest.fixture
def workshop(world: World) -> dict[str, Any]:
    """A store with one bay, one technician, one advisor and one job of an hour."""
    make_bay(world.east)
    make_technician(world.east)
    make_advisor(world.east)
    car = make_car(world.east)
    return {
        "labour_id": make_labour(world.east).pk, "car_id": car.pk, "customer_id": owner_of(world.east, car).pk,
        "day": _next_tuesday(),
    }  # fmt: skip


def _next_tuesday() -> date:
    """A working day at least a week ahead."""
    day = local_date(timezone.now()) + timedelta(days=8)
    return day + timedelta(days=(1 - day.weekday()) % 7)


def test_what_is_offered_can_be_booked_once(program: Program, workshop: dict[str, Any]) -> None:
    address = f"/slots?labour_id={workshop['labour_id']}&day={workshop['day']}"
    free = [slot["starts_at"] for slot in program.get(address)["slots"] if slot["is_free"]]
    assert free, program.get(address)
    body = {
        "car_id": workshop["car_id"], "customer_id": workshop["customer_id"], "labour_ids": [workshop["labour_id"]],
        "starts_at": free[0],
    }  # fmt: skip
    booked = program.post("/bookings", body, Idempotency_Key="a")
    assert (program.status, booked["status"], booked["source"]) == (201, "tentative", "api")
    assert program.post("/bookings", body, Idempotency_Key="a") == booked
    refused = program.post("/bookings", body)
    assert program.refused(409, "starts_at")
    assert refused["alternatives"][0]["is_free"]
    assert free[0] not in [slot["starts_at"] for slot in program.get(address)["slots"] if slot["is_free"]]

    assert program.patch(f"/bookings/{booked['id']}", {"starts_at": refused["alternatives"][0]["starts_at"]})
    assert program.refused(409, "reason")
    moved = program.patch(
        f"/bookings/{booked['id']}",
        {"starts_at": refused["alternatives"][0]["starts_at"], "reason": "客户改时间"},
    )
    assert (moved["number"], moved["starts_at"]) == (
        booked["number"],
        refused["alternatives"][0]["starts_at"],
    )
    gone = program.post(f"/bookings/{booked['id']}/cancel", {"reason": "客户改主意"})
    assert gone["status"] == "cancelled"
    program.post(f"/bookings/{booked['id']}/cancel", {"reason": "再取消一次"})
    assert program.refused(409)
    assert free[0] in [slot["starts_at"] for slot in program.get(address)["slots"] if slot["is_free"]]


def test_a_job_that_is_not_in_the_catalogue_is_refused(
    world: World, program: Program, workshop: dict[str, Any]
) -> None:
    program.get(f"/slots?labour_id={make_labour(world.west).pk}")
    assert program.refused(409, "labour_id")


def test_bookings_are_listed_by_day_and_status(world: World, program: Program) -> None:
    booking = make_booking(world.east)
    day = local_date(booking.starts_at)
    found = program.get(
        f"/bookings?status=tentative&starts_from={day}&starts_before={day + timedelta(days=1)}"
    )
    assert [row["id"] for row in found["items"]] == [booking.pk]
    assert program.get(f"/bookings?starts_from={day + timedelta(days=1)}")["items"] == []
    with dealer_scope(world.east.pk):
        assert Booking.objects.count() == 1


# --- census ---


def test_the_census_of_a_frozen_month_adds_up(world: World, program: Program) -> None:
    car = make_car(world.east)
    with dealer_scope(world.east.pk):
        month = Month.objects.create(dealer=world.east, month=date(2026, 5, 1), planned_at=timezone.now())
        MonthEntry.objects.create(dealer=world.east, month=month, car=car, bucket="returned", is_due=True)
    assert program.get("/census")["items"] == [{"month": "2026-05", "is_frozen": False}]
    figures = program.get("/census/2026-05")
    assert program.status == 200
    assert sum(row["cars"] for row in figures["rows"]) == figures["base"]
    cars = program.get("/census/2026-05/cars?bucket=returned")["items"]
    assert [row["car_id"] for row in cars] == [car.pk]
    program.get("/census/2019-01")
    assert program.refused(404)
