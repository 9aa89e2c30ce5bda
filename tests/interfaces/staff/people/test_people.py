"""People and posts: the list, new people, passwords, delegation, roles; what nobody may do (PRM-01, 04, 10)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone, translation

from huichang.domains.accounts.models import Role, User
from huichang.domains.dealers.models import Delegation, NetworkPost, StorePost
from huichang.domains.dealers.queries import reach_of
from huichang.interfaces.staff.people import labels
from huichang.kernel.actors import Permission
from huichang.kernel.scoping import dealer_scope, unscoped
from huichang.kernel.worktime import local_date
from tests.factories.world import PASSWORD, World, make_user, signed_in

TEMPORARY = "paper-lamp-7351"


@pytest.fixture
def today() -> date:
    return local_date(timezone.now())


def role(code: str) -> int:
    return Role.objects.get(code=code).pk


def new_person(today: date, **changed: Any) -> dict[str, Any]:
    return {
        "name": "孙倩", "username": "sunqian", "mobile": "13900001111", "role": role("service_advisor"),
        "start_date": today.isoformat(), "password": TEMPORARY,
    } | changed  # fmt: skip


def posts_of(user: User) -> list[tuple[str, str]]:
    with unscoped("the test sees every store"):
        rows = StorePost.objects.filter(user=user, end_date=None).select_related("dealer", "role")
        return sorted((post.dealer.name, post.role.code) for post in rows)


def test_the_list_shows_this_stores_people_with_their_posts(world: World) -> None:
    page = signed_in(world.wang).get("/people").content.decode()
    assert "李伟" in page
    assert "服务顾问" in page
    assert "赵敏" not in page


def test_another_stores_person_is_not_found(world: World) -> None:
    client = signed_in(world.wang)
    assert client.get(f"/people/{world.zhao.pk}").status_code == 404
    for action in ("posts", "password", "active"):
        answer = client.post(f"/people/{world.zhao.pk}/{action}", {"password": TEMPORARY, "active": "0"})
        assert answer.status_code == 404
    assert User.objects.get(pk=world.zhao.pk).check_password(PASSWORD)


def test_mobiles_are_masked(world: World) -> None:
    User.objects.filter(pk=world.li.pk).update(mobile="13912345678")
    page = signed_in(world.wang).get("/people").content.decode()
    assert "139****5678" in page
    assert "13912345678" not in page


def test_who_may_not_see_people_does_not(world: World) -> None:
    client = signed_in(world.li)
    assert client.get("/people").status_code == 403
    assert client.get("/people/new").status_code == 403


def test_the_list_needs_as_many_queries_with_three_people_as_with_one(world: World, queries: Any) -> None:
    client = signed_in(world.wang)
    few = queries(client, "/people")
    for _ in range(3):
        make_user("service_advisor", world.east)
    assert queries(client, "/people") == few


def test_many_people_come_in_pages(world: World) -> None:
    for _ in range(52):
        make_user("service_advisor", world.east)
    client = signed_in(world.wang)
    first = client.get("/people")
    mark = first.context["people"].next
    second = client.get("/people", {"after": mark})
    names = [person.user.pk for answer in (first, second) for person in answer.context["people"].rows]
    assert len(names) == len(set(names)) == 54
    assert second.context["people"].next == ""


def test_a_new_person_gets_a_sign_in_and_a_post(world: World, today: date) -> None:
    answer = signed_in(world.wang).post("/people/new", new_person(today))
    assert answer.status_code == 302
    user = User.objects.get(username="sunqian")
    assert user.must_change_password
    assert posts_of(user) == [("东区店", "service_advisor")]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"username": "li"}, "已经有人使用"),
        ({"password": "12345678"}, "密码"),
        ({"name": ""}, "这个字段是必填项"),
    ],
)
def test_a_refused_person_leaves_nothing_behind(
    world: World, today: date, changed: dict[str, Any], message: str
) -> None:
    before = User.objects.count()
    answer = signed_in(world.wang).post("/people/new", new_person(today, **changed))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert User.objects.count() == before


def test_nobody_hands_out_more_than_they_have(world: World, today: date) -> None:
    answer = signed_in(world.wang).post("/people/new", new_person(today, role=role("store_manager")))
    assert answer.status_code == 422  # the store manager edits roles, which 王 may not
    assert not User.objects.filter(username="sunqian").exists()


def test_a_second_post_and_its_end(world: World, today: date) -> None:
    client = signed_in(world.wang)
    given = {"role": role("dcrc_agent"), "start_date": today.isoformat()}
    assert client.post(f"/people/{world.li.pk}/posts", given).status_code == 302
    again = client.post(f"/people/{world.li.pk}/posts", given)
    assert again.status_code == 422
    assert "已经担任这个岗位" in again.content.decode()
    with dealer_scope(world.east.pk):
        post = StorePost.objects.get(user=world.li, role__code="dcrc_agent")
    assert client.post(f"/people/{world.li.pk}/posts/{post.pk}/end").status_code == 302
    assert posts_of(world.li) == [("东区店", "service_advisor")]


def test_another_stores_post_cannot_be_ended_through_a_person_who_is_in_both(
    world: World, today: date
) -> None:
    with dealer_scope(world.west.pk):
        post = StorePost.objects.create(
            dealer=world.west, user=world.li, role_id=role("service_advisor"), start_date=today
        )
    assert signed_in(world.wang).post(f"/people/{world.li.pk}/posts/{post.pk}/end").status_code == 404


def test_one_person_works_in_two_stores(world: World, today: date) -> None:
    joined = {
        "username": "zhao", "name": "赵敏", "role": role("service_advisor"), "start_date": today.isoformat(),
    }  # fmt: skip
    assert signed_in(world.wang).post("/people/join", joined).status_code == 302
    assert posts_of(world.zhao) == [("东区店", "service_advisor"), ("西区店", "service_manager")]


def test_joining_tells_nothing_about_people_elsewhere(world: World, today: date) -> None:
    client = signed_in(world.wang)
    answers = []
    for username, name in (("zhao", "赵不敏"), ("nobody", "赵敏")):
        joined = {
            "username": username, "name": name, "role": role("service_advisor"),
            "start_date": today.isoformat(),
        }  # fmt: skip
        answer = client.post("/people/join", joined)
        assert answer.status_code == 422
        answers.append(answer.context["form"].errors.as_json())
    assert answers[0] == answers[1]


def test_a_shared_persons_sign_in_is_not_one_stores_to_change(world: World, today: date) -> None:
    """Otherwise a manager could give 赵 a post here, a new password, and walk into 西区店."""
    test_one_person_works_in_two_stores(world, today)
    client = signed_in(world.wang)
    for action, data in (("password", {"password": TEMPORARY}), ("active", {"active": "0"})):
        answer = client.post(f"/people/{world.zhao.pk}/{action}", data)
        assert answer.status_code == 422
        assert "还在别处任职" in answer.content.decode()
    zhao = User.objects.get(pk=world.zhao.pk)
    assert zhao.is_active
    assert zhao.check_password(PASSWORD)


def test_a_passing_password_must_be_changed(world: World) -> None:
    answer = signed_in(world.wang).post(f"/people/{world.li.pk}/password", {"password": TEMPORARY})
    assert answer.status_code == 302
    li = User.objects.get(pk=world.li.pk)
    assert li.check_password(TEMPORARY)
    assert li.must_change_password


def test_a_superiors_password_is_out_of_reach(world: World) -> None:
    boss = make_user("store_manager", world.east)
    answer = signed_in(world.wang).post(f"/people/{boss.pk}/password", {"password": TEMPORARY})
    assert answer.status_code == 422
    assert "权限超出您自己的权限" in answer.content.decode()


def test_deactivated_means_signed_out(world: World) -> None:
    his = signed_in(world.li)
    assert his.get("/me").status_code == 200
    signed_in(world.wang).post(f"/people/{world.li.pk}/active", {"active": "0"})
    assert his.get("/me").status_code == 302
    signed_in(world.wang).post(f"/people/{world.li.pk}/active", {"active": "1"})
    assert User.objects.get(pk=world.li.pk).is_active


def test_nobody_locks_themselves_out(world: World) -> None:
    answer = signed_in(world.wang).post(f"/people/{world.wang.pk}/active", {"active": "0"})
    assert answer.status_code == 422


def test_duties_are_delegated_for_a_period_and_come_back(world: World, today: date) -> None:
    client = signed_in(world.wang)
    form = {
        "giver": world.wang.pk, "substitute": world.li.pk, "start_date": today.isoformat(),
        "last_date": (today + timedelta(days=2)).isoformat(), "reason": "休假",
    }  # fmt: skip
    assert client.post("/delegations", form).status_code == 302
    his = signed_in(world.li)
    assert his.get("/people").status_code == 200
    assert "李伟" in client.get("/people").content.decode()
    assert "dealers.delegate" in reach_of(world.li, today + timedelta(days=2)).stores[world.east]
    assert "dealers.delegate" not in reach_of(world.li, today + timedelta(days=3)).stores[world.east]
    with dealer_scope(world.east.pk):
        pk = Delegation.objects.get().pk
    assert client.post(f"/delegations/{pk}/end").status_code == 302
    assert his.get("/people").status_code == 403


def test_a_delegation_to_oneself_is_no_way_up(world: World, today: date) -> None:
    boss = make_user("store_manager", world.east)
    form = {
        "giver": boss.pk, "substitute": world.wang.pk, "start_date": today.isoformat(),
        "last_date": today.isoformat(), "reason": "代管",
    }  # fmt: skip
    answer = signed_in(world.wang).post("/delegations", form)
    assert answer.status_code == 422
    assert "权限超出您自己的权限" in answer.content.decode()


def test_only_colleagues_can_be_chosen_for_a_delegation(world: World, today: date) -> None:
    form = {
        "giver": world.li.pk, "substitute": world.zhao.pk, "start_date": today.isoformat(),
        "last_date": today.isoformat(), "reason": "休假",
    }  # fmt: skip
    client = signed_in(world.wang)
    assert "赵敏" not in client.get("/delegations").content.decode()
    assert client.post("/delegations", form).status_code == 422


def test_a_period_must_have_a_day(world: World, today: date) -> None:
    form = {
        "giver": world.wang.pk, "substitute": world.li.pk, "start_date": today.isoformat(),
        "last_date": (today - timedelta(days=1)).isoformat(), "reason": "休假",
    }  # fmt: skip
    assert signed_in(world.wang).post("/delegations", form).status_code == 422


def test_roles_say_in_words_what_they_may(world: World) -> None:
    client = signed_in(world.wang)
    assert "服务顾问" in client.get("/roles").content.decode()
    page = client.get(f"/roles/{role('service_advisor')}").content.decode()
    assert "致电客户" in page
    assert "reminders.call</span>" not in page


def test_a_store_does_not_shape_the_roles_of_all_stores(world: World) -> None:
    boss = make_user("store_manager", world.east)
    answer = signed_in(boss).post(f"/roles/{role('cashier')}", {"permissions": ["accounts.use"]})
    assert answer.status_code == 422
    assert "workshop.see" in Role.objects.get(code="cashier").permissions


def test_the_manufacturer_shapes_roles_and_asks_for_one_time_codes(world: World) -> None:
    maker = make_user("maker_manager")
    chosen = {"permissions": ["accounts.use", "workshop.see"], "requires_totp": "on"}
    assert signed_in(maker).post(f"/roles/{role('cashier')}", chosen).status_code == 302
    cashier = Role.objects.get(code="cashier")
    assert cashier.permissions == ["accounts.use", "workshop.see"]
    assert cashier.requires_totp
    teller = make_user("cashier", world.east)
    assert signed_in(teller).get("/people").headers["Location"] == "/me/totp"


def test_the_manufacturer_sees_the_people_of_all_stores_and_appoints(world: World, today: date) -> None:
    maker = make_user("maker_manager", name="周总")
    client = signed_in(maker)
    page = client.get("/people").content.decode()
    assert all(name in page for name in ("李伟", "赵敏", "周总"))
    region = make_user("region_manager", region=world.region, name="吴大区")
    assert (
        client.post(
            f"/people/{region.pk}/posts",
            {"place": "maker", "role": role("maker_manager"), "start_date": today.isoformat()},
        ).status_code
        == 302
    )
    post = NetworkPost.objects.get(user=region, role__code="maker_manager")
    assert client.post(f"/people/{region.pk}/network-posts/{post.pk}/end").status_code == 302
    boss = new_person(today, role=role("store_manager"), place=f"dealer:{world.west.pk}")
    assert client.post("/people/new", boss).status_code == 302
    assert posts_of(User.objects.get(username="sunqian")) == [("西区店", "store_manager")]


def test_every_permission_has_words_in_both_languages() -> None:
    declared = {
        member.value for kind in Permission.__subclasses__() if kind.__module__.startswith("huichang.domains")
        for member in kind
    }  # fmt: skip
    assert declared == set(labels.LABELS)
    assert {name.split(".")[0] for name in declared} <= {app.label for app in apps.get_app_configs()}


def test_the_time_line_says_who_changed_what(world: World) -> None:
    client = signed_in(world.wang)
    client.post(f"/people/{world.li.pk}/password", {"password": TEMPORARY})
    page = client.get(f"/people/{world.li.pk}").content.decode()
    assert "王建国" in page
    assert "已更换" in page
    assert TEMPORARY not in page


def test_pages_speak_english(world: World) -> None:
    User.objects.filter(pk=world.wang.pk).update(language="en")
    with translation.override("en"):
        page = signed_in(world.wang).get("/people").content.decode()
    assert "Service advisor" in page
