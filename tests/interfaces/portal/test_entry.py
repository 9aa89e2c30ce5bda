"""The way in (WX-02): mobile and code, VIN and identity number, invitations, links; what a guesser learns: nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from huichang.domains.contacts.models import Message
from huichang.domains.customers.models import Car
from huichang.domains.owners import links
from huichang.domains.owners.models import OwnerAccount, OwnerBinding, OwnerCode, OwnerSession
from huichang.kernel.scoping import dealer_scope, unscoped
from tests.factories.owners import (
    Clock,
    bind_owner,
    last_code,
    make_account,
    make_id_number,
    make_owner_car,
    owner_of_car,
    phone_of,
)
from tests.factories.world import NOW, World

pytestmark = pytest.mark.django_db
MOBILE = "13912345678"


def facts(car: Car, id_number: str, mobile: str = MOBILE) -> dict[str, str]:
    return {"vin": car.vehicle.vin[-8:], "id_number": id_number, "mobile": mobile, "agrees": "on"}


def register(client: Client, car: Car, id_number: str, mobile: str = MOBILE) -> Any:
    assert client.post("/m/register", facts(car, id_number, mobile)).status_code == 302
    return client.post("/m/code", {"code": last_code()})


def bindings() -> list[OwnerBinding]:
    with unscoped("the test looks at every store"):
        return list(OwnerBinding.objects.filter(ended_at=None))


def test_registering_shows_the_car(world: World) -> None:
    number = make_id_number()
    car = make_owner_car(world.east, id_number=number, mobile=MOBILE)
    client = Client()
    answer = register(client, car, number)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/m/?welcome=1"
    page = client.get("/m/?welcome=1").content.decode()
    assert "登记成功" in page
    assert car.plate[2:] in page
    [binding] = bindings()
    assert (binding.car_id, binding.proof, binding.right) == (car.pk, "identity", "owner")


def test_a_mobile_that_is_not_on_file_is_marked(world: World) -> None:
    number = make_id_number()
    car = make_owner_car(world.east, id_number=number, mobile="13800000001")
    register(Client(), car, number)
    assert bindings()[0].proof == "new_mobile"


def test_the_other_cars_of_the_same_person_come_with_it_in_every_store(world: World) -> None:
    number = make_id_number()
    first, second = make_owner_car(world.east, id_number=number), make_owner_car(world.west, id_number=number)
    make_owner_car(world.west)
    register(Client(), first, number)
    assert {binding.car_id for binding in bindings()} == {first.pk, second.pk}


def test_the_identity_number_is_kept_nowhere(world: World) -> None:
    number = make_id_number()
    car = make_owner_car(world.east, id_number=number)
    client = Client()
    client.post("/m/register", facts(car, number))
    for row in OwnerCode.objects.all():
        assert number not in str(vars(row))
    assert number not in str(client.cookies)


@pytest.mark.parametrize("slip", ["vin", "id"])
def test_what_is_unknown_and_what_is_wrong_look_the_same(world: World, slip: str) -> None:
    number = make_id_number()
    car = make_owner_car(world.east, id_number=number)
    typed = facts(car, number)
    if slip == "vin":
        typed["vin"] = "ZZ999999"
    else:
        typed["id_number"] = make_id_number()
    client = Client()
    first = client.post("/m/register", typed)
    right = Client().post("/m/register", facts(car, number, "13912345679"))
    assert (first.status_code, first.headers["Location"]) == (right.status_code, right.headers["Location"])
    with unscoped("the latest message is another mobile's"):
        code = Message.objects.filter(purpose="code").order_by("pk").first()
    assert code is not None
    refused = client.post("/m/code", {"code": _code_of(code)})
    assert refused.headers["Location"] == "/m/me/cars/add?refused=register"
    assert "对不上" in client.get(refused.headers["Location"]).content.decode()
    assert bindings() == []


def _code_of(message: Message) -> str:
    import json

    return str(json.loads(message.secret)["code"])


def test_a_company_code_brings_only_the_car_that_was_named(world: World) -> None:
    code = "91310000MA1K0Q7X40"
    from huichang.domains.customers.identifiers import company_check

    code = code[:17] + company_check(code[:17])
    first = make_owner_car(world.east, id_number=code)
    make_owner_car(world.west, id_number=code)
    with unscoped("both files are a company's"):
        from huichang.domains.customers.models import Customer

        Customer.objects.update(kind="company")
    register(Client(), first, code)
    assert [binding.car_id for binding in bindings()] == [first.pk]


def test_a_wrong_code_is_counted_and_the_code_is_void_after_five(world: World) -> None:
    client = Client()
    client.post("/m/sign-in", {"mobile": MOBILE})
    right = last_code()
    wrong = "000000" if right != "000000" else "111111"
    answers = [client.post("/m/code", {"code": wrong}) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [422] * 5
    assert "还可以试 4 次" in answers[0].content.decode()
    assert client.post("/m/code", {"code": right}).status_code == 422
    assert not OwnerAccount.objects.exists()


def test_a_code_works_once(world: World) -> None:
    client = Client()
    client.post("/m/sign-in", {"mobile": MOBILE})
    kept = client.cookies["owner_code"].value
    code = last_code()
    assert client.post("/m/code", {"code": code}).status_code == 302
    replay = Client()
    replay.cookies["owner_code"] = kept
    answer = replay.post("/m/code", {"code": code})
    assert answer.headers["Location"] == "/m/sign-in"
    assert OwnerSession.objects.count() == 1


def test_a_code_is_of_no_use_in_another_browser(world: World) -> None:
    Client().post("/m/sign-in", {"mobile": MOBILE})
    code = last_code()
    thief = Client()
    assert thief.post("/m/code", {"code": code}).headers["Location"] == "/m/sign-in"
    thief.post("/m/sign-in", {"mobile": "13700000000"})
    if last_code() != code:
        assert thief.post("/m/code", {"code": code}).status_code == 422


def test_a_code_ends(world: World, clock: Clock) -> None:
    client = Client()
    client.post("/m/sign-in", {"mobile": MOBILE})
    clock.passes(minutes=6)
    assert client.post("/m/code", {"code": last_code()}).status_code == 422
    assert not OwnerSession.objects.exists()


def test_a_known_and_an_unknown_mobile_get_the_same_answers(world: World) -> None:
    make_account(MOBILE)
    pages = []
    for mobile in (MOBILE, "13912345679"):
        client = Client()
        asked = client.post("/m/sign-in", {"mobile": mobile})
        shown = client.get("/m/code").content.decode()
        pages.append((asked.status_code, asked.headers["Location"], shown.replace(mobile[-4:], "****")))
    first, second = pages
    assert first[:2] == second[:2]
    assert _without_tokens(first[2]) == _without_tokens(second[2])


def _without_tokens(page: str) -> str:
    import re

    return re.sub(r'value="[A-Za-z0-9]{64}"', "", page)


def test_codes_of_a_mobile_are_limited(world: World, clock: Clock) -> None:
    client = Client()
    assert client.post("/m/sign-in", {"mobile": MOBILE}).status_code == 302
    assert "秒后再获取" in client.post("/m/sign-in", {"mobile": MOBILE}).content.decode()
    for _ in range(4):
        clock.passes(seconds=61)
        assert client.post("/m/sign-in", {"mobile": MOBILE}).status_code == 302
    clock.passes(seconds=61)
    assert client.post("/m/sign-in", {"mobile": MOBILE}).status_code == 422


def test_guesses_at_a_car_are_limited_from_any_mobile(world: World, clock: Clock) -> None:
    number = make_id_number()
    car = make_owner_car(world.east, id_number=number)
    for guess in range(10):
        assert (
            Client().post("/m/register", facts(car, make_id_number(), f"1391111{guess:04d}")).status_code
            == 302
        )
    late = Client().post("/m/register", facts(car, number, "13922220000"))
    assert late.status_code == 422
    assert "登记失败的次数太多" in late.content.decode()
    clock.passes(days=1, minutes=1)
    register(Client(), car, number, "13922220000")
    assert len(bindings()) == 1


def test_an_account_that_is_in_guesses_within_the_same_limits(world: World) -> None:
    car = make_owner_car(world.east)
    client = phone_of(make_account())
    tries = [client.post("/m/me/cars/add", facts(car, make_id_number())).status_code for _ in range(11)]
    assert tries == [422] * 11
    assert (
        "登记失败的次数太多" in client.post("/m/me/cars/add", facts(car, make_id_number())).content.decode()
    )


def test_signing_in_begins_a_new_session_whatever_cookie_came(world: World) -> None:
    victim = Client()
    victim.cookies["owner"] = "chosen-by-somebody-else"
    victim.post("/m/sign-in", {"mobile": MOBILE})
    victim.post("/m/code", {"code": last_code()})
    assert victim.cookies["owner"].value != "chosen-by-somebody-else"
    attacker = Client()
    attacker.cookies["owner"] = "chosen-by-somebody-else"
    assert attacker.get("/m/").headers["Location"].startswith("/m/sign-in")


def test_the_session_cookie_is_for_the_portal_and_not_for_scripts(world: World) -> None:
    client = Client()
    client.post("/m/sign-in", {"mobile": MOBILE})
    answer = client.post("/m/code", {"code": last_code()})
    cookie = answer.cookies["owner"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/m/", True, "Lax")


def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(world: World) -> None:
    car = make_owner_car(world.east)
    client = phone_of(bind_owner(car).account)
    copy = Client()
    copy.cookies["owner"] = client.cookies["owner"].value
    assert client.post("/m/me/sign-out").status_code == 302
    assert copy.get("/m/").headers["Location"].startswith("/m/sign-in")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/m//evil.example",
        "/sign-in",
        "javascript:alert(1)",
        "/m/\\evil",
    ],
)
def test_nobody_is_sent_elsewhere(world: World, target: str) -> None:
    client = Client()
    client.post("/m/sign-in", {"mobile": MOBILE, "next": target})
    assert client.post("/m/code", {"code": last_code()}).headers["Location"].startswith("/m/")
    assert "evil" not in client.post("/m/language", {"language": "en", "next": target}).headers["Location"]


def test_a_forged_post_is_refused(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/m/sign-in", {"mobile": MOBILE}).status_code == 403
    car = make_owner_car(world.east)
    binding = bind_owner(car)
    phone = phone_of(binding.account)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = phone.cookies
    assert strict.post(f"/m/cars/{binding.pk}/leave").status_code == 403
    assert len(bindings()) == 1


def test_a_link_shows_nothing_of_anybody_before_sign_in(world: World) -> None:
    car = make_owner_car(world.east, name="李海民")
    token = links.make(
        dealer_id=world.east.pk,
        car_id=car.pk,
        expires_at=NOW + timedelta(days=3),
        subject="kind",
        value="scheduled_service",
    )
    page = Client().get(f"/m/b/{token}").content.decode()
    assert "东区店" in page
    assert car.plate[2:] not in page
    assert "李海民" not in page
    assert car.vehicle.vin[-6:] not in page


def test_a_link_opens_the_booking_of_its_own_people_only(world: World) -> None:
    car = make_owner_car(world.east)
    binding = bind_owner(car)
    token = links.make(
        dealer_id=world.east.pk,
        car_id=car.pk,
        expires_at=NOW + timedelta(days=3),
        subject="kind",
        value="scheduled_service",
    )
    opened = phone_of(binding.account).get(f"/m/b/{token}")
    assert opened.headers["Location"] == f"/m/cars/{binding.pk}/book/times?why=scheduled_service"
    stranger = phone_of(bind_owner(make_owner_car(world.west)).account)
    assert stranger.get(f"/m/b/{token}").status_code == 404


@pytest.mark.parametrize("spoil", ["over", "altered", "nonsense"])
def test_a_spoiled_link_opens_nothing(world: World, clock: Clock, spoil: str) -> None:
    car = make_owner_car(world.east)
    token = links.make(dealer_id=world.east.pk, car_id=car.pk, expires_at=NOW + timedelta(days=3))
    if spoil == "over":
        clock.passes(days=4)
    elif spoil == "altered":
        token = token.replace(".", ".1", 1)
    else:
        token = "nonsense"
    assert phone_of(bind_owner(car).account).get(f"/m/b/{token}").status_code in {302, 404}
    assert Client().get(f"/m/b/{token}").status_code == 404


def test_a_driver_is_invited_and_let_in_once(world: World) -> None:
    car = make_owner_car(world.east)
    owner = bind_owner(car)
    page = phone_of(owner.account).post(f"/m/cars/{owner.pk}/people", {"label": "妻子"}).content.decode()
    address = page.split('class="copy">')[1].split("<")[0]
    path = address[address.index("/m/i/") :]
    guest = Client()
    assert car.plate[2:] not in guest.get(path).content.decode()
    guest.post(path, {"mobile": MOBILE})
    assert guest.post("/m/code", {"code": last_code()}).headers["Location"] == "/m/?welcome=1"
    driver = next(one for one in bindings() if one.right == "driver")
    assert (driver.car_id, driver.label) == (car.pk, "妻子")
    assert Client().get(path).status_code == 404
    with dealer_scope(world.east.pk):
        assert owner_of_car(car).pk == driver.customer_id


def test_a_phone_in_use_stays_signed_in_and_one_that_lies_does_not(world: World, clock: Clock) -> None:
    car = make_owner_car(world.east)
    binding = bind_owner(car)
    used, lying = phone_of(binding.account), phone_of(binding.account)
    for _ in range(4):
        clock.passes(days=30)
        assert used.get(f"/m/cars/{binding.pk}").status_code == 200
    assert lying.get(f"/m/cars/{binding.pk}").headers["Location"].startswith("/m/sign-in")


def test_the_language_chosen_before_signing_in_stays(world: World) -> None:
    account = make_account(MOBILE)
    assert account.language == "zh-hans"
    client = Client()
    client.post("/m/language", {"language": "en", "next": "/m/"})
    client.post("/m/sign-in", {"mobile": MOBILE})
    client.post("/m/code", {"code": last_code()})
    assert 'lang="en"' in client.get("/m/me").content.decode()


def test_a_phone_that_chose_nothing_speaks_the_accounts_language(world: World) -> None:
    account = make_account()
    OwnerAccount.objects.filter(pk=account.pk).update(language="en")
    assert 'lang="en"' in phone_of(account).get("/m/me").content.decode()
