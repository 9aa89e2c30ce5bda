"""The day by its pages: the living board, cars put elsewhere with consent, walk-ins, re-planning, lists, the wall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from huichang.domains.appointments.models import (
    Booking,
    BookingBlock,
    Equipment,
    EquipmentOutage,
    Replan,
    ReserveUse,
    WelcomeScreen,
)
from huichang.domains.catalog.models import Bay
from huichang.kernel.scoping import dealer_scope
from huichang.ui.formats import plate
from tests.factories import world as make

if TYPE_CHECKING:
    from tests.factories.world import World

TOMORROW = make.TODAY + timedelta(days=1)
DAY = f"?day={TOMORROW:%Y-%m-%d}"
PAGES = (
    "/bookings", "/bookings/board", "/bookings/week", "/bookings/month", "/bookings/arrangement",
    "/bookings/advisor", "/bookings/register", "/bookings/statistics", "/bookings/reserve", "/bookings/overrides",
    "/bookings/replan", "/bookings/welcome", "/bookings/rules",
)  # fmt: skip


@pytest.fixture
def foreman(world: World, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The foreman on the Tuesday morning of the factories."""
    from types import SimpleNamespace

    from huichang.interfaces import sessions

    monkeypatch.setattr(sessions, "timezone", SimpleNamespace(now=lambda: make.NOW))
    return make.signed_in(make.make_user("store_manager", world.east))


@pytest.fixture
def booking(world: World) -> Booking:
    """Tomorrow at ten, with a second bay and technician beside it."""
    found = make.make_booking(world.east, starts_at=make.NOW + timedelta(days=1))
    make.make_bay(world.east)
    make.make_technician(world.east)
    return found


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("suffix", ["", "&print=1"])
def test_every_page_of_the_day_opens_empty_and_full(
    world: World, foreman: Client, page: str, suffix: str
) -> None:
    assert foreman.get(f"{page}{DAY}{suffix}").status_code == 200
    make.make_booking(world.east, starts_at=make.NOW + timedelta(days=1))
    assert foreman.get(f"{page}{DAY}{suffix}").status_code == 200


@pytest.mark.parametrize("page", [p for p in PAGES if p not in {"/bookings/rules", "/bookings/replan"}])
def test_pages_ask_as_much_for_three_bookings_as_for_one(
    world: World, foreman: Client, queries: Callable[[Client, str], int], page: str
) -> None:
    make.make_booking(world.east, starts_at=make.NOW + timedelta(days=1))
    one = queries(foreman, f"{page}{DAY}")
    for hour in (1, 2):
        make.make_booking(world.east, starts_at=make.NOW + timedelta(days=1, hours=hour))
    assert queries(foreman, f"{page}{DAY}") <= one


def test_an_advisor_sees_his_own_customers_first_and_all_by_choice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    li = make.make_advisor(world.east, name="李伟", user=world.li)
    his = make.make_booking(world.east, advisor=li)
    other = make.make_booking(world.east, starts_at=make.NOW + timedelta(days=1, hours=2))
    client = make.signed_in(world.li)

    def shown(query: str) -> set[str]:
        page = client.get(f"/bookings/advisor{DAY}{query}").content.decode()
        return {one.car.plate for one in (his, other) if plate(one.car.plate) in page}

    assert shown("") == {his.car.plate}
    assert shown("&advisor=all") == {his.car.plate, other.car.plate}


