"""What programs are told when something is wrong, in their language; and the description they read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from huichang.interfaces.api.doors import ROUTES
from tests.factories.world import (
    World,
)
from tests.interfaces.api.program import Program

Make = Callable[..., Program]


def test_problems_speak_the_callers_language(world: World, program: Program) -> None:
    chinese = program.get("/customers/999999")
    english = program.get("/customers/999999", Accept_Language="en-GB,en;q=0.8")
    assert (chinese["title"], program.last.headers["Content-Language"]) == ("没有找到", "en")
    assert english["title"] == "Not found"


def test_a_body_that_is_no_json_is_a_problem(program: Program) -> None:
    program.last = program.client.post(
        "/api/v1/customers", "{", content_type="application/json",
        headers={"Authorization": f"Bearer {program.secret}"},
    )  # fmt: skip
    assert program.refused(400)


def test_a_wrong_method_and_a_wrong_address_are_problems(program: Program) -> None:
    program._send("DELETE", "/customers", None, {})
    assert program.refused(405)
    assert program.last.headers["Allow"] == "GET, POST"
    program.get("/nothing")
    assert program.refused(404)


def test_fields_are_named_as_they_were_sent(program: Program) -> None:
    program.post("/customers", {"name": "张三", "phones": [{"number": 138}], "nmae": "x"})
    assert program.refused(422, "phones.0.number")
    assert program.refused(422, "nmae")


def test_an_unexpected_mistake_tells_nothing(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    from huichang.interfaces.api import customers

    monkeypatch.setattr(customers, "primary_phones", lambda: 1 / 0)
    body = program.get("/customers")
    assert program.refused(500)
    assert "division" not in str(body)
    assert "ZeroDivisionError" in caplog.text


def test_the_reference_needs_no_foreign_host(client: Client, db: None) -> None:
    page = client.get("/api/", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "//" not in text.replace("http://www.w3.org", "").split("<body>")[0]
    assert "<script" not in text
    assert "style=" not in text
    for route in ROUTES.values():
        assert f'id="{route.name}"' in text


def test_the_description_is_openapi_3_1_in_both_languages(client: Client, db: None) -> None:
    chinese = client.get("/api/openapi.json").json()
    english = client.get("/api/openapi.json", headers={"Accept-Language": "en"}).json()
    assert chinese["openapi"].startswith("3.1")
    assert chinese["paths"].keys() == english["paths"].keys()
    assert chinese["paths"]["/api/v1/customers"]["get"]["summary"] == "客户列表与搜索"
    assert english["paths"]["/api/v1/customers"]["get"]["summary"] == "List and search customers"
