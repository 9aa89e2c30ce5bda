"""The user guide: `docs/guide/<language>/<slug>.md`, shown as help beside the page it explains.

In an installed wheel the chapters lie in the package (pyproject forces them in), in a checkout under docs/.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PLACES = (
    Path(__file__).resolve().parent.parent / "guide",
    Path(__file__).resolve().parents[3] / "docs" / "guide",
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter: its title and its body as safe HTML."""

    slug: str
    title: str
    body: str


def chapter(slug: str, language: str) -> Chapter | None:
    """A chapter in a language (`zh-hans`, `en`), or None when there is none of that name."""
    for place in PLACES:
        file = place / ("en" if language == "en" else "zh") / f"{slug}.md"
        if file.is_file():
            return _chapter(file)
    return None


@cache
def _chapter(file: Path) -> Chapter:
    title, body = file.stem, []
    for block in re.split(r"\n\s*\n", file.read_text(encoding="utf-8").strip()):
        if block.startswith("# "):
            title = block[2:].strip()
        else:
            body.append(_block(block.strip()))
    return Chapter(file.stem, title, "\n".join(body))


def _block(block: str) -> str:
    """The few forms the guide uses: headings, numbered steps, lists, paragraphs."""
    if block.startswith("## "):
        head, _, rest = block[3:].partition("\n")
        return f"<h3>{_inline(head)}</h3>" + (_block(rest.strip()) if rest.strip() else "")
    lines = block.splitlines()
    if all(re.match(r"\d+\. |  ", line) for line in lines):
        return "<ol>" + _items(lines, r"^\d+\. ") + "</ol>"
    if all(re.match(r"- |  ", line) for line in lines):
        return "<ul>" + _items(lines, r"^- ") + "</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _items(lines: list[str], mark: str) -> str:
    joined: list[str] = []
    for line in lines:
        if re.match(mark, line):
            joined.append(re.sub(mark, "", line))
        else:
            joined[-1] += " " + line.strip()
    return "".join(f"<li>{_inline(item)}</li>" for item in joined)


def _inline(text: str) -> str:
    safe = html.escape(text, quote=False)
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    return re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe)
