"""Templates obey the content security policy, use icons that exist and stay short."""

from __future__ import annotations

import re
from pathlib import Path

import huichang
from huichang.ui import icons

PACKAGE = Path(huichang.__file__).parent
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
STOP = 120
INLINE = re.compile(r"\sstyle=|<style|\son[a-z]+=|\shx-on|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
EVALUATED = re.compile(r"hx-trigger=\"[^\"]*\[|hx-(?:vals|headers)=['\"]js:")
NAMED = re.compile(r"{%\s*icon \"([\w-]+)\"|<c-[^>]*\sicon=\"([\w-]+)\"")
IN_PYTHON = re.compile(r"Rail\([^)]*?icon=\"([\w-]+)\"|Rail\(\"[^\"]*\", \"([\w-]+)\"")


def inline_parts(text: str) -> list[str]:
    return [found.group().strip() for found in [*INLINE.finditer(text), *EVALUATED.finditer(text)]]


def test_nothing_is_inline() -> None:
    found = {
        str(file.relative_to(PACKAGE)): inline_parts(file.read_text(encoding="utf-8")) for file in TEMPLATES
    }
    assert {name: parts for name, parts in found.items() if parts} == {}


def test_planted_inline_parts_are_found() -> None:
    planted = '<p style="x"><a onclick="y"><script>z</script><b hx-trigger="click[ctrlKey]"><script src="ok.js"></script>'
    assert len(inline_parts(planted)) == 4


def test_every_icon_is_in_the_sprite() -> None:
    missing = set()
    for pattern, files in ((NAMED, TEMPLATES), (IN_PYTHON, sorted(PACKAGE.rglob("*.py")))):
        for file in files:
            for found in pattern.finditer(file.read_text(encoding="utf-8")):
                name = found.group(1) or found.group(2)
                if name not in icons.drawn():
                    missing.add((str(file.relative_to(PACKAGE)), name))
    assert missing == set()


def test_templates_stay_short() -> None:
    long = {
        str(file.relative_to(PACKAGE)): count
        for file in TEMPLATES
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > STOP
    }
    assert long == {}