def test_the_board_shows_equipment_and_when_it_is_out(
    world: World, foreman: Client, booking: Booking
) -> None:
    with dealer_scope(world.east.pk):
        lift = Equipment.objects.create(dealer=world.east, name="举升机1", kind="举升")
        BookingBlock.objects.create(
            dealer=world.east, booking=booking, kind="equipment", position=1, equipment=lift,
            starts_at=booking.starts_at, ends_at=booking.ends_at,
        )  # fmt: skip
    assert "工位或技师不可用" not in foreman.get(f"/bookings{DAY}").content.decode().split("bd-legend")[0]

    answer = foreman.post(
        "/bookings/replan",
        {
            "day": f"{TOMORROW:%Y-%m-%d}",
            "who": f"equipment-{lift.pk}",
            "from": "10:00",
            "until": "12:00",
            "reason": "漏油",
        },
    )
    assert answer.status_code == 302  # a proposal

    with dealer_scope(world.east.pk):
        outage = EquipmentOutage.objects.get()
        assert (outage.starts_at, outage.ends_at) == (
            booking.starts_at,
            booking.starts_at + timedelta(hours=2),
        )
    page = foreman.get(f"/bookings{DAY}").content.decode()
    assert 'title="举升机1 · 漏油"' in page
    assert "工位或人员不可用" in page


def test_work_is_begun_and_ended_from_the_days_list(world: World, foreman: Client) -> None:
    here = make.make_booking(world.east, starts_at=make.NOW - timedelta(minutes=5), status="arrived")
    assert f"/bookings/{here.pk}/begin" in foreman.get("/bookings").content.decode()

    foreman.post(f"/bookings/{here.pk}/begin")

    with dealer_scope(world.east.pk):
        assert BookingBlock.objects.get(booking=here, kind="work").started_at == make.NOW
    page = foreman.get("/bookings").content.decode()
    assert "作业中" in page
    assert f"/bookings/{here.pk}/finish" in page


def test_the_board_answers_nothing_while_nothing_changed(
    world: World, foreman: Client, booking: Booking
) -> None:
    first = foreman.get(f"/bookings/board{DAY}").content.decode()
    seen = first.split("seen=")[1].split('"')[0]

    assert foreman.get(f"/bookings/board{DAY}&seen={seen}").status_code == 204
    with dealer_scope(world.east.pk):
        Booking.objects.filter(pk=booking.pk).update(status="confirmed")
    assert foreman.get(f"/bookings/board{DAY}&seen={seen}").status_code == 200


def test_another_bay_needs_no_question(world: World, foreman: Client, booking: Booking) -> None:
    with dealer_scope(world.east.pk):
        block = BookingBlock.objects.get(booking=booking, kind="work")
        other = Bay.objects.exclude(pk=block.bay_id or 0).latest("pk")
    url = f"/bookings/{booking.pk}/place"
    shown = foreman.get(f"{url}?bay={other.pk}").content.decode()
    assert "只换工位或技师" in shown

    answer = foreman.post(url, {"bay": other.pk, "starts_at": booking.starts_at.isoformat()})

    assert (answer.status_code, answer.headers["HX-Trigger"]) == (200, "board-changed")
    with dealer_scope(world.east.pk):
        assert BookingBlock.objects.get(booking=booking, kind="work", is_active=True).bay == other


def test_another_time_asks_for_the_customers_consent(world: World, foreman: Client, booking: Booking) -> None:
    url, later = f"/bookings/{booking.pk}/place", booking.starts_at + timedelta(hours=4)
    shown = foreman.get(url, {"starts_at": later.isoformat()}).content.decode()
    assert "客户同意了吗" in shown

    refused = foreman.post(url, {"starts_at": later.isoformat()})
    assert (refused.status_code, "先征得客户同意" in refused.content.decode()) == (409, True)
    assert foreman.post(url, {"starts_at": later.isoformat(), "consent": "phone"}).status_code == 200
    with dealer_scope(world.east.pk):
        assert Booking.objects.get(pk=booking.pk).starts_at == later


def test_a_walk_in_is_dropped_into_today(world: World, foreman: Client, booking: Booking) -> None:
    owner = make.make_customer(world.east)
    car = make.make_car(world.east, owner=owner)
    labour = make.make_labour(world.east)
    page = foreman.get(f"/bookings/drop-in?car={car.pk}")
    assert labour.name in page.content.decode()

    answer = foreman.post(
        "/bookings/drop-in", {"car": car.pk, "customer": owner.pk, "labour": labour.pk, "purpose": "quick"}
    )

    assert answer.status_code == 302, answer.content.decode()
    with dealer_scope(world.east.pk):
        assert Booking.objects.get(car=car).status == "arrived"


