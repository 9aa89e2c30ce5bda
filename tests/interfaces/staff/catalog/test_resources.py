"""Bays, people, labour and schedules by their pages: saved, refused at the field, closed to who may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from huichang.domains.appointments.models import BookingBlock, Equipment, EquipmentOutage
from huichang.domains.catalog.models import Absence, Bay, LabourOperation, ServiceSchedule, StaffMember
from huichang.kernel.scoping import dealer_scope
from tests.factories import world as make

if TYPE_CHECKING:
    from tests.factories.world import World

BAY = {
    "name": "快保1号",
    "skill": "快保",
    "also_skills": "机修、轮胎",
    "opens_at": "08:30",
    "closes_at": "17:30",
    "is_active": "on",
}
PERSON = {"name": "张伟", "duty": "technician", "skills": "机修,变速箱", "is_active": "on"}
LABOUR = {
    "code": "BY01",
    "name": "常规保养",
    "standard_hours": "0.8",
    "skill": "快保",
    "hourly_rate": "180",
    "is_active": "on",
}
SCHEDULE = {
    "series": "福克斯", "first_months": "3", "first_km": "5000", "interval_months": "6", "interval_km": "10000",
    "warranty_months": "36", "warranty_km": "100000",
}  # fmt: skip


@pytest.fixture
def manager(world: World) -> Client:
    """王, who may change the catalogue."""
    return make.signed_in(world.wang)


@pytest.mark.parametrize(
    ("path", "fields", "model", "back"),
    [
        ("/resources/bays/new", BAY, Bay, "/resources"),
        ("/resources/people/new", PERSON, StaffMember, "/resources"),
        ("/labour/new", LABOUR, LabourOperation, "/labour"),
        ("/schedules/new", SCHEDULE, ServiceSchedule, "/schedules"),
    ],
)
def test_a_new_row_is_saved_and_listed(
    world: World, manager: Client, path: str, fields: dict[str, str], model: Any, back: str
) -> None:
    answer = manager.post(path, fields)
    assert (answer.status_code, answer.headers["Location"]) == (302, back)
    with dealer_scope(world.east.pk):
        assert model.objects.get().dealer_id == world.east.pk
    assert next(iter(fields.values())) in manager.get(back).content.decode()


def test_skills_are_read_as_people_write_them(world: World, manager: Client) -> None:
    manager.post("/resources/bays/new", BAY)
    manager.post("/resources/people/new", PERSON | {"skills": "机修;变速箱 机修,电器"})
    with dealer_scope(world.east.pk):
        assert Bay.objects.get().also_skills == ["机修", "轮胎"]
        assert StaffMember.objects.get().skills == ["机修", "变速箱", "电器"]


@pytest.mark.parametrize(
    ("path", "fields", "message"),
    [
        ("/resources/bays/new", BAY | {"closes_at": "08:00"}, "关门时间要晚于开门时间"),
        ("/resources/bays/new", BAY | {"name": ""}, "这个字段是必填项"),
        ("/resources/bays/new", BAY | {"also_skills": "很长很长" * 6}, "一个资质最多 20 个字"),
        ("/resources/people/new", PERSON | {"skills": ""}, "请填写技师的资质"),
        ("/labour/new", LABOUR | {"standard_hours": "0"}, "标准工时要大于 0"),
        ("/labour/new", LABOUR | {"standard_hours": "半小时"}, "输入一个数字"),
        ("/schedules/new", SCHEDULE | {"first_km": "-1"}, "确保该值大于或等于0"),
    ],
)
def test_bad_input_is_refused_at_its_field_and_kept(
    world: World, manager: Client, path: str, fields: dict[str, str], message: str
) -> None:
    answer = manager.post(path, fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert 'class="ui-error"' in page
    kept = [value for value in fields.values() if value not in {"", "on"} and f'value="{value}"' in page]
    assert kept  # what was typed is still there
    with dealer_scope(world.east.pk):
        assert not any(
            model.objects.exists() for model in (Bay, StaffMember, LabourOperation, ServiceSchedule)
        )


def test_a_name_or_code_in_use_is_refused(world: World, manager: Client) -> None:
    manager.post("/resources/bays/new", BAY)
    manager.post("/labour/new", LABOUR)
    assert "已经有叫“快保1号”的工位" in manager.post("/resources/bays/new", BAY).content.decode()
    assert "项目编码“BY01”已经存在" in manager.post("/labour/new", LABOUR).content.decode()


def test_a_row_is_changed_and_taken_out_of_use(world: World, manager: Client) -> None:
    bay = make.make_bay(world.east, name="旧名")
    fields = {name: value for name, value in BAY.items() if name != "is_active"}
    assert manager.post(f"/resources/bays/{bay.pk}", fields).status_code == 302
    with dealer_scope(world.east.pk):
        bay.refresh_from_db()
    assert (bay.name, bay.is_active) == ("快保1号", False)


def test_who_may_only_look_sees_no_button_and_cannot_write(world: World) -> None:
    bay = make.make_bay(world.east)
    looker = make.signed_in(world.li)
    assert "/resources/bays/new" not in looker.get("/resources").content.decode()
    assert looker.post("/resources/bays/new", BAY).status_code == 403
    assert looker.post(f"/resources/bays/{bay.pk}", BAY).status_code == 403
    with dealer_scope(world.east.pk):
        assert list(Bay.objects.values_list("pk", flat=True)) == [bay.pk]


def test_another_stores_rows_are_not_found(world: World, manager: Client) -> None:
    bay, labour = make.make_bay(world.west), make.make_labour(world.west)
    assert manager.post(f"/resources/bays/{bay.pk}", BAY).status_code == 404
    assert manager.get(f"/labour/{labour.pk}").status_code == 404


def test_an_absence_tells_which_bookings_it_hits_and_can_end(world: World, manager: Client) -> None:
    start = timezone.now() + timedelta(days=2)
    bay = make.make_bay(world.east, name="快保1号")
    booking = make.make_booking(world.east, bay=bay, starts_at=start)
    absence = {
        "who": f"bay:{bay.pk}", "starts_at": f"{start - timedelta(days=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(days=1):%Y-%m-%dT%H:%M}", "reason": "举升机检修",
    }  # fmt: skip

    page = manager.post("/resources/absences/new", absence).content.decode()
    assert f"/bookings/{booking.pk}" in page
    listed = manager.get("/resources").content.decode()
    assert "举升机检修" in listed
    with dealer_scope(world.east.pk):
        row = Absence.objects.get()
    assert manager.post(f"/resources/absences/{row.pk}/end").status_code == 302
    with dealer_scope(world.east.pk):
        assert not Absence.objects.exists()


def test_a_lift_out_of_use_is_registered_listed_and_brought_back(world: World, manager: Client) -> None:
    start = timezone.localtime() + timedelta(days=2)
    with dealer_scope(world.east.pk):
        lift = Equipment.objects.create(dealer=world.east, name="举升机1", kind="举升")
    booking = make.make_booking(world.east, starts_at=start)
    with dealer_scope(world.east.pk):
        BookingBlock.objects.create(
            dealer=world.east, booking=booking, kind="equipment", position=1, equipment=lift, starts_at=start,
            ends_at=start + timedelta(hours=1),
        )  # fmt: skip
    outage = {
        "who": f"equipment:{lift.pk}", "starts_at": f"{start - timedelta(hours=2):%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M}", "reason": "漏油",
    }  # fmt: skip

    page = manager.post("/resources/absences/new", outage).content.decode()
    assert f"/bookings/{booking.pk}" in page
    assert "/bookings/replan?day=" in page
    listed = manager.get("/resources").content.decode()
    assert "举升机1" in listed
    assert "漏油" in listed
    with dealer_scope(world.east.pk):
        row = EquipmentOutage.objects.get()
    assert make.signed_in(world.zhao).post(f"/resources/outages/{row.pk}/end").status_code == 404
    assert manager.post(f"/resources/outages/{row.pk}/end").status_code == 302
    with dealer_scope(world.east.pk):
        assert not EquipmentOutage.objects.exists()


def test_an_absence_that_ends_before_it_begins_is_refused(world: World, manager: Client) -> None:
    bay = make.make_bay(world.east)
    answer = manager.post(
        "/resources/absences/new",
        {"who": f"bay:{bay.pk}", "starts_at": "2026-11-25T10:00", "ends_at": "2026-11-25T09:00"},
    )
    assert answer.status_code == 422
    assert "结束时间要晚于开始时间" in answer.content.decode()


def test_a_skill_that_nobody_has_is_pointed_out(world: World, manager: Client) -> None:
    make.make_labour(world.east, skill="喷漆")
    assert "没有人有“喷漆”资质" in manager.get("/resources").content.decode()


def test_labour_is_found_by_name_code_or_skill(world: World, manager: Client) -> None:
    make.make_labour(world.east, name="更换刹车片", code="SC01", skill="机修")
    make.make_labour(world.east, name="四轮定位", code="LT01", skill="轮胎")
    for text in ("刹车", "SC0", "机修"):
        page = manager.get("/labour", {"q": text}).content.decode()
        assert "更换刹车片" in page
        assert "四轮定位" not in page
    assert "没有找到" in manager.get("/labour", {"q": "天窗"}).content.decode()


@pytest.mark.parametrize("path", ["/resources", "/labour", "/schedules"])
def test_lists_ask_as_many_questions_for_three_rows_as_for_one(
    world: World, manager: Client, queries: Callable[[Client, str], int], path: str
) -> None:
    def add(number: int) -> None:
        bay, person = make.make_bay(world.east), make.make_technician(world.east)
        make.make_labour(world.east)
        make.make_schedule(world.east, series=f"车系{number}")
        with dealer_scope(world.east.pk):
            for away in ({"bay": bay}, {"staff": person}):
                Absence.objects.create(
                    dealer=world.east,
                    starts_at=timezone.now(),
                    ends_at=timezone.now() + timedelta(days=1),
                    **away,
                )

    add(1)
    one = queries(manager, path)
    add(2)
    add(3)
    assert queries(manager, path) == one


def test_who_signs_in_is_tied_to_a_member_of_staff_of_the_same_store_only(
    world: World, manager: Client
) -> None:
    page = manager.get("/resources/people/new").content.decode()
    assert f'<option value="{world.li.pk}">' in page
    assert f'<option value="{world.zhao.pk}">' not in page
    stranger = manager.post("/resources/people/new", PERSON | {"user": world.zhao.pk})
    assert stranger.status_code == 422
    manager.post("/resources/people/new", PERSON | {"user": world.li.pk})
    with dealer_scope(world.east.pk):
        assert StaffMember.objects.get(name="张伟").user == world.li
