"""Text colours keep a contrast of 4.5 to 1 (WCAG AA) on every ground they stand on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import huichang.ui

CSS = Path(huichang.ui.__file__).parent / "static" / "ui" / "css" / "tokens.css"
TOKENS = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", CSS.read_text(encoding="utf-8")))

PAIRS = [
    *[(text, ground) for text in ("ink", "mute") for ground in ("card", "ground")],
    *[
        (f"{tone}-text", ground)
        for tone in ("accent", "ok", "warn", "bad")
        for ground in ("card", "ground", f"{tone}-soft")
    ],
    ("neutral-text", "neutral-soft"),
    ("ink", "accent-soft"),
    ("card", "accent"),
    ("card", "accent-strong"),
    ("rail-text", "rail"),
    ("rail-text", "rail-hover"),
    ("rail-head", "rail"),
]


def luminance(colour: str) -> float:
    def channel(text: str) -> float:
        share = int(text, 16) / 255
        return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = (channel(colour[i : i + 2]) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_readable(text: str, ground: str) -> None:
    assert contrast(TOKENS[text], TOKENS[ground]) >= 4.5


def test_borders_of_controls_are_visible() -> None:
    assert contrast(TOKENS["control-line"], TOKENS["card"]) >= 3.0
