"""The pages of customers and cars, as the people of two stores meet them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huichang.domains.contacts.models import OptOut
from huichang.domains.customers.models import Car, Customer, CustomerPhone, Disclosure
from huichang.domains.customers.queries import version
from huichang.domains.intake.models import RecordToDo
from huichang.domains.vehicles.models import OdometerReading
from huichang.interfaces.staff.customers.listing import PAGE
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.sensitive import blind_index
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    make_booking,
    make_car,
    make_case,
    make_complaint,
    make_customer,
    make_finding,
    make_order,
    make_reading,
    make_user,
    owner_of,
    signed_in,
)

pytestmark = pytest.mark.django_db
ID = "11010519491231002X"


@pytest.fixture
def li(world: World) -> Client:
    return signed_in(world.li)


@pytest.fixture
def wang(world: World) -> Client:
    return signed_in(world.wang)


def zhou(world: World, **car: Any) -> tuple[Customer, Car]:
    customer = make_customer(
        world.east, name="周建国", mobile="13912344418", id_number=ID, id_number_index=blind_index(ID)
    )
    given: dict[str, Any] = {
        "plate": "渝B62D81",
        "last_visit_date": date(2026, 5, 28),
        "last_visit_km": 51_240,
    } | car
    return customer, make_car(world.east, owner=customer, **given)


def body(client: Client, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.content.decode()[:500]
    return answer.content.decode()


# --- finding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["62D81", "4418", "zjg", "周建", "周建國"])
def test_the_search_field_offers_the_customer(world: World, li: Client, typed: str) -> None:
    customer, car = zhou(world)
    html = li.get("/search", {"q": typed}).content.decode()
    assert f'href="/customers/{customer.pk}?car={car.pk}"' in html
    assert "139****4418" in html
    assert "13912344418" not in html


def test_the_search_field_says_what_to_try_when_nothing_is_found(world: World, li: Client) -> None:
    assert "没有找到" in li.get("/search", {"q": "999999"}).content.decode()
    assert li.get("/search", {"q": " "}).content.decode().strip() == ""


def test_an_order_number_leads_to_the_visit(world: World, li: Client) -> None:
    _customer, car = zhou(world)
    make_order(world.east, car=car, number="RO202605280001")
    assert "RO202605280001" in li.get("/search", {"q": "ro202605280001"}).content.decode()


def test_another_store_finds_and_opens_nothing(world: World) -> None:
    customer, car = zhou(world)
    zhao = signed_in(world.zhao)
    assert "周建国" not in zhao.get("/search", {"q": "62D81"}).content.decode()
    assert "周建国" not in body(zhao, "/customers")
    body(zhao, f"/customers/{customer.pk}", 404)
    body(zhao, f"/cars/{car.pk}", 404)
    assert zhao.post(f"/customers/{customer.pk}/who", {"name": "改"}).status_code == 404


# --- lists --------------------------------------------------------------------------------------------------


def test_the_list_shows_owner_masked_phone_and_next_due(world: World, li: Client) -> None:
    _customer, car = zhou(world)
    make_case(world.east, car=car, due_date=TODAY + timedelta(days=11))
    html = body(li, "/customers")
    for text in ("渝B·62D81", "周建国", "139****4418", "51,240 km", "2026-06-27"):
        assert text in html
    assert "13912344418" not in html


def test_the_empty_list_says_what_to_do(world: World, li: Client) -> None:
    assert "还没有客户与车辆" in body(li, "/customers")
    assert "没有符合条件的车辆" in body(li, "/customers?usage=rental")


def test_pages_go_on_where_the_last_ended_and_show_each_car_once(world: World, li: Client) -> None:
    owner = make_customer(world.east)
    for number in range(PAGE + 5):
        visit = date(2026, 5, 1) + timedelta(days=number % 3) if number % 2 else None
        make_car(world.east, owner=owner, plate=f"苏A{number:05d}", last_visit_date=visit)
    first = li.get("/customers")
    second = li.get("/customers", {"after": first.context["after"]})
    seen = [row.car.plate for answer in (first, second) for row in answer.context["rows"]]
    assert len(seen) == len(set(seen)) == PAGE + 5
    assert second.context["after"] == ""
    visits = [row.car.last_visit_date for row in first.context["rows"] if row.car.last_visit_date]
    assert visits == sorted(visits, reverse=True)


@pytest.mark.parametrize("cursor", ["x", "never:", "2026-13-40:1", ":5", "2026-05-01:x"])
def test_a_broken_cursor_shows_a_page(world: World, li: Client, cursor: str) -> None:
    zhou(world)
    assert li.get("/customers", {"after": cursor}).status_code == 200


def test_sold_cars_are_in_their_own_list(world: World, li: Client) -> None:
    zhou(world, status="sold_on")
    assert "渝B·62D81" not in body(li, "/customers")
    assert "渝B·62D81" in body(li, "/customers?status=sold_on")


def test_customers_added_today(world: World, li: Client) -> None:
    make_customer(world.east, name="老客户")
    li.post("/customers/new", {"kind": "person", "name": "新客户", "phone_0": "13800000009"})
    html = body(li, "/customers/people?new=today")
    assert "新客户" in html
    assert "老客户" not in html


def _full_row(world: World) -> Car:
    car = make_car(world.east, last_visit_date=date(2026, 5, 28))
    make_case(world.east, car=car)
    make_order(world.east, car=car)
    make_finding(world.east, car=car)
    make_reading(world.east, car=car)
    return car


@pytest.mark.parametrize("path", ["/customers", "/customers/people", "/search?q=138", "/customers?q=138"])
def test_a_list_asks_the_database_as_often_for_three_as_for_one(world: World, li: Client, path: str) -> None:
    _full_row(world)
    li.get(path)
    one = _queries(lambda: li.get(path))
    _full_row(world)
    _full_row(world)
    assert _queries(lambda: li.get(path)) == one


@pytest.mark.parametrize("tab", ["overview", "visits", "contacts", "changes"])
def test_a_file_asks_the_database_as_often_for_three_as_for_one(world: World, li: Client, tab: str) -> None:
    customer, car = zhou(world)

    def add() -> None:
        make_order(world.east, car=car)
        make_finding(world.east, car=car, text=f"建议{version_of(customer)}-{Car.__name__}-{_count()}")
        make_complaint(world.east, car=car)
        make_booking(world.east, car=car, starts_at=NOW + timedelta(days=_count()))

    add()
    path = f"/customers/{customer.pk}?tab={tab}"
    li.get(path)
    one = _queries(lambda: li.get(path))
    add()
    add()
    assert _queries(lambda: li.get(path)) == one


def version_of(customer: Customer) -> int:
    with dealer_scope(customer.dealer_id):
        return version(customer)


_counter = iter(range(1, 1000))


def _count() -> int:
    return next(_counter)


def _queries(run: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        run()
    return len(queries)


# --- the file -----------------------------------------------------------------------------------------------


def test_the_file_tells_everything_on_its_tabs(world: World, wang: Client) -> None:
    customer, car = zhou(world)
    make_case(world.east, car=car)
    make_order(world.east, car=car, number="RO1", advisor_name="李伟")
    make_finding(world.east, car=car, text="前刹车片 3.5 mm")
    make_complaint(world.east, car=car, text="洗车太慢")
    make_reading(world.east, car=car, km=51_240)
    overview = body(wang, f"/customers/{customer.pk}")
    for text in ("139 1234 4418", "…002X", "前刹车片 3.5 mm", "洗车太慢", "51,240 km", "定期保养"):
        assert text in overview
    assert "小保养" in body(wang, f"/customers/{customer.pk}?tab=visits")
    assert "洗车太慢" in body(wang, f"/customers/{customer.pk}?tab=contacts")
    assert "新建了客户资料" in body(wang, f"/customers/{customer.pk}?tab=changes")


def test_the_identity_number_never_reaches_the_page_by_itself(world: World, wang: Client) -> None:
    customer, _car = zhou(world)
    for path in (f"/customers/{customer.pk}", f"/customers/{customer.pk}/who?edit=1"):
        assert ID not in body(wang, path)


def test_the_identity_number_is_shown_for_a_reason_and_that_is_kept(
    world: World, wang: Client, li: Client
) -> None:
    customer, _car = zhou(world)
    path = f"/customers/{customer.pk}/id-number"
    assert wang.post(path, {"reason": ""}).status_code == 422
    assert ID in wang.post(path, {"reason": "核对三包资料"}).content.decode()
    with dealer_scope(world.east.pk):
        assert Disclosure.objects.get().reason == "核对三包资料"
    assert "核对三包资料" in body(wang, f"/customers/{customer.pk}?tab=changes")
    assert li.post(path, {"reason": "好奇"}).status_code == 403


def test_an_earlier_owners_visit_shows_no_money(world: World, li: Client) -> None:
    customer, car = zhou(world)
    make_order(world.east, car=car, customer=make_customer(world.east, name="前主"))
    html = body(li, f"/customers/{customer.pk}?tab=visits")
    assert "前车主" in html
    assert "¥300.00" not in html


def test_a_car_without_an_owner_has_a_file_too(world: World, li: Client) -> None:
    _customer, car = zhou(world)
    with dealer_scope(world.east.pk):
        car.ownerships.all().delete()
    assert "车主不详" in body(li, f"/cars/{car.pk}")
    assert "车主不详" in body(li, "/customers")


# --- writing ------------------------------------------------------------------------------------------------


def who(**given: object) -> dict[str, object]:
    return {"kind": "person", "name": "周建国", "phone_0": "13912344418", **given}


def test_the_owner_is_changed_in_place_and_the_time_line_says_so(world: World, li: Client) -> None:
    customer, _car = zhou(world)
    html = li.post(
        f"/customers/{customer.pk}/who", who(phone_0="138-0000-0009", address="江北区")
    ).content.decode()
    assert "138 0000 0009" in html
    changes = body(li, f"/customers/{customer.pk}?tab=changes")
    for text in ("地址", "江北区", "13912344418", "13800000009", "李伟"):
        assert text in changes


def test_a_wrong_phone_is_refused_at_its_field_and_everything_typed_stays(world: World, li: Client) -> None:
    customer, _car = zhou(world)
    answer = li.post(f"/customers/{customer.pk}/who", who(phone_0="1391234441", address="江北区"))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "这里是10位" in html
    assert "江北区" in html


def test_two_people_on_one_customer_see_each_other(world: World, li: Client, wang: Client) -> None:
    customer, _car = zhou(world)
    seen = version_of(customer)
    li.post(f"/customers/{customer.pk}/who", who(seen=seen, address="江北区"))
    answer = wang.post(f"/customers/{customer.pk}/who", who(seen=seen, address="渝中区"))
    assert answer.status_code == 409
    html = answer.content.decode()
    for text in ("李伟", "江北区", "渝中区"):
        assert text in html
    assert (
        wang.post(
            f"/customers/{customer.pk}/who", who(seen=version_of(customer), address="渝中区")
        ).status_code
        == 200
    )


def test_the_car_and_its_file_are_changed_together(world: World, li: Client) -> None:
    _customer, car = zhou(world)
    given = {"plate": "渝A·D03528", "series": "锐界", "inspection_due_date": "2026-12-31"}
    assert li.post(f"/cars/{car.pk}/facts", given).status_code == 200
    with dealer_scope(world.east.pk):
        changed = Car.objects.select_related("vehicle").get(pk=car.pk)
    assert (changed.plate, changed.vehicle.series, changed.inspection_due_date) == (
        "渝AD03528", "锐界", date(2026, 12, 31),
    )  # fmt: skip


def test_a_wrong_plate_changes_neither_file_nor_car(world: World, li: Client) -> None:
    _customer, car = zhou(world)
    answer = li.post(f"/cars/{car.pk}/facts", {"plate": "渝B6", "series": "锐界"})
    assert answer.status_code == 422
    car.vehicle.refresh_from_db()
    assert car.vehicle.series == "福克斯"


def test_a_new_customer_then_their_car(world: World, li: Client) -> None:
    answer = li.post("/customers/new", who(name="吴倩", phone_0="13700000001"), follow=True)
    path = answer.redirect_chain[-1][0]
    assert li.post(path, {"vin": "LAOPAB071W1005301"}).status_code == 422
    answer = li.post(path, {"vin": "latpab071w1005301", "plate": "渝c88e1q"}, follow=True)
    assert "渝C·88E1Q" in answer.content.decode()


def test_a_car_goes_to_a_new_owner(world: World, li: Client) -> None:
    _customer, car = zhou(world)
    answer = li.post(
        f"/cars/{car.pk}/owner", {"name": "吴倩", "mobile": "13700000001", "since": TODAY.isoformat()}
    )
    assert answer.status_code == 204
    assert owner_of(world.east, car).name == "吴倩"


def test_the_owner_is_found_in_the_file(world: World, li: Client) -> None:
    _customer, car = zhou(world)
    other = make_customer(world.east, name="吴倩")
    assert "吴倩" in body(li, f"/cars/{car.pk}/owner?find=吴")
    li.post(f"/cars/{car.pk}/owner", {"customer": other.pk, "since": TODAY.isoformat()})
    assert owner_of(world.east, car) == other


def test_a_sold_car_leaves_the_base(world: World, li: Client) -> None:
    _customer, car = zhou(world)
    html = li.post(
        f"/cars/{car.pk}/status", {"to": "sold_on", "reason": "卖到外地"}, follow=True
    ).content.decode()
    assert "已转卖" in html


def test_a_reading_that_rolls_back_is_asked_about(world: World, wang: Client) -> None:
    _customer, car = zhou(world)
    make_reading(world.east, car=car, km=51_240, read_on=date(2026, 5, 28))
    html = wang.post(f"/cars/{car.pk}/reading", {"km": "5124"}).content.decode()
    assert "待核实" in html
    with dealer_scope(world.east.pk):
        reading = OdometerReading.objects.get(km=5124)
    assert "不可信" in wang.post(f"/readings/{reading.pk}/judge", {"right": "no"}).content.decode()


def test_no_more_contact_and_only_the_customer_lifts_it(world: World, li: Client) -> None:
    customer, _car = zhou(world)
    path = f"/customers/{customer.pk}/opt-out"
    assert li.post(path, {"purpose": "all", "channel": "phone", "reason": ""}).status_code == 422
    assert (
        "别再打了"
        in li.post(path, {"purpose": "all", "channel": "phone", "reason": "别再打了"}).content.decode()
    )
    with dealer_scope(world.east.pk):
        refusal = OptOut.objects.get()
    li.post(f"/opt-outs/{refusal.pk}/lift", {"how": ""})
    with dealer_scope(world.east.pk):
        assert OptOut.objects.get().lifted_at is None
    html = li.post(f"/opt-outs/{refusal.pk}/lift", {"how": "6月16日来电说可以"}).content.decode()
    assert "客户恢复联系" in html


def test_a_wrong_number_is_marked_and_unmarked(world: World, li: Client) -> None:
    customer, _car = zhou(world)
    with dealer_scope(world.east.pk):
        phone = CustomerPhone.objects.get(customer=customer)
    assert "错号" in li.post(f"/phones/{phone.pk}/wrong").content.decode()


def test_tags(world: World, li: Client) -> None:
    customer, _car = zhou(world)
    assert "爱喝茶" in li.post(f"/customers/{customer.pk}/tags", {"tags": "大客户,爱喝茶"}).content.decode()
    assert "爱喝茶" in body(li, f"/customers/{customer.pk}")


def test_who_may_only_look_cannot_write(world: World) -> None:
    customer, car = zhou(world)
    foreman = signed_in(make_user("foreman", world.east))
    html = body(foreman, f"/customers/{customer.pk}")
    assert "13912344418" not in html
    assert "编辑</span>" not in html
    assert foreman.post(f"/customers/{customer.pk}/who", who()).status_code == 403
    assert foreman.post(f"/cars/{car.pk}/status", {"to": "sold_on"}).status_code == 403
    assert foreman.get("/customers/new").status_code == 403


def test_what_the_import_doubted_is_shown_on_the_file(world: World, li: Client) -> None:
    customer, car = zhou(world)
    with dealer_scope(world.east.pk):
        RecordToDo.objects.create(
            dealer=world.east, record="car", record_id=car.pk, field="warranty_end_date", value="2026/13/40",
            code="date_form", params={"value": "2026/13/40"}, created_at=NOW,
        )  # fmt: skip
    html = body(li, f"/customers/{customer.pk}")
    assert "2026/13/40" in html
    assert f'href="{reverse("staff:todos")}"' in html
