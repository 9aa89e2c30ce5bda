"""The months: every number opens its cars, the same figures for store, region and manufacturer (REM-24…26)."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from huichang.domains.reminders import batch
from huichang.domains.reminders import months as month_runs
from huichang.domains.reminders.models import Month
from huichang.kernel.actors import system
from huichang.kernel.scoping import unscoped
from huichang.kernel.worktime import add_months, local_date
from tests.factories.world import World, make_car, make_order, make_schedule, make_user, signed_in


@pytest.fixture
def last_month() -> date:
    return add_months(local_date(timezone.now()).replace(day=1), -1)


@pytest.fixture
def counted(world: World, last_month: date) -> World:
    """Two cars in 东区店 and one in 西区店, planned last month; nothing frozen."""
    for dealer in (world.east, world.west):
        make_schedule(dealer)
    sold = add_months(last_month, -30)
    make_car(world.east, plate="苏E00001", sale_date=sold)
    served = make_car(world.east, plate="苏E00002", sale_date=sold)
    make_order(world.east, car=served, arrived=timezone.now() - timedelta(days=200))
    make_car(world.west, plate="苏E00003", sale_date=sold)
    actor = system("test")
    with unscoped("the run of the nation"):
        batch.run(actor=actor, as_of=add_months(last_month, 1), now=timezone.now())
        month_runs.plan_month(actor=actor, month=last_month, now=timezone.now())
    return world


def slug(month: date) -> str:
    return f"/census/{month:%Y-%m}"


def numbers(client: Client, url: str) -> dict[str, int]:
    context = client.get(url).context
    return {str(tile["label"]): tile["cars"] for tile in context["tiles"]} | {"base": context["census"].base}


def test_every_car_of_the_base_is_in_exactly_one_bucket(counted: World, last_month: date) -> None:
    found = numbers(signed_in(counted.wang), slug(last_month))
    base = found.pop("base")
    assert base == sum(found.values()) == 2


def test_every_number_opens_its_cars(counted: World, last_month: date) -> None:
    client = signed_in(counted.wang)
    context = client.get(slug(last_month)).context
    opened = {
        cell.url: cell.cars
        for line in [*context["kinds"], context["total"]]
        for cell in line.cells
        if cell.url
    }
    opened |= {row["url"]: row["cars"] for row in context["causes"]}
    assert opened
    for url, cars in opened.items():
        assert len(client.get(url).context["lines"]) == cars, url


def test_a_frozen_month_says_so_and_stays(counted: World, last_month: date) -> None:
    client = signed_in(counted.wang)
    before = numbers(client, slug(last_month))
    assert client.post(f"{slug(last_month)}/freeze").status_code == 302
    page = client.get(slug(last_month)).content.decode()
    assert "已封存" in page
    assert "数字不再变化" in page
    make_car(counted.east, plate="苏E00009", sale_date=date(2020, 1, 1))
    assert numbers(client, slug(last_month)) == before
    assert "已封存" in client.get("/census").content.decode()


def test_a_month_that_still_runs_is_not_frozen(counted: World, last_month: date) -> None:
    this_month = add_months(last_month, 1)
    with unscoped("the plan of the nation"):
        month_runs.plan_month(actor=system("test"), month=this_month, now=timezone.now())
    client = signed_in(counted.wang)
    answer = client.post(f"{slug(this_month)}/freeze", follow=True)
    assert "这个月还没结束" in answer.content.decode()
    with unscoped("the month of the store"):
        assert not Month.objects.filter(status="frozen").exists()


def test_freezing_needs_its_permission(counted: World, last_month: date) -> None:
    lead = make_user("dcrc_lead", counted.east)
    client = signed_in(lead)
    assert client.get(slug(last_month)).status_code == 200
    assert 'data-dialog-open="freeze"' not in client.get(slug(last_month)).content.decode()
    assert client.post(f"{slug(last_month)}/freeze").status_code == 403


def test_store_region_and_manufacturer_see_the_same_figures(counted: World, last_month: date) -> None:
    region = signed_in(make_user("region_manager", region=counted.region))
    maker = signed_in(make_user("maker_manager"))
    stores = [numbers(signed_in(person), slug(last_month)) for person in (counted.wang, counted.zhao)]
    summed = {name: sum(store.get(name, 0) for store in stores) for name in stores[0]}
    assert numbers(region, slug(last_month)) == numbers(maker, slug(last_month)) == summed
    lines = {line.label: line.cars for line in maker.get(slug(last_month)).context["places"]}
    assert lines == {"华东大区": 3, "东区店": 2, "西区店": 1}


def test_a_region_of_other_stores_sees_none_of_it(counted: World, last_month: date) -> None:
    from huichang.domains.dealers.models import Region

    elsewhere = Region.objects.create(code="NORTH", name="华北大区")
    client = signed_in(make_user("region_manager", region=elsewhere))
    assert client.get(slug(last_month)).status_code == 404
    assert "还没有月度计划" in client.get("/census").content.decode()


def test_people_of_the_network_see_no_plates(counted: World, last_month: date) -> None:
    page = signed_in(make_user("maker_manager")).get(f"{slug(last_month)}/cars").content.decode()
    assert "苏E" not in page
    assert "东区店" in page


def test_another_store_is_not_in_it(counted: World, last_month: date) -> None:
    page = signed_in(counted.zhao).get(f"{slug(last_month)}/cars").content.decode()
    assert "00003" in page
    assert "00001" not in page


def test_the_list_is_narrowed_by_bucket_and_store(counted: World, last_month: date) -> None:
    maker = signed_in(make_user("maker_manager"))
    url = f"{slug(last_month)}/cars"
    assert len(maker.get(url).context["lines"]) == 3
    assert len(maker.get(url, {"dealer": str(counted.west.pk)}).context["lines"]) == 1
    assert len(maker.get(url, {"bucket": "returned"}).context["lines"]) == 0


def test_the_plan_shows_what_came_late(counted: World, last_month: date) -> None:
    client = signed_in(counted.wang)
    context = client.get(f"{slug(last_month)}/plan").context
    assert context["planned"] + context["lates"] == len(context["lines"])
    late = client.get(f"{slug(last_month)}/plan", {"late": "1"}).context["lines"]
    assert len(late) == context["lates"]


def test_the_workbook_adds_up(counted: World, last_month: date) -> None:
    answer = signed_in(counted.wang).get(f"{slug(last_month)}/export")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["汇总", "原因", "明细"]
    sums = book.get_sheet_by_name("汇总").to_python()
    cars = book.get_sheet_by_name("明细").to_python()
    assert sum(int(str(one).split(".")[0]) for one in sums[-1][1:]) == len(cars) - 1 == 2


def test_the_paper_has_the_causes_and_a_line_to_sign(counted: World, last_month: date) -> None:
    page = signed_in(counted.wang).get(f"{slug(last_month)}/print").content.decode()
    assert "审核" in page
    assert "<nav" not in page


def test_nonsense_is_not_found(counted: World) -> None:
    client = signed_in(counted.wang)
    for month in ("2026-13", "soon", "1999-01"):
        assert client.get(f"/census/{month}").status_code == 404


def test_who_may_not_see_the_census_does_not(counted: World, last_month: date) -> None:
    client = signed_in(counted.li)
    for url in ("/census", slug(last_month), f"{slug(last_month)}/cars", f"{slug(last_month)}/export"):
        assert client.get(url).status_code == 403


def test_lists_need_as_many_queries_with_three_cars_as_with_one(
    counted: World, last_month: date, queries: Any
) -> None:
    client = signed_in(counted.wang)
    urls = ("/census", slug(last_month), f"{slug(last_month)}/cars")
    client.post(f"{slug(last_month)}/freeze")
    few = [queries(client, url) for url in urls]
    earlier = add_months(last_month, -1)
    for _ in range(3):
        make_car(counted.east, sale_date=date(2021, 1, 1))
    with unscoped("the census of the nation"):
        month_runs.freeze_month(actor=system("test"), month=earlier, now=timezone.now())
    assert [queries(client, url.replace(slug(last_month), slug(earlier))) for url in urls] == few


def test_lost_customers_are_shown_for_a_store_and_over_all(counted: World, queries: Any) -> None:
    page = signed_in(counted.wang).get("/lost").content.decode()
    assert "流失客户名单" in page
    maker = signed_in(make_user("maker_manager"))
    assert "全部门店" in maker.get("/lost").content.decode()
    one = queries(signed_in(counted.wang), "/lost")
    for _number in range(2):
        make_car(counted.east, sale_date=local_date(timezone.now()) - timedelta(days=900))
    assert queries(signed_in(counted.wang), "/lost") == one
