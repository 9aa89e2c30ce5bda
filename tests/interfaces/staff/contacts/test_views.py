"""The call register, inbound calls, codes and scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from huichang.domains.contacts.models import Call, CallScript, OutcomeCode
from huichang.domains.worklist.models import CallTask
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import World, make_call, make_car, make_case, make_customer, signed_in

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_register_is_searched_by_number_plate_and_filters(world: World, li: Client) -> None:
    car = make_car(world.east, plate="渝B62D81", owner=make_customer(world.east, name="周建国"))
    make_call(world.east, car=car, note="第一通")
    make_call(world.east, note="第二通", direction="in", number="13900000009")
    make_call(world.west, note="别店的")
    everything = text(li.get("/calls"))
    assert "第一通" in everything
    assert "第二通" in everything
    assert "别店的" not in everything
    for query, found in (("q=渝B62D81", "第一通"), ("q=13900000009", "第二通"), ("direction=in", "第二通")):
        page = text(li.get(f"/calls?{query}"))
        assert found in page
        assert ({"第一通", "第二通"} - {found}).pop() not in page
    assert "没有找到电话" in text(li.get("/calls?first=2020-01-01&last=2020-01-31"))
    assert "第一通" in text(li.get("/calls/print"))


def test_pages_of_the_register_follow_one_another(world: World, li: Client) -> None:
    car = make_car(world.east)
    for number in range(51):
        make_call(world.east, car=car, note=f"第{number:03d}号")
    first = text(li.get("/calls"))
    assert "第050号" in first
    assert "第000号" not in first
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "第000号" in text(li.get(f"/calls{following}"))


def test_a_caller_is_found_by_number_and_the_call_we_owed_is_settled(world: World, li: Client) -> None:
    case = make_case(world.east, customer=make_customer(world.east, name="周建国", mobile="13912344418"))
    hits = text(li.get("/calls/inbound?q=13912344418", headers={"HX-Request": "true"}))
    assert f"customer={case.customer.pk}" in hits
    who = f"customer={case.customer.pk}&direction=in"
    assert "保存来电" in text(li.get(f"/desk?{who}"))
    saved = li.post(f"/desk/record?{who}", {"call-outcome": "done_here", "call-number": "13912344418"})
    assert saved.status_code == 200
    with dealer_scope(world.east.pk):
        assert (Call.objects.get().direction, CallTask.objects.get().status) == ("in", "done")


def test_a_stranger_who_calls_is_registered_too(world: World, li: Client) -> None:
    assert li.post("/calls/inbound", {"number": "139 0000 0009", "note": "问营业时间"}).status_code == 302
    with dealer_scope(world.east.pk):
        call = Call.objects.get()
        assert (call.customer, call.number, call.note) == (None, "13900000009", "问营业时间")
    assert li.post("/calls/inbound", {"number": "", "note": ""}).status_code == 422


def test_the_manager_makes_a_stores_own_code(world: World, li: Client) -> None:
    assert li.get("/outcome-codes").status_code == 403
    wang = signed_in(world.wang)
    fields = {
        "label": "在外地", "label_en": "Out of town", "next_step": "retry", "retry_working_days": "10",
        "position": "45", "is_active": "on", "is_contact": "on",
    }  # fmt: skip
    assert wang.post("/outcome-codes/new", {"code": "away", **fields}).status_code == 302
    with dealer_scope(world.east.pk):
        assert OutcomeCode.objects.get(dealer=world.east).retry_working_days == 10
    assert "在外地" in text(wang.get("/outcome-codes"))
    assert (
        wang.post("/outcome-codes/new", {"code": "away", **fields, "retry_working_days": ""}).status_code
        == 422
    )
    make_case(world.east)
    assert "在外地" in text(li.post("/desk/next"))
    assert wang.get("/outcome-codes/unknown").status_code == 404


def test_a_script_is_previewed_and_kept_for_this_store(world: World, li: Client) -> None:
    wang = signed_in(world.wang)
    url = "/call-scripts/lapsed/usual?language=zh-hans"
    preview = wang.post(url, {"text": "您好{surname}{title}"}, headers={"HX-Request": "true"})
    assert "您好周先生" in text(preview)
    assert wang.post(url, {"text": "送{gift}"}).status_code == 422
    assert wang.post(url, {"text": "您好{surname}{title}"}).status_code == 302
    with dealer_scope(world.east.pk):
        assert CallScript.objects.get(dealer=world.east).text == "您好{surname}{title}"
    assert "仅" not in text(wang.get("/call-scripts"))
    assert wang.get("/call-scripts/unknown/usual").status_code == 404
