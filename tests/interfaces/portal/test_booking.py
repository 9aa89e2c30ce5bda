"""Booking on the phone: three taps, change, cancel, wait; and whatever an owner may not see or do."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from huichang.domains.appointments.models import Booking, SlotOffer, WaitingEntry
from huichang.domains.appointments.operations import offer_day
from huichang.domains.contacts.models import Message
from huichang.domains.owners import links
from huichang.domains.owners.models import FaultPhoto, OwnerBinding
from huichang.domains.reminders.models import CarForecast
from huichang.interfaces.portal.pages import OWNER_PAGES, OwnerDoor
from huichang.kernel.actors import system
from huichang.kernel.models import StatusChange
from huichang.kernel.scoping import dealer_scope
from tests.factories.owners import Clock, bind_owner, make_account, make_owner_car, owner_of_car, phone_of
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    make_booking,
    make_case,
    make_finding,
    make_order,
    signed_in,
)

pytestmark = pytest.mark.django_db


class Owner:
    """Somebody with one car on the phone."""

    def __init__(self, world: World, **fields: Any) -> None:
        self.dealer = world.east
        self.car = make_owner_car(world.east, **fields)
        self.binding = bind_owner(self.car)
        self.client = phone_of(self.binding.account)
        self.at = f"/m/cars/{self.binding.pk}"

    def slots(self, query: str = "why=scheduled_service") -> list[str]:
        """The addresses behind the slots of the page, first to last."""
        page = self.client.get(f"{self.at}/book/times?{query}").content.decode()
        return [
            one.replace("&amp;", "&") for one in re.findall(r'href="(/m/cars/\d+/book/confirm\?[^"]+)"', page)
        ]

    def book(self, number: int = 0, **typed: Any) -> Any:
        """Three taps: the page of slots, a slot, yes."""
        address = self.slots()[number]
        assert self.client.get(address).status_code == 200
        start = re.search(r"start=([^&]+)", address)
        assert start is not None
        return self.client.post(
            f"{self.at}/book/confirm",
            {
                "why": "scheduled_service",
                "start": start.group(1).replace("%3A", ":"),
                "stay": "wait",
                **typed,
            },
        )

    def bookings(self) -> list[Booking]:
        with dealer_scope(self.dealer.pk):
            return list(Booking.objects.filter(car=self.car).order_by("pk"))


@pytest.fixture
def owner(world: World) -> Owner:
    return Owner(world)


def test_three_taps_book_a_visit_that_is_confirmed_in_the_same_moment(world: World, owner: Owner) -> None:
    make_case(world.east, car=owner.car)
    answer = owner.book()
    [booking] = owner.bookings()
    assert answer.headers["Location"] == f"{owner.at}/bookings/{booking.pk}?done=booked"
    assert (booking.status, booking.source, booking.waits) == ("tentative", "portal", True)
    page = owner.client.get(answer.headers["Location"]).content.decode()
    assert "约好了" in page
    assert booking.number in page
    with dealer_scope(world.east.pk):
        assert Message.objects.filter(key=f"booking:{booking.pk}:received:0").exists()


def test_a_link_brings_the_reason_so_that_a_slot_and_yes_are_left(world: World, owner: Owner) -> None:
    token = links.make(
        dealer_id=world.east.pk, car_id=owner.car.pk, expires_at=NOW + timedelta(days=5), subject="kind",
        value="scheduled_service",
    )  # fmt: skip
    opened = owner.client.get(f"/m/b/{token}", follow=True)
    assert "定期保养" in opened.content.decode()
    assert "/book/confirm?" in opened.content.decode()


def test_pressing_yes_twice_books_once(owner: Owner) -> None:
    first, again = owner.slots()[0], owner.book()
    start = re.search(r"start=([^&]+)", first)
    assert start is not None
    second = owner.client.post(
        f"{owner.at}/book/confirm",
        {"why": "scheduled_service", "start": start.group(1).replace("%3A", ":")},
    )
    [booking] = owner.bookings()
    assert str(booking.pk) in again.headers["Location"]
    assert second.headers["Location"] == f"{owner.at}/bookings/{booking.pk}"


def test_a_slot_that_went_meanwhile_is_refused_with_others_near_it(world: World, owner: Owner) -> None:
    mine, other = owner.slots()[0], Owner(world)
    other.book()
    taken = owner.client.get(mine)
    assert taken.status_code == 409
    assert "最接近、能兑现的时间" in taken.content.decode()
    assert "/book/confirm?" in taken.content.decode()


def test_a_booking_is_moved_and_cancelled_with_a_reason(owner: Owner) -> None:
    owner.book(-1)
    [booking] = owner.bookings()
    page = owner.client.get(f"{owner.at}/bookings/{booking.pk}/change").content.decode()
    starts = re.findall(r'name="start" value="([^"]+)"', page)
    moved = owner.client.post(f"{owner.at}/bookings/{booking.pk}/change", {"start": starts[-1]})
    assert moved.headers["Location"].endswith("?done=moved")
    [after] = owner.bookings()
    assert (after.pk, after.times_moved) == (booking.pk, 1)
    assert after.starts_at != booking.starts_at
    cancel = f"{owner.at}/bookings/{booking.pk}/cancel"
    assert owner.client.post(cancel, {}).status_code == 422
    assert owner.client.post(cancel, {"reason": "trip", "note": "下月回来"}).status_code == 302
    [gone] = owner.bookings()
    assert gone.status == "cancelled"
    with dealer_scope(owner.dealer.pk):
        move = StatusChange.objects.filter(row_id=gone.pk, after="cancelled").get()
    assert move.reason == "车在外地:下月回来"
    assert move.actor_name.startswith("车主 159****")


def test_shortly_before_the_visit_the_store_is_to_be_called(owner: Owner, clock: Clock) -> None:
    owner.book()
    [booking] = owner.bookings()
    clock.time = booking.arrive_at - timedelta(minutes=30)
    answer = owner.client.post(f"{owner.at}/bookings/{booking.pk}/cancel", {"reason": "time"})
    assert answer.status_code == 422
    assert "请致电门店" in answer.content.decode()
    assert owner.bookings()[0].status == "tentative"


def test_a_car_has_so_many_bookings_at_once(world: World, owner: Owner) -> None:
    owner.book()
    owner.book(6)
    assert len(owner.bookings()) == 2
    assert owner.slots() == []
    assert "已经有 2 个预约" in owner.client.get(f"{owner.at}/book").content.decode()


def test_who_did_not_come_twice_calls_the_store(world: World, owner: Owner) -> None:
    for days in (10, 40):
        make_booking(
            world.east, car=owner.car, customer=owner_of_car(owner.car), status="no_show",
            starts_at=NOW - timedelta(days=days),
        )  # fmt: skip
    assert owner.slots() == []
    assert "没能等到您" in owner.client.get(f"{owner.at}/book").content.decode()


def test_a_fault_needs_words(owner: Owner) -> None:
    address = owner.slots("why=fault")[0]
    start = re.search(r"start=([^&]+)", address)
    assert start is not None
    typed = {"why": "fault", "start": start.group(1).replace("%3A", ":")}
    assert owner.client.post(f"{owner.at}/book/confirm", typed).status_code == 422
    assert owner.client.post(f"{owner.at}/book/confirm", {**typed, "fault": "刹车有异响"}).status_code == 302
    [booking] = owner.bookings()
    assert booking.fault == "刹车有异响"


def test_nonsense_in_the_address_leads_back_to_the_reasons(owner: Owner) -> None:
    for query in (
        "",
        "why=nonsense",
        "why=finding-999999999999999999",
        "why=scheduled_service&day=2026-99-99&advisor=x",
    ):
        assert owner.client.get(f"{owner.at}/book/times?{query}").status_code in {200, 302}
    assert owner.client.get(f"{owner.at}/book/confirm?why=scheduled_service&start=never").status_code == 302


# --- pictures ---


def picture(kind: str = "JPEG", *, exif: bool = False) -> SimpleUploadedFile:
    out = io.BytesIO()
    image = Image.new("RGB", (400, 300), "grey")
    if exif:
        facts = Image.Exif()
        facts[0x010F] = "SecretPhone"
        image.save(out, kind, exif=facts)
    else:
        image.save(out, kind)
    return SimpleUploadedFile("fault.jpg", out.getvalue(), content_type="image/jpeg")


def test_a_picture_is_kept_without_what_the_phone_wrote_into_it(world: World, owner: Owner) -> None:
    owner.book(photos=picture(exif=True))
    [booking] = owner.bookings()
    with dealer_scope(owner.dealer.pk):
        photo = FaultPhoto.objects.get(reference=booking.number)
    content = bytes(photo.content)
    assert content.startswith(b"\xff\xd8\xff")
    assert b"SecretPhone" not in content
    shown = owner.client.get(f"{owner.at}/photos/{photo.pk}")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    assert Client().get(f"{owner.at}/photos/{photo.pk}").status_code == 302
    stranger = Owner(world)
    assert stranger.client.get(f"{stranger.at}/photos/{photo.pk}").status_code == 404
    assert stranger.client.get(f"{owner.at}/photos/{photo.pk}").status_code == 404
    assert signed_in(world.li).get(f"/owners/photos/{photo.pk}").status_code == 200
    assert signed_in(world.zhao).get(f"/owners/photos/{photo.pk}").status_code == 404


@pytest.mark.parametrize(
    "content", [b"<svg onload='x'/>", b"GIF89a" + b"\0" * 50, b"%PDF-1.7", b"\xff\xd8\xff not a picture"]
)
def test_what_is_no_picture_is_refused_and_nothing_is_booked(owner: Owner, content: bytes) -> None:
    answer = owner.book(photos=SimpleUploadedFile("x.jpg", content, content_type="image/jpeg"))
    assert answer.status_code == 422
    assert "不是照片" in answer.content.decode()
    assert owner.bookings() == []


def test_too_many_and_too_large_pictures_are_refused(owner: Owner) -> None:
    assert "最多 4 张" in owner.book(photos=[picture() for _ in range(5)]).content.decode()
    large = SimpleUploadedFile("x.jpg", b"\xff\xd8\xff" + b"\0" * (10 * 2**20 + 1), content_type="image/jpeg")
    assert "不能大于 10 MB" in owner.book(photos=large).content.decode()
    assert owner.bookings() == []


# --- the calendar file ---


def test_the_calendar_file_tells_the_arrival(owner: Owner) -> None:
    owner.book()
    [booking] = owner.bookings()
    answer = owner.client.get(f"{owner.at}/bookings/{booking.pk}/calendar.ics")
    text = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert f"UID:{booking.number}." in text
    assert f"DTSTART:{booking.arrive_at.astimezone(tz=None):%Y}" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert text.endswith("END:VCALENDAR\r\n")


# --- the waiting list ---


def test_a_freed_slot_is_taken_from_the_waiting_list(world: World, owner: Owner) -> None:
    joined = owner.client.post(
        f"{owner.at}/waiting", {"why": "scheduled_service", "days": "7", "clock": "any"}
    )
    assert joined.status_code == 302
    with dealer_scope(world.east.pk):
        entry = WaitingEntry.objects.get(car=owner.car)
        offer_day(dealer=world.east, day=TODAY + timedelta(days=1), actor=system("test"), now=NOW)
        offer = SlotOffer.objects.get(entry=entry)
    assert "有空位了" in owner.client.get(f"{owner.at}/waiting").content.decode()
    stranger = Owner(world)
    assert stranger.client.post(f"{stranger.at}/waiting/{offer.pk}", {"accept": "1"}).status_code == 404
    taken = owner.client.post(f"{owner.at}/waiting/{offer.pk}", {"accept": "1"})
    assert "?done=booked" in taken.headers["Location"]
    assert [one.status for one in owner.bookings()] == ["tentative"]


def test_waiting_ends_when_the_owner_says_so(world: World, owner: Owner) -> None:
    owner.client.post(f"{owner.at}/waiting", {"why": "scheduled_service", "days": "3", "clock": "morning"})
    assert owner.client.post(f"{owner.at}/waiting/leave").status_code == 302
    with dealer_scope(world.east.pk):
        assert WaitingEntry.objects.get(car=owner.car).status == "withdrawn"


# --- what belongs to others ---


def _addresses(binding: OwnerBinding, pk: int) -> dict[str, str]:
    """Every page of a car, with an id that names something of that car where one is needed."""
    return {
        name: f"/m/{page.route.replace('<int:binding>', str(binding.pk)).replace('<int:pk>', str(pk))}"
        for name, page in OWNER_PAGES.items()
        if not isinstance(page.needs, OwnerDoor)
    }


def _ask(client: Client, name: str, address: str) -> int:
    page = OWNER_PAGES[name]
    return int((client.post(address) if page.writes else client.get(address)).status_code)


def test_nobody_sees_a_car_without_signing_in(owner: Owner) -> None:
    for name, address in _addresses(owner.binding, 1).items():
        answer = Client().post(address) if OWNER_PAGES[name].writes else Client().get(address)
        assert (answer.status_code, answer.headers["Location"][:10]) == (302, "/m/sign-in"), name


def test_another_owners_car_is_not_there(world: World, owner: Owner) -> None:
    owner.book()
    [booking] = owner.bookings()
    other = Owner(world)
    answers = {
        name: _ask(other.client, name, address)
        for name, address in _addresses(owner.binding, booking.pk).items()
    }
    assert {name: status for name, status in answers.items() if status != 404} == {}
    assert owner.bookings()[0].status == "tentative"


def test_another_owners_booking_is_not_there_under_ones_own_car(world: World, owner: Owner) -> None:
    owner.book()
    [booking] = owner.bookings()
    other = Owner(world)
    for name in ("booking", "change", "cancel", "calendar", "photos"):
        assert _ask(other.client, name, _addresses(other.binding, booking.pk)[name]) == 404, name


def test_staff_are_no_owners_and_owners_no_staff(world: World, owner: Owner) -> None:
    assert signed_in(world.wang).get(f"{owner.at}").headers["Location"].startswith("/m/sign-in")
    assert owner.client.get("/customers").headers["Location"].startswith("/sign-in")
    both = signed_in(world.zhao)
    both.cookies["owner"] = owner.client.cookies["owner"].value
    page = both.get(owner.at)
    assert page.status_code == 200
    assert "赵敏" not in page.content.decode()


def test_a_driver_books_and_sees_no_history(world: World, owner: Owner) -> None:
    make_order(world.east, car=owner.car)
    driver = bind_owner(owner.car, make_account(), right="driver")
    client, at = phone_of(driver.account), f"/m/cars/{driver.pk}"
    assert client.get(at).status_code == 200
    for part in ("history", "people"):
        assert client.get(f"{at}/{part}").status_code == 403
    assert client.post(f"{at}/people", {"label": "朋友"}).status_code == 403
    address = f"{at}/book/times?why=scheduled_service"
    assert "/book/confirm?" in client.get(address).content.decode()


def test_the_history_of_an_earlier_owner_stays_his(world: World, owner: Owner) -> None:
    from tests.factories.world import make_customer

    earlier = make_customer(world.east, name="前任车主")
    make_order(
        world.east, car=owner.car, customer=earlier, number="RO-EARLIER", arrived=NOW - timedelta(days=900)
    )
    make_order(world.east, car=owner.car, advisor_name="吴倩")
    page = owner.client.get(f"{owner.at}/history").content.decode()
    assert page.count('class="card"') == 1
    assert "前任车主" not in page


def test_a_sold_car_disappears_at_once_from_every_phone_of_its_owner(world: World, owner: Owner) -> None:
    from huichang.domains.customers.operations import change_owner
    from tests.factories.world import make_customer

    driver = bind_owner(owner.car, make_account(), right="driver")
    heir = make_customer(world.east, name="新车主")
    with dealer_scope(world.east.pk):
        change_owner(car=owner.car, customer=heir, since=TODAY, actor=system("test"))
    assert owner.client.get(owner.at).status_code == 404
    assert phone_of(driver.account).get(f"/m/cars/{driver.pk}").status_code == 404


def test_findings_and_dues_are_told_with_their_reasons(world: World, owner: Owner) -> None:
    make_case(world.east, car=owner.car)
    make_finding(
        world.east, car=owner.car, order=make_order(world.east, car=owner.car), text="前刹车片 3.5 mm"
    )
    page = owner.client.get(owner.at).content.decode()
    assert "定期保养" in page
    assert "按本车 4 次里程推算" in page
    assert "前刹车片 3.5 mm" in page


@pytest.mark.parametrize("count", [1, 3])
def test_pages_of_a_car_ask_the_database_a_constant_number_of_times(
    world: World, owner: Owner, count: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(count):
        order = make_order(world.east, car=owner.car)
        make_finding(world.east, car=owner.car, order=order, text=f"建议 {order.number}")
        make_booking(world.east, car=owner.car, customer=owner_of_car(owner.car))
    for path, most in (("", 40), ("/history", 20), ("/book", 45)):
        with django_assert_max_num_queries(most):
            assert owner.client.get(f"{owner.at}{path}").status_code == 200


def test_a_first_service_is_booked_months_ahead_near_the_day_it_is_due(world: World, owner: Owner) -> None:
    with dealer_scope(world.east.pk):
        CarForecast.objects.create(
            dealer=world.east, car=owner.car, basis="series", km_per_day=40, km_per_day_low=30, km_per_day_high=50,
            service_kind="first_service", service_due_date=TODAY + timedelta(days=150), computed_on=TODAY,
        )  # fmt: skip
    assert "预约首次保养" in owner.client.get(owner.at).content.decode()
    starts = owner.slots("why=first_service")
    assert starts
    assert all(f"{TODAY + timedelta(days=143):%Y-%m}" in one for one in starts)
    start = re.search(r"start=([^&]+)", starts[0])
    assert start is not None
    owner.client.post(
        f"{owner.at}/book/confirm", {"why": "first_service", "start": start.group(1).replace("%3A", ":")}
    )
    [booking] = owner.bookings()
    assert booking.is_first_service
    assert (booking.starts_at - NOW).days > 140
