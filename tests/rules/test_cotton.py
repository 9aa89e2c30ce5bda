"""Every attribute given to a component is one that its `<c-vars>` declares: cotton would drop it in silence.

What a component hands on to its element (`{{ attrs }}`) is open to HTML's own, htmx's and data attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import huichang

PACKAGE = Path(huichang.__file__).parent
COMPONENTS = PACKAGE / "ui" / "templates" / "cotton"
PASSED_THROUGH = re.compile(
    r"(hx|data|aria)-[\w:-]+|id|class|name|value|form|title|role|target|rel|tabindex|lang|autofocus|download|formaction|formnovalidate"
)
COTTON = re.compile(r"<c-(?P<name>[\w.-]+)(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
DYNAMIC = re.compile(r"[A-Za-z_][\w.]*|-?[\d.]+|[\[{].*|'[^']*'|.*{[{%].*", re.DOTALL)
ATTRIBUTE = re.compile(r"(?P<name>:?[\w:@-]+)(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|\S+))?", re.DOTALL)


def templates() -> list[Path]:
    return sorted(PACKAGE.rglob("templates/**/*.html"))


def uses(text: str) -> Iterator[tuple[str, list[str]]]:
    """Component and attribute names of every use in a template's text."""
    for found in COTTON.finditer(TAGS.sub("", text)):
        attributes = found["attributes"].rstrip("/")
        yield found["name"], [one["name"].lstrip(":") for one in ATTRIBUTE.finditer(attributes)]


def declared() -> dict[str, tuple[set[str], bool]]:
    """Component → attributes of its `<c-vars>`, and whether it hands the rest on."""
    known = {}
    for file in COMPONENTS.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        names = next((attributes for name, attributes in uses(text) if name == "vars"), [])
        known[file.stem.replace("_", "-")] = (set(names), "{{ attrs }}" in text)
    return known


def problems(text: str, known: dict[str, tuple[set[str], bool]]) -> list[str]:
    found = []
    for component, attributes in uses(text):
        if component in {"vars", "slot"}:
            continue
        if component.replace("_", "-") not in known:
            found.append(f"<c-{component}> does not exist")
            continue
        names, hands_on = known[component.replace("_", "-")]
        found += [
            f"<c-{component}> has no {attribute}"
            for attribute in attributes
            if attribute not in names and not (hands_on and PASSED_THROUGH.fullmatch(attribute))
        ]
    return found


def test_every_component_declares_its_attributes_with_defaults() -> None:
    for file in COMPONENTS.rglob("*.html"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("<c-vars "), file.name
        bare = re.sub(r"\S+=(\"[^\"]*\"|'[^']*')", "", first.removeprefix("<c-vars").removesuffix("/>"))
        assert not bare.strip(), (
            f"{file.name}: {bare.strip()} has no default and would be taken from the page"
        )


def test_every_use_is_declared() -> None:
    known = declared()
    wrong = {
        str(file.relative_to(PACKAGE)): found
        for file in templates()
        if (found := problems(file.read_text(encoding="utf-8"), known))
    }
    assert wrong == {}


def test_every_component_is_described() -> None:
    readme = (PACKAGE / "ui" / "README.md").read_text(encoding="utf-8")
    assert [name for name in declared() if f"<c-{name}" not in readme] == []


def compared(text: str) -> list[str]:
    """Dynamic attributes (`:x="…"`) that cotton cannot read: it knows variables, literals and templates, no comparisons."""
    found = []
    for use in COTTON.finditer(text):
        for name, value in re.findall(r"\s(:[\w-]+)=\"([^\"]*)\"", use["attributes"]):
            if not DYNAMIC.fullmatch(value):
                found.append(f"<c-{use['name']}> {name}={value}")
    return found


def test_dynamic_attributes_hold_what_cotton_can_read() -> None:
    wrong = {str(f.relative_to(PACKAGE)): compared(f.read_text(encoding="utf-8")) for f in templates()}
    assert {name: found for name, found in wrong.items() if found} == {}


def test_a_planted_comparison_is_found() -> None:
    planted = (
        '<c-tab :active="name == tab" href="/x">x</c-tab><c-field :field="form.x" /><c-bar :value="[1]" />'
    )
    assert compared(planted) == ["<c-tab> :active=name == tab"]


def test_a_planted_violation_is_found() -> None:
    known = declared()
    planted = '<c-button colour="red" hx-post="/x">x</c-button><c-buton />{% if a %}<c-kpi label="a" vlaue="3" />{% endif %}'
    assert problems(planted, known) == [
        "<c-button> has no colour",
        "<c-buton> does not exist",
        "<c-kpi> has no vlaue",
    ]
