"""Make the icon sprite: `python -m huichang.ui.icons PATH` with PATH an unpacked `@tabler/icons` package.

Only the icons listed in `icons.txt` travel to the browser, as `<symbol>`s of one SVG file.
"""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIST = HERE / "icons.txt"
SPRITE = HERE / "static" / "ui" / "vendor" / "icons.svg"

_DRAWN = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_FRAME = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'


def wanted() -> list[str]:
    """Return the names listed in `icons.txt`, in order, comments left out."""
    lines = (line.strip() for line in LIST.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


@cache
def drawn() -> frozenset[str]:
    """Return the names the sprite really holds."""
    return frozenset(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text(encoding="utf-8")))


def symbol(package: Path, name: str) -> str:
    """Return one icon as a `<symbol>`. Raises FileNotFoundError for a name the package does not have."""
    kind, stem = ("filled", name.removesuffix("-filled")) if name.endswith("-filled") else ("outline", name)
    text = (package / "icons" / kind / f"{stem}.svg").read_text(encoding="utf-8")
    found = _DRAWN.search(text)
    if found is None:
        message = f"{name}: not an SVG drawing"
        raise ValueError(message)
    inner = "".join(line.strip() for line in found.group(1).replace(_FRAME, "").splitlines())
    paint = 'fill="currentColor" stroke="none"' if kind == "filled" else 'fill="none" stroke="currentColor"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {paint}>{inner}</symbol>'


def sprite(package: Path) -> str:
    """Return the whole sprite for the listed names."""
    body = "\n".join(symbol(package, name) for name in wanted())
    head = '<svg xmlns="http://www.w3.org/2000/svg" stroke-linecap="round" stroke-linejoin="round">'
    return f"{head}\n{body}\n</svg>\n"


def main(arguments: list[str]) -> int:
    """Write the sprite next to the other vendored files."""
    SPRITE.write_text(sprite(Path(arguments[0])), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
