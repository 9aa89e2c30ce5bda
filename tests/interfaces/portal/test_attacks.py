"""The portal as somebody with bad intentions sees it: what is typed, uploaded, forged, guessed and replayed."""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from huichang.domains.appointments.models import Booking
from huichang.domains.owners import links
from huichang.domains.owners.models import FaultPhoto, OwnerBinding, OwnerCode, OwnerTry
from huichang.domains.owners.rights import Right
from huichang.interfaces.portal.calendar_file import calendar_file
from huichang.interfaces.portal.pages import OWNER_PAGES
from huichang.kernel.scoping import dealer_scope
from tests.factories.owners import (
    Clock,
    bind_owner,
    last_code,
    make_account,
    make_owner_car,
    owner_of_car,
    phone_of,
)
from tests.factories.world import NOW, World, make_booking, signed_in

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"
QUOTES = "\"><img src=x onerror=alert(1)>'"


class Owner:
    """Somebody with a car and a booking on the phone."""

    def __init__(self, world: World, **fields: Any) -> None:
        self.dealer = world.east
        self.car = make_owner_car(world.east, **fields)
        self.binding = bind_owner(self.car)
        self.client = phone_of(self.binding.account)
        self.at = f"/m/cars/{self.binding.pk}"
        self.booking = make_booking(world.east, car=self.car, customer=owner_of_car(self.car))
        self.photos = f"{self.at}/bookings/{self.booking.pk}/photos"

    def send(self, content: bytes, name: str = "p.jpg", kind: str = "image/jpeg") -> Any:
        return self.client.post(self.photos, {"photos": SimpleUploadedFile(name, content, kind)})

    def kept(self) -> list[FaultPhoto]:
        with dealer_scope(self.dealer.pk):
            return list(FaultPhoto.objects.all())


@pytest.fixture
def owner(world: World) -> Owner:
    return Owner(world)


