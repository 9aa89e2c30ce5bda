"""English texts: `locale/en/parts/*.tsv` (Chinese, tab, English) → the compiled catalogue.

    python -m huichang.config.translate            write LC_MESSAGES/django.mo
    python -m huichang.config.translate --check    every Chinese text of code and templates is translated

The sources are Chinese, so the only catalogue is English. GNU gettext is not needed: the texts are collected by
Python's own tokenizer and Django's template reader, the .mo is written here.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import templatize

PACKAGE = Path(__file__).resolve().parent.parent
ENGLISH = PACKAGE / "locale" / "en"
COMPILED = ENGLISH / "LC_MESSAGES" / "django.mo"
CALLS = {"_", "_noop", "gettext_noop", "gettext", "gettext_lazy", "ngettext", "Policy", "page", "Rail"}
CHINESE = re.compile(r"[\u3400-\u9fff]")


def sources() -> dict[str, str]:
    """Every Chinese text that is shown, with the first place it stands in."""
    found: dict[str, str] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        for text in _of_python(file.read_text(encoding="utf-8")):
            found.setdefault(text, str(file.relative_to(PACKAGE)))
    for file in sorted(PACKAGE.rglob("templates/**/*.html")):
        for text in _of_template(file.read_text(encoding="utf-8")):
            found.setdefault(text, str(file.relative_to(PACKAGE)))
    return found


def _of_python(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _name(node.func) in CALLS:
            for argument in [*node.args, *(k.value for k in node.keywords)]:
                yield from _strings(argument)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _strings(node: ast.expr) -> Iterator[str]:
    """Chinese literals of an argument, those inside tuples included."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _strings(item)


def _of_template(text: str) -> Iterator[str]:
    """Django turns a template into pseudo Python whose gettext calls are then read like any others."""
    for call in re.finditer(r"(?:gettext|pgettext|ngettext)\((.*?)\)(?=\s|$)", templatize(text), re.DOTALL):
        try:
            value = ast.literal_eval(call.group(1).strip().removeprefix("u"))
        except (ValueError, SyntaxError):
            continue
        values = value if isinstance(value, tuple) else (value,)
        yield from (item for item in values if isinstance(item, str) and CHINESE.search(item))


def translations() -> dict[str, str]:
    """All pairs of the parts. Raises ValueError naming file and line of a bad one."""
    return {chinese: english for _place, chinese, english in _lines(ENGLISH / "parts")}


def _lines(parts: Path) -> Iterator[tuple[str, str, str]]:
    """Place, Chinese and English of every line of the parts."""
    for file in sorted(parts.glob("*.tsv")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            chinese, tab, english = line.partition("\t")
            if not tab or not english.strip():
                raise ValueError(f"{file.name}:{number}: expected Chinese, tab, English")
            yield f"{file.name}:{number}", _unescape(chinese), _unescape(english)


def contradictions(parts: Path = ENGLISH / "parts") -> list[str]:
    """Texts that two lines translate differently: the later would win in silence."""
    first: dict[str, tuple[str, str]] = {}
    found = []
    for place, chinese, english in _lines(parts):
        before, said = first.setdefault(chinese, (place, english))
        if said != english:
            found.append(f"{place}: {chinese!r} is {said!r} in {before}")
    return found


def _unescape(text: str) -> str:
    return text.replace("\\n", "\n")


def problems() -> list[str]:
    """Untranslated texts, translations that lose a placeholder, and texts translated twice in different words."""
    pairs = translations()
    missing = [f"{place}: {text!r} has no English" for text, place in sources().items() if text not in pairs]
    lost = [
        f"{chinese!r} → {english!r}: placeholders differ"
        for chinese, english in pairs.items()
        if _placeholders(chinese) != _placeholders(english)
    ]
    return missing + lost + contradictions()


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{\w*\}|%\(\w+\)[sd]", text))


def catalogue() -> bytes:
    """The compiled catalogue in GNU gettext's .mo format."""
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    entries = sorted({"": header, **translations()}.items(), key=lambda pair: pair[0].encode())
    keys, values = b"", b""
    offsets = []
    for chinese, english in entries:
        key, value = chinese.encode(), english.encode()
        offsets.append((len(keys), len(key), len(values), len(value)))
        keys += key + b"\0"
        values += value + b"\0"
    start = 28 + 16 * len(entries)
    key_table = b"".join(struct.pack("<II", length, start + at) for at, length, _, _ in offsets)
    value_table = b"".join(struct.pack("<II", length, start + len(keys) + at) for _, _, at, length in offsets)
    head = struct.pack("<IIIIIII", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, start)
    return head + key_table + value_table + keys + values


def is_stale() -> bool:
    """True when the compiled catalogue is missing or older than the parts."""
    return not COMPILED.is_file() or COMPILED.read_bytes() != catalogue()


def main(arguments: list[str]) -> int:
    if "--check" in arguments:
        found = problems()
        if is_stale():
            found.append("django.mo is stale: run python -m huichang.config.translate")
        print("\n".join(found) if found else "every text is translated")
        return 1 if found else 0
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    COMPILED.write_bytes(catalogue())
    print(f"{len(translations())} texts written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
