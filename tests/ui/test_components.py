"""Components, tags and headers as pages meet them."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.template import Context, Engine, Template
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.utils import translation

from huichang.ui.middleware import HEADERS, SecurityHeadersMiddleware


def drawn(source: str, **context: object) -> str:
    """A template written as in a file, cotton's compiler included."""
    from django_cotton.compiler_regex import CottonCompiler

    template = Template(CottonCompiler().process(source), engine=Engine.get_default())
    with translation.override("zh-hans"):
        return template.render(Context(context))


def test_a_button_shows_its_key_and_passes_the_rest_through() -> None:
    html = drawn('<c-button kind="primary" key="b" hx-post="/book">预约</c-button>')
    assert 'data-key="b"' in html
    assert 'hx-post="/book"' in html
    assert ">B</kbd>" in html


def test_a_disabled_button_cannot_be_pressed() -> None:
    assert " disabled" in drawn('<c-button :disabled="full">已满</c-button>', full=True)
    assert " disabled" not in drawn('<c-button :disabled="full">预约</c-button>', full=False)


def test_a_bar_is_amber_when_nearly_full_and_red_when_full() -> None:
    tones = [drawn(f'<c-bar value="{value}" max="32" />') for value in (10, 27, 32)]
    assert ["is-accent" in tones[0], "is-warn" in tones[1], "is-bad" in tones[2]] == [True, True, True]
    assert 'width="84"' in tones[1]


def test_values_are_escaped() -> None:
    assert "<script>" not in drawn("<c-badge>{{ name }}</c-badge>", name="<script>")
    assert "<script>" not in drawn('<c-kpi label="x" value="{{ name }}" />', name="<script>")


def test_a_component_never_takes_a_variable_of_the_page_for_its_attribute() -> None:
    assert "is-bad" not in drawn("<c-badge>x</c-badge>", tone="bad")


@override_settings(DEBUG=True)
def test_an_unknown_icon_is_refused_while_developing() -> None:
    with pytest.raises(LookupError, match="icons.txt"):
        drawn('{% icon "no-such-icon" %}')


@pytest.mark.parametrize("code", [403, 404, 429, 500])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_error_pages_need_nothing(code: int, language: str) -> None:
    with translation.override(language):
        html = render_to_string(f"{code}.html")
    assert f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in html
    assert 'href="/"' in html


def test_headers_forbid_what_pages_do_not_need() -> None:
    response = SecurityHeadersMiddleware(lambda _request: HttpResponse("x"))(RequestFactory().get("/"))
    for name, value in HEADERS.items():
        assert response[name] == value
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["Cache-Control"] == "no-store"


def test_a_view_keeps_its_own_header() -> None:
    own = HttpResponse("x", headers={"X-Frame-Options": "SAMEORIGIN"})
    response = SecurityHeadersMiddleware(lambda _request: own)(RequestFactory().get("/"))
    assert response["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_gallery_shows_every_component(language: str) -> None:
    from huichang.interfaces.staff.gallery.views import gallery

    with translation.override(language):
        html = gallery(RequestFactory().get("/gallery")).content.decode()
    for part in (
        "ui-kpi",
        "ui-reason-card",
        "ui-table",
        "ui-field is-invalid",
        "ui-timeline",
        "ui-steps",
        "ui-empty",
    ):
        assert part in html
    assert "<c-" not in html
