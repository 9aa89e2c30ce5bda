"""Likely duplicates, merging side by side, households that are called once, wishes, files to finish, who spends most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from huichang.domains.contacts.models import OptOut
from huichang.domains.customers import operations as do
from huichang.domains.customers.models import Customer, CustomerMerge, CustomerNeed, CustomerPhone, KnownApart
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.world import (
    NOW,
    World,
    actor_of,
    make_car,
    make_case,
    make_customer,
    make_order,
    make_user,
    make_vehicle,
    signed_in,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def li(world: World) -> Client:
    return signed_in(world.li)


@pytest.fixture
def wang(world: World) -> Client:
    return signed_in(world.wang)


def twins(world: World) -> tuple[Customer, Customer]:
    """周建国 twice: one has the car, the other the phone that works."""
    kept = make_customer(world.east, name="周建国", mobile="13912344418", address="渝北区 1 号")
    dropped = make_customer(
        world.east, name="周建国", mobile="13800000001", address="渝北区 1 号", workplace="长安"
    )
    make_case(world.east, car=make_car(world.east, owner=dropped, plate="渝B62D81"))
    return kept, dropped


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()[:400]
    return answer.content.decode()


# --- duplicates and merging ------------------------------------------------------------------------------------


def test_the_file_suggests_its_twin_to_who_may_merge(world: World, li: Client, wang: Client) -> None:
    kept, dropped = twins(world)
    address = f"/customers/{kept.pk}/merge/{dropped.pk}"
    assert address in text(wang, f"/customers/{kept.pk}")
    assert address not in text(li, f"/customers/{kept.pk}")


def test_the_list_of_duplicates_says_why(world: World, wang: Client) -> None:
    kept, dropped = twins(world)
    html = text(wang, "/customers/duplicates")
    assert "姓名和地址相同" in html
    assert f"/customers/{kept.pk}/merge/{dropped.pk}" in html
    assert "139****4418" in html
    assert "13912344418" not in html


def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    world: World, wang: Client, queries: Callable[[Client, str], int]
) -> None:
    twins(world)
    one = queries(wang, "/customers/duplicates")
    for number in range(2):
        for _twin in range(2):
            make_customer(world.east, name=f"孪生{number}", address="同一处")
    assert queries(wang, "/customers/duplicates") == one


def test_an_empty_list_says_what_would_be_in_it(world: World, wang: Client) -> None:
    assert "没有疑似重复的客户" in text(wang, "/customers/duplicates")


def test_two_records_side_by_side_then_one(world: World, wang: Client) -> None:
    kept, dropped = twins(world)
    html = text(wang, f"/customers/{kept.pk}/merge/{dropped.pk}")
    assert "姓名和地址相同" in html  # the reason is proposed
    assert "招揽个案" in html
    answer = wang.post(
        f"/customers/{kept.pk}/merge/{dropped.pk}",
        {"reason": "同一人两次建档", "first_phone": "13800000001"},
    )
    assert answer["Location"] == f"/customers/{kept.pk}"
    html = text(wang, f"/customers/{kept.pk}")
    assert "渝B·62D81" in html
    assert "长安" in html
    with dealer_scope(world.east.pk):
        assert CustomerPhone.objects.get(customer=kept, is_primary=True).number == "13800000001"
    assert "同一人两次建档" in text(wang, f"/customers/{kept.pk}?tab=changes")


def test_links_and_numbers_of_the_merged_record_lead_on(world: World, wang: Client) -> None:
    kept, dropped = twins(world)
    wang.post(f"/customers/{kept.pk}/merge/{dropped.pk}", {"reason": "同一人"})
    assert wang.get(f"/customers/{dropped.pk}")["Location"] == f"/customers/{kept.pk}"
    assert f'href="/customers/{kept.pk}"' in wang.get("/search", {"q": dropped.number}).content.decode()
    assert wang.get(f"/customers/{kept.pk}/merge/{dropped.pk}").status_code == 302
    with dealer_scope(world.east.pk):
        assert CustomerMerge.objects.get().dropped_id == dropped.pk


def test_a_refusal_from_a_page_older_than_the_merge_is_kept_where_it_counts(
    world: World, wang: Client
) -> None:
    kept, dropped = twins(world)
    wang.post(f"/customers/{kept.pk}/merge/{dropped.pk}", {"reason": "同一人"})
    wang.post(
        f"/customers/{dropped.pk}/opt-out", {"purpose": "all", "channel": "phone", "reason": "别再打来"}
    )
    with dealer_scope(world.east.pk):
        assert OptOut.objects.get().customer_id == kept.pk


def test_a_merge_without_a_reason_is_refused_and_what_was_chosen_stays(world: World, wang: Client) -> None:
    kept, dropped = twins(world)
    with dealer_scope(world.east.pk):
        Customer.objects.filter(pk=dropped.pk).update(name="周建囯")
    answer = wang.post(f"/customers/{kept.pk}/merge/{dropped.pk}", {"reason": " ", "name": "dropped"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "请写明为什么" in html
    assert 'name="name" value="dropped" checked' in html


def test_an_agents_conversation_stops_the_merge_with_their_name(world: World, wang: Client) -> None:
    kept, dropped = twins(world)
    with dealer_scope(world.east.pk):
        task = dropped.call_tasks.get()
        task.claimed_by, task.claimed_until = world.li, NOW + timedelta(days=36500)
        task.save()
    answer = wang.post(f"/customers/{kept.pk}/merge/{dropped.pk}", {"reason": "同一人"})
    assert answer.status_code == 422
    assert "李伟" in answer.content.decode()


def test_they_are_two_after_all(world: World, wang: Client) -> None:
    kept, dropped = twins(world)
    wang.post(f"/customers/{kept.pk}/apart/{dropped.pk}", {"back": "file"})
    assert "没有疑似重复的客户" in text(wang, "/customers/duplicates")
    with dealer_scope(world.east.pk):
        assert KnownApart.objects.get().said_by == world.wang


def test_another_stores_customer_cannot_be_merged_nor_seen(world: World, wang: Client) -> None:
    kept, _dropped = twins(world)
    stranger = make_customer(world.west, name="周建国")
    for path in (f"/customers/{kept.pk}/merge/{stranger.pk}", f"/customers/{stranger.pk}/merge/{kept.pk}"):
        assert wang.get(path).status_code == 404
        assert wang.post(path, {"reason": "x"}).status_code == 404
    assert wang.get(f"/customers/{kept.pk}/merge/{kept.pk}").status_code == 404


def test_identity_numbers_are_masked_side_by_side(world: World, wang: Client) -> None:
    kept, dropped = twins(world)
    with dealer_scope(world.east.pk):
        for customer, number in ((kept, "11010519491231002X"), (dropped, "440524188001010014")):
            do.edit_customer(
                customer=customer, facts={}, id_number=number, actor=actor_of(world.wang, world.east)
            )
    html = text(wang, f"/customers/{kept.pk}/merge/{dropped.pk}")
    assert "002X" in html
    assert "11010519491231002X" not in html
    assert "440524188001010014" not in html


# --- households -----------------------------------------------------------------------------------------------------


def test_a_household_grows_by_search_and_is_left_again(world: World, li: Client) -> None:
    mother, son = make_customer(world.east, name="王芳"), make_customer(world.east, name="刘小明")
    make_car(world.east, owner=son, plate="渝A00001")
    page = f"/customers/{mother.pk}/household"
    assert "刘小明" in li.get(page, {"find": "刘小明"}).content.decode()
    html = li.post(page, {"other": son.pk, "through": "this"}).content.decode()
    assert "电话只打给 <strong>王芳</strong>" in html
    assert "1 辆车" in html
    assert "刘小明" not in li.get(page, {"find": "刘小明"}).content.decode()  # belongs already
    assert "王芳" in text(li, f"/customers/{son.pk}")
    html = li.post(page, {"leave": son.pk}).content.decode()
    assert "电话只打给" not in html
    with dealer_scope(world.east.pk):
        son.refresh_from_db()
        assert (son.called_through_id, son.is_called_alone) == (None, True)


def test_a_customer_joins_somebody_elses_household_with_their_own_members(world: World, li: Client) -> None:
    head, mother, son = (make_customer(world.east, name=name) for name in ("王老", "王芳", "刘小明"))
    li.post(f"/customers/{mother.pk}/household", {"other": son.pk, "through": "this"})
    li.post(f"/customers/{mother.pk}/household", {"other": head.pk, "through": "other"})
    with dealer_scope(world.east.pk):
        rows = Customer.objects.filter(pk__in=(mother.pk, son.pk))
        assert set(rows.values_list("called_through", flat=True)) == {head.pk}


def test_a_circle_is_refused_in_words(world: World, li: Client) -> None:
    mother, son = make_customer(world.east), make_customer(world.east)
    li.post(f"/customers/{mother.pk}/household", {"other": son.pk, "through": "this"})
    answer = li.post(f"/customers/{mother.pk}/household", {"other": son.pk, "through": "other"})
    assert answer.status_code == 422
    assert "不能通过自己" in answer.content.decode()


def test_another_stores_people_are_no_household(world: World, li: Client) -> None:
    mother, stranger = make_customer(world.east), make_customer(world.west, name="外店")
    page = f"/customers/{mother.pk}/household"
    assert "外店</strong>" not in li.get(page, {"find": "外店"}).content.decode()
    assert li.post(page, {"other": stranger.pk}).status_code == 404
    assert li.post(page, {"other": "x"}).status_code == 404


def test_who_may_only_look_changes_no_household(world: World) -> None:
    cashier = signed_in(make_user("cashier", world.east))
    customer = make_customer(world.east)
    assert cashier.post(f"/customers/{customer.pk}/household", {"leave": customer.pk}).status_code == 403
    assert "加入家人或同事" not in text(cashier, f"/customers/{customer.pk}")


# --- wishes and confirmed data ------------------------------------------------------------------------------------------


def test_a_wish_is_noted_shown_and_ended(world: World, li: Client) -> None:
    customer = make_customer(world.east)
    answer = li.post(f"/customers/{customer.pk}/needs", {"kind": "pick_up", "text": "上门取车"})
    assert "上门取车" in answer.content.decode()
    assert "接送车" in text(li, f"/customers/{customer.pk}")
    with dealer_scope(world.east.pk):
        need = CustomerNeed.objects.get()
    li.post(f"/needs/{need.pk}/end")
    assert "上门取车" not in text(li, f"/customers/{customer.pk}")
    assert "上门取车" in text(li, f"/customers/{customer.pk}?tab=changes")


def test_an_empty_wish_is_refused(world: World, li: Client) -> None:
    customer = make_customer(world.east)
    answer = li.post(f"/customers/{customer.pk}/needs", {"kind": "nonsense", "text": " "})
    assert answer.status_code == 422
    assert "请写明" in answer.content.decode()


def test_data_are_confirmed_with_the_customer(world: World, li: Client) -> None:
    customer = make_customer(world.east)
    assert "还没有与客户核对" in text(li, f"/customers/{customer.pk}")
    assert "李伟" in li.post(f"/customers/{customer.pk}/confirm").content.decode()
    assert "还没有与客户核对" not in text(li, f"/customers/{customer.pk}")


def test_workplace_place_of_use_and_next_service_are_kept(world: World, li: Client) -> None:
    customer = make_customer(world.east)
    car = make_car(world.east, owner=customer)
    li.post(
        f"/customers/{customer.pk}/who",
        {"kind": "person", "name": "李海民", "phone_0": "13912344418", "workplace": "长安汽车",
         "next_service": "秋季免费检测"},
    )  # fmt: skip
    li.post(f"/cars/{car.pk}/facts", {"plate": car.plate, "place_of_use": "工地"})
    html = text(li, f"/customers/{customer.pk}")
    for word in ("长安汽车", "秋季免费检测", "工地"):
        assert word in html


# --- lists ----------------------------------------------------------------------------------------------------------


def test_files_that_lack_something_are_listed_with_the_day_to_finish_them(world: World, li: Client) -> None:
    make_car(world.east, owner=make_customer(world.east, name="齐全"))
    make_customer(world.east, name="没车")
    make_car(
        world.east,
        owner=make_customer(world.east, name="没型号"),
        vehicle=make_vehicle(series=""),
        plate="渝A1",
    )
    silent = make_customer(world.east, name="没电话")
    make_car(world.east, owner=silent)
    with dealer_scope(world.east.pk):
        CustomerPhone.objects.filter(customer=silent).update(is_wrong=True)
    html = text(li, "/customers/people?new=incomplete")
    assert "齐全</a>" not in html
    for name, lacks in (("没车", "车辆"), ("没型号", "车型"), ("没电话", "电话")):
        row = html.split(f"{name}</a>")[1].split("</tr>")[0]
        assert lacks in row
    assert (local_date(NOW) + timedelta(days=2)).strftime("%Y-%m-%d") in html


def test_who_left_most_at_the_store_comes_first(world: World, li: Client, morning: None) -> None:
    for name, paid in (("小户", 100), ("大户", 9000)):
        car = make_car(world.east, owner=make_customer(world.east, name=name))
        make_order(world.east, car=car, arrived=NOW - timedelta(days=30))
        with dealer_scope(world.east.pk):
            car.orders.update(paid_amount=Decimal(paid))
    old = make_car(world.east, owner=make_customer(world.east, name="老客户"))
    make_order(world.east, car=old, arrived=NOW - timedelta(days=800))
    html = text(li, "/customers/spending")
    assert html.index("大户</a>") < html.index("小户</a>")
    assert "老客户</a>" not in html


@pytest.mark.parametrize("path", ["/customers/spending", "/customers/people?new=incomplete"])
def test_lists_ask_as_often_for_three_as_for_one(
    world: World, li: Client, queries: Callable[[Client, str], int], morning: None, path: str
) -> None:
    def one() -> None:
        make_order(world.east, car=make_car(world.east, plate="苏E1", vehicle=make_vehicle(series="")),
                   arrived=NOW - timedelta(days=3))  # fmt: skip

    one()
    before = queries(li, path)
    one()
    one()
    assert queries(li, path) == before


def test_a_household_asks_as_often_for_three_as_for_one(
    world: World, li: Client, queries: Callable[[Client, str], int]
) -> None:
    head = make_customer(world.east)
    make_customer(world.east, called_through=head)
    before = queries(li, f"/customers/{head.pk}")
    for _member in range(2):
        make_customer(world.east, called_through=head)
    assert queries(li, f"/customers/{head.pk}") == before


@pytest.mark.parametrize(
    "path", ["/customers/duplicates", "/customers/spending", "/customers/people?new=incomplete"]
)
def test_pages_answer_in_english(world: World, path: str) -> None:
    twins(world)
    user = world.wang
    user.language = "en"
    user.save(update_fields=["language"])
    html = text(signed_in(user), path)
    main = html.split("<main")[1]
    assert "客户" not in main.replace("周建国", "")


@pytest.fixture
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests happen on the day of the factories."""
    from types import SimpleNamespace

    from huichang.interfaces import sessions

    monkeypatch.setattr(sessions, "timezone", SimpleNamespace(now=lambda: NOW))