def picture(kind: str = "PNG", size: tuple[int, int] = (8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


# --- what is typed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [SCRIPT, QUOTES])
def test_names_and_notes_are_text_on_the_phone_and_at_the_desk(world: World, text: str) -> None:
    owner = Owner(world, name=text[:40])
    with dealer_scope(world.east.pk):
        Booking.objects.filter(pk=owner.booking.pk).update(
            fault=text, special_needs=text, drop_off_name=text[:40]
        )
    owner.client.post(f"{owner.at}/people", {"label": text[:20]})
    staff = signed_in(world.wang)
    pages = [
        owner.client.get(f"{owner.at}{path}")
        for path in ("", "/people", "/data/copy", f"/bookings/{owner.booking.pk}")
    ]
    pages += [
        staff.get(f"/bookings/{owner.booking.pk}"),
        staff.get(f"/customers/{owner_of_car(owner.car).pk}"),
    ]
    for page in pages:
        assert page.status_code == 200
        shown = page.content.decode()
        assert text not in shown
        assert "onerror=alert" not in re.sub(r"&[a-z0-9#]+;[^<>]*", "", shown)


@pytest.mark.parametrize(
    "path", ["/m/welcome?store={x}", "/m/sign-in?next={x}", "/m/register?store={x}", "/m/i/{x}", "/m/b/{x}"]
)
@pytest.mark.parametrize("value", ["%00", "%00%00E01", "%ff%fe", "a" * 3000, "%E2%80%AE"])
def test_odd_bytes_in_addresses_are_no_error_of_ours(world: World, path: str, value: str) -> None:
    assert Client().get(path.format(x=value)).status_code in {200, 302, 400, 404, 414}


def test_odd_characters_in_every_form_are_no_error_of_ours(owner: Owner) -> None:
    """NUL cannot be stored, lone surrogates cannot be encoded; both come from tools, not from telephones."""
    odd = "a\x00b"
    ids = {"binding": owner.binding.pk, "pk": owner.booking.pk}
    names = (
        "mobile", "vin", "id_number", "agrees", "code", "next", "label", "reason", "note", "why", "start", "stay", "advisor",
        "fault", "special_needs", "drop_off_name", "drop_off_phone", "days", "clock", "on", "avoid_from", "kind", "text",
        "booking", "language", "since", "day",
    )  # fmt: skip
    for name, page in OWNER_PAGES.items():
        if name in {"close", "sign-out", "leave"}:
            continue
        route = re.sub(r"<str:\w+>", "x", page.route)
        for key, value in ids.items():
            route = route.replace(f"<int:{key}>", str(value))
        for typed in (dict.fromkeys(names, odd), dict.fromkeys(names, "9" * 40)):
            for answer in (owner.client.post(f"/m/{route}", typed), owner.client.get(f"/m/{route}", typed)):
                assert answer.status_code < 500, (name, answer.status_code)


def test_a_cancellation_with_a_nul_in_its_note_is_refused(owner: Owner) -> None:
    answer = owner.client.post(
        f"{owner.at}/bookings/{owner.booking.pk}/cancel", {"reason": "other", "note": "a\x00b"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("number", ["9" * 30, "99999999999999999999"])
def test_ids_beyond_every_row_are_not_found(owner: Owner, number: str) -> None:
    for path in (f"/m/cars/{number}", f"{owner.at}/bookings/{number}", f"{owner.at}/photos/{number}"):
        assert owner.client.get(path).status_code == 404, path


# --- what is uploaded --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        (
            "p.svg",
            "image/svg+xml",
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        ),
        ("p.jpg", "image/jpeg", b"<html><script>alert(1)</script></html>"),
        ("p.jpg", "image/jpeg", b"GIF89a" + b"\x00" * 40),
        ("p.pdf", "application/pdf", b"%PDF-1.7 ..."),
        ("p.jpg", "image/jpeg", b""),
        ("p.tif", "image/tiff", b"II*\x00" + b"\x00" * 60),
    ],
)
def test_what_is_no_photograph_is_refused(owner: Owner, name: str, kind: str, content: bytes) -> None:
    assert owner.send(content, name, kind).status_code in {302, 422}
    assert owner.kept() == []


def test_a_picture_that_is_also_a_page_keeps_its_pixels_only(owner: Owner) -> None:
    assert owner.send(picture() + SCRIPT.encode(), "p.html", "text/html").status_code == 302
    [kept] = owner.kept()
    assert SCRIPT.encode() not in bytes(kept.content)
    shown = owner.client.get(f"{owner.at}/photos/{kept.pk}")
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.content.startswith(b"\xff\xd8\xff")


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def test_a_picture_that_would_fill_the_memory_is_not_opened(owner: Owner) -> None:
    for width, height in ((6000, 5000), (30_000, 30_000)):
        answer = owner.send(bomb(width, height))
        assert answer.status_code == 422
        assert "照片的像素太多" in answer.content.decode() or "不是照片" in answer.content.decode()
    assert owner.kept() == []


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/m/sign-in", 300_000, 413),
        ("/m/cars/1/book/confirm", 300 * 2**20, 413),
        (
            "/m/cars/1/book/confirm",
            300_000,
            302,
        ),  # nobody signed in: sent to sign in, and nothing more is read
        ("/hooks/aliyun/x", 300_000, 413),
        ("/hooks/aliyun/x", 100, 404),
    ],
)
def test_a_request_far_larger_than_its_page_needs_is_refused_before_it_is_read(
    world: World, path: str, size: int, status: int
) -> None:
    client = Client()
    if status == 302:
        client.cookies["owner"] = "whatever"
    answer = client.generic("POST", path, b"x" * min(size, 2**20), CONTENT_LENGTH=str(size))
    assert answer.status_code == status


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(world: World, settings: Any) -> None:
    """Otherwise all owners of a store would share the limits of one address; and nobody may choose his own."""
    settings.BEHIND_TLS = True
    for seen in ("203.0.113.7", "203.0.113.8"):
        Client().post(
            "/m/sign-in",
            {"mobile": f"1391234{seen[-1]}678"},
            secure=True,
            headers={"X-Forwarded-For": f"198.51.100.1, {seen}"},
        )
    assert set(OwnerTry.objects.values_list("address", flat=True)) == {"203.0.113.7", "203.0.113.8"}
    settings.BEHIND_TLS = False
    Client().post("/m/sign-in", {"mobile": "13912340000"}, headers={"X-Forwarded-For": "203.0.113.9"})
    assert OwnerTry.objects.order_by("-pk").values_list("address", flat=True).first() == "127.0.0.1"


# --- what is guessed or forged -----------------------------------------------------------------------------


