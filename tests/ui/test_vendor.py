"""The vendored files are those that vendor.json names, byte for byte, and the first page stays small."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import huichang.ui
from huichang.ui import icons

STATIC = Path(huichang.ui.__file__).parent / "static" / "ui"
VENDOR = STATIC / "vendor"
PINNED = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))
LIMIT = 250_000  # bytes over the wire for a first visit, HTML included (EXPERIENCE, principle 6)


def test_every_vendored_file_is_pinned_and_unchanged() -> None:
    pinned = {name: one["sha256"] for package in PINNED for name, one in package["files"].items()}
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in VENDOR.iterdir()
        if file.suffix in {".css", ".js", ".svg"}
    }
    assert found == pinned


def test_every_package_names_version_and_licence() -> None:
    texts = (VENDOR / "LICENSES.md").read_text(encoding="utf-8")
    for package in PINNED:
        assert package["version"]
        assert package["licence"]
        for name in package["files"]:
            assert name in texts


def test_compressed_twins_hold_the_same_bytes() -> None:
    twins = list(VENDOR.glob("*.gz"))
    assert len(twins) == 3
    for twin in twins:
        assert gzip.decompress(twin.read_bytes()) == twin.with_suffix("").read_bytes()


def test_the_sprite_holds_the_listed_icons() -> None:
    assert icons.drawn() == frozenset(icons.wanted())


def test_first_load_is_small() -> None:
    vendored = sum(file.stat().st_size for file in VENDOR.glob("*.gz"))
    own = sum(file.stat().st_size for kind in ("css", "js") for file in (STATIC / kind).iterdir())
    page = 40_000
    assert vendored + own + page < LIMIT
