"""Laws a reader of one source file can check. Each takes a `Source` and returns its violations in words."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection

from tests.rules.reading import Source, dotted

CLOCKS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "timezone.now", "date.today", "time.time",
    "timezone.localtime", "timezone.localdate",
}  # fmt: skip
# A job starts by itself, so it reads the clock; a subscriber runs later than its event and acts at that moment.
MAY_READ_THE_CLOCK = ("jobs.py", "subscribers.py")
WEB = (
    "django.http", "django.shortcuts", "django.urls", "django.template", "django.views", "django.forms",
    "django.contrib.messages", "ninja",
)  # fmt: skip
SIGNALS = (
    "django.db.models.signals",
    "django.dispatch",
    "django.core.signals",
    "django.contrib.auth.signals",
)
WRITES = {"create", "bulk_create", "bulk_update", "update_or_create", "get_or_create", "update", "delete"}


def _at(source: Source, node: ast.AST, what: str) -> str:
    return f"{source.path}:{getattr(node, 'lineno', 0)}: {what}"


def clock_is_passed_in(source: Source) -> list[str]:
    """No domain reads the time: `now` comes with the call."""
    if source.name in MAY_READ_THE_CLOCK:
        return []
    return [
        _at(source, call, f"{dotted(call.func)}() reads the clock")
        for call in source.calls()
        if ".".join(dotted(call.func).split(".")[-2:]) in CLOCKS
    ]


def managers_are_not_bypassed(source: Source) -> list[str]:
    """Wall 1 stands only while everybody goes through `objects`."""
    return [
        _at(source, node, f".{node.attr} goes round the dealer scope")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"_base_manager", "_default_manager", "_raw_delete"}
    ]


def unscoped_says_why(source: Source, allowed: Collection[str]) -> list[str]:
    """`unscoped()` is given a literal reason, and only in the files listed."""
    found = []
    for call in source.calls():
        if dotted(call.func).split(".")[-1] != "unscoped":
            continue
        if source.path not in allowed:
            found.append(_at(source, call, "unscoped() in a file that is not listed"))
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        reason = given[0].value if given and isinstance(given[0], ast.Constant) else ""
        if len(str(reason)) < 15:
            found.append(_at(source, call, "unscoped() without a literal reason"))
    return found


def imports_nothing_of(source: Source, forbidden: tuple[str, ...], why: str) -> list[str]:
    """No import of a module named in `forbidden` or below it."""
    found = []
    for node in ast.walk(source.tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        hit = next((n for n in names for f in forbidden if n == f or n.startswith(f"{f}.")), None)
        if hit:
            found.append(_at(source, node, f"imports {hit}: {why}"))
    return found


def domain_knows_no_web(source: Source) -> list[str]:
    return imports_nothing_of(source, WEB, "a domain knows no HTTP and no templates")


def no_signals(source: Source) -> list[str]:
    return imports_nothing_of(source, SIGNALS, "effects are called or published, never signalled")


def no_logic_in_save(source: Source) -> list[str]:
    """Models of domains do not override what set-based statements would pass by."""
    return [
        _at(source, method, f"{owner.name}.{method.name}() is overridden")
        for owner in ast.walk(source.tree)
        if isinstance(owner, ast.ClassDef)
        for method in owner.body
        if isinstance(method, ast.FunctionDef)
        and method.name in {"save", "delete", "full_clean", "refresh_from_db"}
    ]


def operations_are_declared(source: Source, exceptions: Collection[str]) -> list[str]:
    """In `operations`, every public function is an `@operation(...)`."""
    found = []
    for node in source.tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        decorators = {dotted(decorator).split(".")[-1] for decorator in node.decorator_list}
        if "operation" not in decorators and f"{source.path}:{node.name}" not in exceptions:
            found.append(_at(source, node, f"{node.name}() is public and no @operation"))
    return found


def interfaces_write_nothing(source: Source) -> list[str]:
    """Pages, API and commands change rows only through operations."""
    found = []
    for call in source.calls():
        chain = dotted(call.func).split(".")
        by_manager = chain[-1] in WRITES and "objects" in chain
        by_row = chain[-1] == "save" and any(keyword.arg == "update_fields" for keyword in call.keywords)
        if by_manager or by_row:
            found.append(_at(source, call, f"{'.'.join(chain)}() writes past the operations"))
    return found


def functions_are_short(source: Source, stop: int = 50) -> list[str]:
    """A function ends within `stop` lines, its signature and docstring included."""
    return [
        _at(source, node, f"{node.name}() has {node.end_lineno - node.lineno + 1} lines, more than {stop}")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > stop
    ]


# (pattern of the path, most lines); the first that fits counts.
FILE_STOPS: tuple[tuple[str, int], ...] = (
    (r"domains/\w+/permissions\.py", 60),
    (r"domains/\w+/policies\.py", 120),
    (r"domains/\w+/events\.py", 80),
    (r"domains/\w+/models(/\w+)?\.py", 300),
    (r"domains/\w+/queries(/\w+)?\.py", 300),
    (r"domains/\w+/operations(/\w+)?\.py", 350),
    (r"domains/\w+/batch\.py", 200),
    (r"domains/\w+/(subscribers|jobs)\.py", 150),
    (r"(domains/\w+|kernel)/sql/\w+\.sql", 80),
    (r"interfaces/.*views(/\w+)?\.py", 300),
    (r".*templates/.*\.html", 120),
    (r".*\.py", 400),
)


def file_is_short(source: Source) -> list[str]:
    """HOUSE §3: a file stops at the length its kind may have."""
    stop = next((most for pattern, most in FILE_STOPS if re.fullmatch(pattern, source.path)), None)
    lines = source.text.count("\n")
    return [f"{source.path}: {lines} lines, more than {stop}"] if stop and lines > stop else []


# Written apart so that this file does not break its own law.
MACHINE_PATHS = re.compile(
    "|".join(
        "".join(parts)
        for parts in (
            (r"(?<![\w.])/ro", r"ot/[\w.]"), ("/home", "/[a-z]+/"),
            ("py", r"pi\.org"), ("python", r"hosted\.org"), (r"registry\.npm", "js"), ("--index", "-url https?:"),
        )
    )
)  # fmt: skip


def names_no_machine(source: Source) -> list[str]:
    """Nothing tracked names a folder of the machine it was written on, or a package registry."""
    return [
        f"{source.path}:{number}: {hit.group()}"
        for number, line in enumerate(source.text.splitlines(), 1)
        if (hit := MACHINE_PATHS.search(line))
    ]


def every(law: Callable[[Source], list[str]], files: list[Source]) -> list[str]:
    """All violations of a law, for an assertion that prints them."""
    assert files, "the rule looked at nothing"
    return [violation for file in files for violation in law(file)]
