"""The lists of who is due: search (S0: sale date, warranty start and end), tabs, pages, print, export."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from python_calamine import CalamineWorkbook

from huichang.domains.accounts.models import Role
from huichang.domains.reminders.kinds import KINDS
from huichang.domains.reminders.models import CarForecast
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.world import (
    World,
    make_booking,
    make_car,
    make_case,
    make_customer,
    make_due,
    make_user,
    signed_in,
)


@pytest.fixture
def today() -> date:
    return local_date(timezone.now())


def warranty_car(world: World, plate: str, sold: date, **fields: Any) -> Any:
    """A car whose warranty runs three years from its sale, with its forecast."""
    ends = sold.replace(year=sold.year + 3)
    car = make_car(
        world.east, plate=plate, sale_date=sold, warranty_start_date=sold, warranty_end_date=ends, **fields
    )
    with dealer_scope(world.east.pk):
        CarForecast.objects.create(
            dealer=world.east, car=car, basis="series", km_per_day=40, km_per_day_low=30, km_per_day_high=50,
            warranty_end_date=ends, warranty_due_date=ends, computed_on=sold,
        )  # fmt: skip
    make_due(world.east, car=car, kind="warranty_end", key="warranty", due_date=ends)
    return car


def rows(page: str) -> set[str]:
    """The plates shown, without their dot."""
    return {plate for plate in ("苏E00001", "苏E00002", "苏E00003") if f"{plate[:2]}·{plate[2:]}" in page}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"苏E00001", "苏E00002"}),
        ({"sale_from": "2023-06-01"}, {"苏E00001", "苏E00002"}),
        ({"sale_from": "2023-06-02"}, {"苏E00002"}),
        ({"sale_to": "2023-06-01"}, {"苏E00001"}),
        ({"warranty_start_from": "2023-07-01", "warranty_start_to": "2023-12-31"}, {"苏E00002"}),
        ({"warranty_end_from": "2026-06-01", "warranty_end_to": "2026-06-01"}, {"苏E00001"}),
        ({"due_from": "2026-08-01", "due_to": "2026-08-31"}, {"苏E00002"}),
        ({"series": "福克斯"}, {"苏E00001", "苏E00002"}),
        ({"series": "蒙迪欧"}, set()),
        ({"q": "0002"}, {"苏E00002"}),
        ({"q": "苏E·00001"}, {"苏E00001"}),
        ({"q": "张三"}, {"苏E00002"}),
        ({"status": "closed"}, set()),
    ],
)
def test_the_warranty_list_is_searched_by_sale_and_warranty_dates(
    world: World, asked: dict[str, str], found: set[str]
) -> None:
    warranty_car(world, "苏E00001", date(2023, 6, 1))
    warranty_car(world, "苏E00002", date(2023, 8, 15), owner=make_customer(world.east, name="张三"))
    page = signed_in(world.li).get("/warranty-due", asked).content.decode()
    assert "保修到期提醒" in page
    assert rows(page) == found


def test_an_impossible_range_is_said_at_its_field(world: World) -> None:
    page = (
        signed_in(world.li).get("/due", {"due_from": "2026-06-02", "due_to": "2026-06-01"}).content.decode()
    )
    assert "结束日期早于开始日期" in page


def test_a_line_says_why_and_until_when_to_call(world: World, today: date) -> None:
    case = make_case(world.east, due_date=today + timedelta(days=9))
    page = signed_in(world.li).get("/due").content.decode()
    assert "上次保养 2025-12-16" in page
    assert f"{today + timedelta(days=5):%Y-%m-%d}" in page
    assert "待联系" in page
    assert f"/cars/{case.car_id}" in page
    assert f"/desk/task/{case.task_id}/take?open=page" in page


def test_a_case_that_was_booked_says_so(world: World, today: date) -> None:
    case = make_case(world.east, due_date=today + timedelta(days=9), status="booked")
    with dealer_scope(world.east.pk):
        case.reasons.update(booking=make_booking(world.east, car=case.car))
    make_due(world.east, car=case.car, case=case, kind="compulsory_insurance", key="ins", due_date=today)
    assert "已预约" in signed_in(world.li).get("/due?kind=scheduled_service").content.decode()
    insurance = signed_in(world.li).get("/due?kind=compulsory_insurance").content.decode()
    assert "待联系" in insurance
    assert "已预约" not in insurance


def test_every_kind_has_a_tab_with_its_open_reasons(world: World, today: date) -> None:
    car = make_car(world.east)
    for code in KINDS:
        make_due(world.east, car=car, kind=code, key=code, due_date=today)
    client = signed_in(world.li)
    tabs = {tab["label"]: tab["count"] for tab in client.get("/due").context["tabs"]}
    assert list(tabs.values()) == [len(KINDS), *[1] * len(KINDS)]
    for code in KINDS:
        page = client.get("/due", {"kind": code})
        assert [line.due.kind for line in page.context["lines"]] == [code]
        assert page.context["lines"][0].why


def test_tabs_keep_the_search(world: World) -> None:
    tabs = signed_in(world.li).get("/due", {"q": "777", "after": "2026-01-01~5"}).context["tabs"]
    assert all("q=777" in tab["url"] and "after" not in tab["url"] for tab in tabs)


def test_many_reasons_come_in_pages_by_date(world: World, today: date) -> None:
    car = make_car(world.east)
    for number in range(51):
        make_due(world.east, car=car, key=f"n{number}", due_date=today + timedelta(days=number))
    client = signed_in(world.li)
    first = client.get("/due").context
    second = client.get("/due", {"after": first["next"]}).context
    days = [line.due.due_date for page in (first, second) for line in page["lines"]]
    assert days == [today + timedelta(days=number) for number in range(51)]
    assert second["next"] == ""


def test_the_list_needs_as_many_queries_with_three_lines_as_with_one(world: World, queries: Any) -> None:
    make_case(world.east)
    client = signed_in(world.li)
    one = queries(client, "/due")
    make_case(world.east)
    make_case(world.east)
    assert queries(client, "/due") == one


def test_another_stores_reasons_are_not_there(world: World) -> None:
    make_case(world.east, car=make_car(world.east, plate="苏E00001"))
    assert "苏E·00001" not in signed_in(world.zhao).get("/due").content.decode()


def test_mobiles_are_masked_on_screen_paper_and_in_the_workbook(world: World) -> None:
    owner = make_customer(world.east, name="张三", mobile="13912345678")
    make_case(world.east, car=make_car(world.east, owner=owner))
    client = signed_in(world.wang)
    for url in ("/due", "/due/print"):
        page = client.get(url).content.decode()
        assert "139****5678" in page
        assert "13912345678" not in page
    cells = workbook(client.get("/due/export"))
    assert "139****5678" in cells[1]


def workbook(answer: Any) -> list[list[Any]]:
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_the_workbook_holds_the_whole_search_and_no_formulas(world: World, today: date) -> None:
    owner = make_customer(world.east, name="=HYPERLINK(1)")
    car = make_car(world.east, owner=owner)
    for number in range(60):
        make_due(world.east, car=car, key=f"n{number}", due_date=today + timedelta(days=number))
    cells = workbook(
        signed_in(world.wang).get("/due/export", {"due_to": (today + timedelta(days=54)).isoformat()})
    )
    assert len(cells) == 1 + 55
    assert cells[0][:3] == ["到期日", "类型", "车牌号"]
    assert cells[1][5] == "=HYPERLINK(1)"  # the text itself: a formula would come back as its result


def test_export_needs_its_own_permission(world: World) -> None:
    client = signed_in(world.li)
    assert client.get("/due/export").status_code == 403
    assert "/due/export" not in client.get("/due").content.decode()


def test_who_may_not_see_reminders_does_not(world: World) -> None:
    technician = make_user("technician", world.east)
    client = signed_in(technician)
    for url in ("/due", "/warranty-due", "/due/print", "/due/export"):
        assert client.get(url).status_code == 403


def test_looking_is_not_calling(world: World) -> None:
    """Who may see the list but not call gets no telephone buttons."""
    make_case(world.east)
    sales = make_user("sales_advisor", world.east)
    assert Role.objects.filter(code="sales_advisor", permissions__contains=["reminders.see"]).exists()
    page = signed_in(sales).get("/due").content.decode()
    assert "/desk?" not in page


def test_a_car_without_an_owner_is_shown(world: World, today: date) -> None:
    due = make_due(world.east, due_date=today)
    with dealer_scope(world.east.pk):
        type(due).objects.filter(pk=due.pk).update(customer=None)
    assert "没有车主" in signed_in(world.li).get("/due").content.decode()


def test_an_empty_list_says_what_will_appear(world: World) -> None:
    client = signed_in(world.li)
    assert "现在没有到期" in client.get("/due").content.decode()
    assert "没有符合条件的到期" in client.get("/due", {"q": "999"}).content.decode()