def test_a_sick_technicians_day_is_planned_again(world: World, foreman: Client, booking: Booking) -> None:
    with dealer_scope(world.east.pk):
        ill = BookingBlock.objects.get(booking=booking, kind="work").staff_id
    asked = {"day": f"{TOMORROW:%Y-%m-%d}", "who": f"staff-{ill}", "reason": "病假"}

    proposed = foreman.post("/bookings/replan", asked)
    shown = foreman.get(proposed.headers["Location"]).content.decode()
    accepted = foreman.post(f"{proposed.headers['Location']}/accept")

    assert "病假" in shown
    assert accepted.status_code == 302
    with dealer_scope(world.east.pk):
        assert Replan.objects.get().status == "accepted"
        assert BookingBlock.objects.get(booking=booking, kind="work", is_active=True).staff_id != ill


def test_a_day_without_trouble_has_no_plan(world: World, foreman: Client, booking: Booking) -> None:
    answer = foreman.post("/bookings/replan", {"day": f"{TOMORROW:%Y-%m-%d}"})
    assert (answer.status_code, "没有需要移动的" in answer.content.decode()) == (409, True)


def test_lost_hours_need_a_reason(world: World, foreman: Client, booking: Booking) -> None:
    fields = {"skill": "机修", "hours": "0.5", "reason": ""}
    assert foreman.post(f"/bookings/reserve{DAY}", fields).status_code == 422
    assert foreman.post(f"/bookings/reserve{DAY}", fields | {"reason": "举升机坏"}).status_code == 302
    with dealer_scope(world.east.pk):
        assert ReserveUse.objects.get().reason == "举升机坏"


def test_the_wall_shows_masked_names_to_whoever_has_the_key(world: World, foreman: Client) -> None:
    owner = make.make_customer(world.east, name="欧阳建国", gender="male")
    car = make.make_car(world.east, owner=owner, plate="渝A12528")
    make.make_booking(world.east, car=car, customer=owner, starts_at=make.NOW + timedelta(hours=2))
    page = foreman.post("/bookings/rules/save", {"what": "add-screen", "name": "大厅"}).content.decode()
    address = page.split("/screen/")[1].split('"')[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huichang.interfaces.board.views.timezone.now", lambda: make.NOW)
        shown = Client().get(f"/screen/{address}")

    text = shown.content.decode()
    assert "欧阳先生" in text
    assert "渝A·**528" in text
    assert "建国" not in text
    assert "12528" not in text
    assert Client().get("/screen/1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").status_code == 404
    with dealer_scope(world.east.pk):
        screen = WelcomeScreen.objects.get()
    foreman.post("/bookings/rules/save", {"what": "close-screen", "pk": screen.pk})
    assert Client().get(f"/screen/{address}").status_code == 404


def test_rules_are_kept_by_page(world: World, foreman: Client) -> None:
    labour = make.make_labour(world.east, name="贴膜")
    for fields in (
        {"what": "add-limit", "kind": f"labour:{labour.pk}", "per_day": "2", "weekday": ""},
        {"what": "add-equipment", "name": "定位仪", "kind": "定位"},
        {"what": "set-needs", "kind": "定位", "labour": str(labour.pk)},
    ):
        assert foreman.post("/bookings/rules/save", fields).status_code == 302
    page = foreman.get("/bookings/rules").content.decode()
    assert "贴膜" in page
    assert "最多 2 台" in page
    assert "1 个项目要用“定位”" in page
    again = foreman.post("/bookings/rules/save", {"what": "add-equipment", "name": "定位仪", "kind": "定位"})
    assert again.status_code == 422
