"""Complaints that wait, and closing them: the customer hears ordinary words again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from huichang.domains.complaints.models import Complaint
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import TODAY, World, make_car, make_complaint, make_user, signed_in


def test_the_open_ones_are_listed_with_who_waits(world: World) -> None:
    complaint = make_complaint(world.east, car=make_car(world.east, plate="苏E00001"), text="等了三个小时")
    make_complaint(world.east, car=make_car(world.east), text="旧事", status="closed")
    elsewhere = make_complaint(world.west, car=make_car(world.west), text="西区的投诉")

    page = signed_in(world.wang).get("/complaints").content.decode()

    assert complaint.number in page
    assert "等了三个小时" in page
    assert "旧事" not in page
    assert elsewhere.text not in page


def test_closing_needs_what_was_done_and_keeps_it(world: World) -> None:
    complaint = make_complaint(world.east, car=make_car(world.east))
    client, url = signed_in(world.wang), f"/complaints/{complaint.pk}/close"
    assert client.post(url, {"reason": " "}).status_code == 422

    assert client.post(url, {"reason": "已道歉,免费重做,客户满意"}).status_code == 302

    with dealer_scope(world.east.pk):
        assert Complaint.objects.get().status == "closed"
    assert "没有处理中的投诉" in client.get("/complaints").content.decode()
    assert "已道歉,免费重做,客户满意" in client.get("/complaints?status=closed").content.decode()
    assert "这个投诉已经关闭" in client.get(url).content.decode()
    assert client.post(url, {"reason": "再关一次"}).status_code == 422


def test_an_agent_sees_complaints_and_leaves_closing_to_the_supervisor(world: World) -> None:
    complaint = make_complaint(world.east, car=make_car(world.east))
    client = signed_in(make_user("dcrc_agent", world.east))
    page = client.get("/complaints").content.decode()
    assert complaint.number in page
    assert f"/complaints/{complaint.pk}/close" not in page
    assert client.post(f"/complaints/{complaint.pk}/close", {"reason": "好了"}).status_code == 403


def test_who_waits_longest_is_on_top(world: World) -> None:
    for days in (1, 9, 4):
        make_complaint(world.east, car=make_car(world.east), complained_date=TODAY - timedelta(days=days))
    rows = signed_in(world.wang).get("/complaints").context["rows"]
    assert [row.complained_date for row, _days, _answer in rows] == [
        TODAY - timedelta(days=days) for days in (9, 4, 1)
    ]


def test_a_long_list_is_paged_by_key(world: World) -> None:
    for _number in range(51):
        make_complaint(world.east, car=make_car(world.east))
    client = signed_in(world.wang)
    first = client.get("/complaints")
    assert len(first.context["rows"]) == 50
    rest = client.get("/complaints", {"after": first.context["next"]})
    assert len(rest.context["rows"]) == 1
    assert client.get("/complaints", {"after": "nonsense"}).status_code == 200


def test_three_need_as_many_queries_as_one(world: World, queries: Any) -> None:
    client = signed_in(world.wang)
    make_complaint(world.east, car=make_car(world.east))
    one = queries(client, "/complaints")
    for _number in range(2):
        make_complaint(world.east, car=make_car(world.east))
    assert queries(client, "/complaints") == one
