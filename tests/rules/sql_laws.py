"""Laws about the statements in `sql/*.sql`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

PARAMETER = re.compile(r"%\((\w+)\)s")
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
TEXT = re.compile(r"'(?:[^']|'')*'")
WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE(?!\s+SET|\s+OF)|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?)\s+(?:ONLY\s+)?"
    r"(?:public\.)?\"?(\w+)",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"\b(\w+)\s*(?:\([^)]*\)\s*)?AS\s+(?:MATERIALIZED\s+|NOT\s+MATERIALIZED\s+)?\(", re.IGNORECASE
)
# Any domain's statement writes the moves of its own rows and takes its own numbers.
OF_EVERYBODY = ("kernel_statuschange", "kernel_numberseries")


def plain(text: str) -> str:
    """The statement without comments and literals."""
    return TEXT.sub("''", COMMENT.sub(" ", text))


def written_tables(text: str) -> set[str]:
    """Tables a statement inserts into, updates, deletes from or merges into."""
    body = plain(text)
    names = {name.lower() for name in NAMED.findall(body)}
    found = {name.lower() for name in WRITES.findall(body)} - {"set", "nothing", "skip", "nowait"}
    return {name for name in found if name not in names}


def writes_only_its_own(domain: str, text: str, tables: Collection[str]) -> list[str]:
    """A domain's statement writes its own tables and temporary ones. `tables` are all tables of the schema."""
    return [
        f"{domain} writes {table}"
        for table in sorted(written_tables(text))
        if table in tables and not table.startswith(f"{domain}_") and table not in OF_EVERYBODY
    ]


def begins_with_its_purpose(text: str) -> bool:
    """The first line is a comment that says what the statement does."""
    return bool(re.match(r"--\s*\S", text.lstrip()))


def numbered(text: str) -> tuple[str, list[str]]:
    """The statement with `$1 …` for its named parameters, and their names in order."""
    names: list[str] = []

    def number(hit: re.Match[str]) -> str:
        if hit.group(1) not in names:
            names.append(hit.group(1))
        return f"${names.index(hit.group(1)) + 1}"

    return PARAMETER.sub(number, text).replace("%%", "%"), names


def types_of(text: str, names: list[str]) -> list[str]:
    """The types the opening comment gives (`dealer_id bigint, day date → …`); `unknown` where it says nothing."""
    opening = "\n".join(line for line in text.splitlines() if line.startswith("--"))
    known = dict(re.findall(rf"\b({'|'.join(names) or '-'})\s+({TYPES})", opening))
    return [known.get(name, "unknown") for name in names]


TYPES = (
    r"(?:bigint|integer|int|smallint|text|date|timestamptz|timestamp|time|jsonb|json|boolean|bool|numeric|float8|"
    r"double precision|interval|uuid)(?:\[\])?"
)


def prepares(text: str, prepare: Callable[[str, list[str]], str]) -> str:
    """'' when the database understands the statement against the schema, else its complaint."""
    body, names = numbered(text)
    return prepare(body, types_of(text, names))
