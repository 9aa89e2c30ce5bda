"""【系统管理→基础参数设置】: values with their origin, changes with date and reason, previews, who may."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from huichang.domains.dealers.models import PolicyValue
from huichang.domains.dealers.operations import set_policy
from huichang.domains.dealers.queries import policies_in_force
from huichang.domains.reminders.models import CarForecast
from huichang.interfaces.staff.settings import catalogue, previews
from huichang.kernel.actors import system
from huichang.kernel.policies import POLICIES
from huichang.kernel.scoping import dealer_scope, unscoped
from huichang.kernel.worktime import add_months, local_date
from tests.factories.world import World, make_bay, make_car, make_technician, make_user, signed_in

KEY = "appointments.reserve_percent"
URL = f"/settings/{KEY}"


@pytest.fixture
def today() -> date:
    return local_date(timezone.now())


def _form(today: date, **changed: str) -> dict[str, str]:
    return {"value": "30", "effective_date": today.isoformat(), "reason": "冬季急修多"} | changed


def test_every_declared_policy_is_listed_under_its_domain(world: World) -> None:
    page = signed_in(world.wang).get("/settings").content.decode()
    catalogue.load()
    missing = [policy.key for policy in POLICIES.values() if f"/settings/{policy.key}" not in page]
    assert missing == []
    assert "出厂默认值" in page


def test_a_change_holds_from_its_day_and_shows_where_it_comes_from(world: World, today: date) -> None:
    client = signed_in(world.wang)
    answer = client.post(URL, _form(today))
    assert answer.status_code == 302
    page = client.get("/settings").content.decode()
    assert f"本店 {today:%Y-%m-%d} 起 · 王建国" in page
    with dealer_scope(world.east.pk):
        assert policies_in_force([POLICIES[KEY]], world.east, today)[KEY].value == 30
    history = client.get(URL).content.decode()
    assert "冬季急修多" in history


def test_a_change_for_a_later_day_is_announced_and_not_yet_in_force(world: World, today: date) -> None:
    later = today + timedelta(days=10)
    client = signed_in(world.wang)
    client.post(URL, _form(today, effective_date=later.isoformat()))
    page = client.get("/settings").content.decode()
    assert f"{later:%Y-%m-%d} 起改为 30 %" in page
    with dealer_scope(world.east.pk):
        assert policies_in_force([POLICIES[KEY]], world.east, today)[KEY].value == 20


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"value": "61"}, "不能大于 60"),
        ({"value": "-1"}, "不能小于 0"),
        ({"value": "很多"}, "不是有效的值"),
        ({"value": ""}, "不是有效的值"),
        ({"effective_date": "2020-01-01"}, "生效日期不能早于今天"),
        ({"reason": ""}, "这个字段是必填项"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(
    world: World, today: date, changed: dict[str, str], message: str
) -> None:
    answer = signed_in(world.wang).post(URL, _form(today, **changed))
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert not PolicyValue.objects.exists()


def test_who_may_not_set_sees_the_value_and_no_form(world: World, today: date) -> None:
    caller = make_user("dcrc_lead", world.east)
    client = signed_in(caller)
    assert "看看影响" not in client.get(URL).content.decode()
    assert client.post(URL, _form(today)).status_code == 403


def test_a_role_without_the_permission_does_not_get_in(world: World) -> None:
    assert signed_in(world.li).get("/settings").status_code == 403


def test_another_stores_values_do_not_show(world: World, today: date) -> None:
    signed_in(world.zhao).post(URL, _form(today, reason="西区的事"))
    assert "西区的事" not in signed_in(world.wang).get(URL).content.decode()
    assert "赵敏" not in signed_in(world.wang).get("/settings").content.decode()


def test_the_manufacturer_sets_what_stores_inherit_until_they_set_their_own(
    world: World, today: date
) -> None:
    maker = make_user("maker_manager", name="周总")
    assert signed_in(maker).post(URL, _form(today, value="25")).status_code == 302
    page = signed_in(world.wang).get("/settings").content.decode()
    assert f"主机厂 {today:%Y-%m-%d} 起 · 周总" in page
    signed_in(world.wang).post(URL, _form(today, value="30"))
    with unscoped("both stores are compared"):
        east = policies_in_force([POLICIES[KEY]], world.east, today)[KEY].value
        west = policies_in_force([POLICIES[KEY]], world.west, today)[KEY].value
    assert (east, west) == (30, 25)


def test_a_region_looks_but_does_not_set(world: World, today: date) -> None:
    region = make_user("region_manager", region=world.region)
    client = signed_in(region)
    assert "华东大区" in client.get("/settings").content.decode()
    assert client.post(URL, _form(today)).status_code == 403


def test_sign_in_limits_are_the_manufacturers(world: World, today: date) -> None:
    answer = signed_in(world.wang).post("/settings/accounts.lock_minutes", _form(today))
    assert answer.status_code == 403


def test_searching_narrows_the_list(world: World) -> None:
    page = signed_in(world.wang).get("/settings", {"q": "预留"}).content.decode()
    assert KEY in page
    assert "appointments.grid_minutes" not in page


def test_only_changed_ones_on_demand(world: World, today: date) -> None:
    client = signed_in(world.wang)
    assert "所有参数都还是出厂默认值" in client.get("/settings", {"own": "1"}).content.decode()
    client.post(URL, _form(today))
    assert KEY in client.get("/settings", {"own": "1"}).content.decode()


def test_an_unknown_policy_is_not_found(world: World) -> None:
    assert signed_in(world.wang).get("/settings/nothing.here").status_code == 404


def test_the_list_needs_as_many_queries_with_three_values_as_with_one(
    world: World, today: date, queries: Any
) -> None:
    actor, now = system("test"), timezone.now()
    client = signed_in(world.wang)
    with unscoped("values of every level"):
        set_policy(key=KEY, raw="21", effective_date=today, actor=actor, now=now, region=world.region)
    one = queries(client, "/settings")
    with unscoped("values of every level"):
        for key, raw in (("appointments.hold_minutes", "5"), ("appointments.ahead_days", "30")):
            set_policy(key=key, raw=raw, effective_date=today, actor=actor, now=now, region=world.region)
    assert queries(client, "/settings") == one


def test_the_preview_of_the_reserve_counts_the_hours_of_the_people_there_are(world: World) -> None:
    make_bay(world.east, skill="机修")
    make_technician(world.east, skills=("机修",))
    page = signed_in(world.wang).get(f"{URL}/preview", {"value": "50"}).content.decode()
    assert "每天可约工时减少" in page
    assert "机修" in page
    assert not PolicyValue.objects.exists()


def test_the_preview_of_a_service_interval_works_the_forecasts_out_anew(world: World, today: date) -> None:
    """A car sold four months before the 10th of next month: first service this month, or with four months the next."""
    next_month = add_months(today.replace(day=1), 1)
    make_car(world.east, sale_date=add_months(next_month + timedelta(days=9), -4))
    with unscoped("so that only the months count"):
        set_policy(
            key="reminders.first_service_km", raw="30000", dealer=world.east, effective_date=today,
            actor=system("test"), now=timezone.now(),
        )  # fmt: skip
    url = "/settings/reminders.first_service_months/preview"
    assert "下月多 1 个到期" in signed_in(world.wang).get(url, {"value": "4"}).content.decode()
    assert "下月的到期数量不变" in signed_in(world.wang).get(url, {"value": "3"}).content.decode()
    with dealer_scope(world.east.pk):
        assert not CarForecast.objects.exists()


def test_a_kind_that_is_switched_off_has_no_effect_and_switching_it_off_is_previewed(
    world: World, today: date
) -> None:
    next_month = add_months(today.replace(day=1), 1)
    make_car(world.east, sale_date=next_month, compulsory_insurance_end_date=next_month + timedelta(days=9))
    client, switch = signed_in(world.wang), "reminders.compulsory_insurance_on"
    assert "下月少 1 个到期" in client.get(f"/settings/{switch}/preview", {"value": "0"}).content.decode()

    with unscoped("switched off"):
        set_policy(
            key=switch, raw="0", dealer=world.east, effective_date=today, actor=system("test"),
            now=timezone.now(),
        )  # fmt: skip

    assert "下月多 1 个到期" in client.get(f"/settings/{switch}/preview", {"value": "1"}).content.decode()
    calls = client.get("/settings/reminders.compulsory_insurance_call_days/preview", {"value": "10"})
    assert "下月的致电数量不变" in calls.content.decode()


def test_a_preview_of_nonsense_says_what_is_wrong(world: World) -> None:
    page = signed_in(world.wang).get(f"{URL}/preview", {"value": "99"}).content.decode()
    assert "不能大于 60" in page


def test_a_policy_without_a_measure_says_so(world: World) -> None:
    page = signed_in(world.wang).get("/settings/appointments.hold_minutes").content.decode()
    assert "这个参数没有影响预览" in page


def test_measures_are_of_policies_that_exist() -> None:
    catalogue.load()
    assert set(previews.MEASURES) <= set(POLICIES)


def test_the_stores_details_are_changed_by_the_manager_and_only_here(world: World) -> None:
    details = {"name": "东区旗舰店", "city": "苏州", "address": "东环路 8 号", "phone": "0512-66668888"}
    answer = signed_in(world.wang).post("/store-details", details)
    assert answer.status_code == 302
    world.east.refresh_from_db()
    world.west.refresh_from_db()
    assert (world.east.name, world.east.phone) == ("东区旗舰店", "0512-66668888")
    assert world.west.name == "西区店"
    assert signed_in(world.li).post("/store-details", details).status_code == 403