def test_another_owners_photo_booking_and_family_are_not_there_by_their_numbers(
    world: World, owner: Owner
) -> None:
    owner.send(picture())
    [kept] = owner.kept()
    driver = bind_owner(owner.car, make_account(), right=Right.DRIVER)
    other = Owner(world)
    assert other.client.get(f"{other.at}/photos/{kept.pk}").status_code == 404
    assert other.client.get(f"{other.at}/bookings/{owner.booking.pk}/calendar.ics").status_code == 404
    assert (
        other.client.post(f"{other.at}/bookings/{owner.booking.pk}/cancel", {"reason": "time"}).status_code
        == 404
    )
    assert other.client.post(f"{other.at}/bookings/{owner.booking.pk}/photos").status_code == 404
    other.client.post(f"{other.at}/photos/{kept.pk}/remove")
    other.client.post(f"{other.at}/people/{driver.pk}/remove")
    assert len(owner.kept()) == 1
    with dealer_scope(owner.dealer.pk):
        assert OwnerBinding.objects.get(pk=driver.pk).ended_at is None
        assert Booking.objects.get(pk=owner.booking.pk).status == "tentative"


def test_a_driver_cannot_remove_the_owners_picture(owner: Owner) -> None:
    owner.send(picture())
    [kept] = owner.kept()
    driver = bind_owner(owner.car, make_account(), right=Right.DRIVER)
    phone_of(driver.account).post(f"/m/cars/{driver.pk}/photos/{kept.pk}/remove")
    assert len(owner.kept()) == 1


def test_a_driver_is_told_no_price(owner: Owner) -> None:
    driver = bind_owner(owner.car, make_account(), right=Right.DRIVER)
    client = phone_of(driver.account)
    for path in (f"bookings/{owner.booking.pk}", "book/times?why=scheduled_service"):
        assert "¥" not in client.get(f"/m/cars/{driver.pk}/{path}").content.decode(), path


def test_every_page_that_writes_refuses_a_form_of_another_site(owner: Owner) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = owner.client.cookies
    ids = {"binding": owner.binding.pk, "pk": owner.booking.pk}
    for page in OWNER_PAGES.values():
        route = re.sub(r"<str:\w+>", "x", page.route)
        for key, value in ids.items():
            route = route.replace(f"<int:{key}>", str(value))
        answer = client.post(f"/m/{route}", {}, headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403, page.name


def test_a_code_is_tried_five_times_whatever_browser_asks_how_often(world: World, clock: Clock) -> None:
    """A mobile gets ten codes a day, each good for five tries: fifty guesses at a million."""
    tries = 0
    for _day_part in range(30):
        client = Client()
        client.post("/m/sign-in", {"mobile": "13912345678"})
        while client.cookies.get("owner_code"):
            wrong = f"{(int(last_code()) + 1) % 10**6:06d}"
            answer = client.post("/m/code", {"code": wrong})
            tries += answer.status_code == 422 and "还可以试" in answer.content.decode()
            if "还可以试" not in answer.content.decode():
                tries += 1
                break
        clock.passes(minutes=45)
    assert tries <= 50
    assert OwnerCode.objects.filter(used_at__isnull=False).count() == 0


def test_a_ticket_of_another_mobile_does_not_carry_ones_own_code(world: World) -> None:
    victim, thief = Client(), Client()
    victim.post("/m/sign-in", {"mobile": "13912345678"})
    code = last_code()
    thief.post("/m/sign-in", {"mobile": "13912345679"})
    assert thief.post("/m/code", {"code": code}).status_code == 422
    forged = Client()
    forged.cookies["owner_code"] = '["guess", "/m/"]'
    assert forged.post("/m/code", {"code": code}).headers["Location"].startswith("/m/sign-in")


def test_a_used_link_opens_nothing_for_whoever_finds_it(world: World, owner: Owner) -> None:
    token = links.make(dealer_id=owner.dealer.pk, car_id=owner.car.pk, expires_at=NOW.replace(year=2027))
    stranger = Owner(world)
    page = stranger.client.get(f"/m/b/{token}")
    assert page.status_code == 404
    assert owner.car.plate[2:] not in page.content.decode()


def test_a_calendar_entry_cannot_be_slipped_in(world: World, owner: Owner) -> None:
    """No text of a store or a car begins a line of its own in the file."""
    evil = "x\r\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:evil\x0b\x85\u2028ATTACH:http://evil.example"
    row = owner.booking
    row.dealer.address = evil
    row.car.plate = evil
    with dealer_scope(owner.dealer.pk):
        lines = calendar_file(row, address="https://example.com/x", now=NOW).decode()
    names = [line.partition(":")[0].partition(";")[0] for line in lines.replace("\r\n ", "").splitlines()]
    assert names.count("BEGIN") == 3
    assert names.count("SUMMARY") == 1
    assert "ATTACH" not in names
