"""The laws of the sources. Beside each: a planted violation that it must see."""

from __future__ import annotations

from functools import partial

import pytest

from tests.rules import code_laws as laws
from tests.rules.reading import PACKAGE, ROOT, Source, sources, tracked_files

DOMAINS = "domains/**/*.py"

# Where every store is looked at together, and why it may be.
UNSCOPED = {
    "domains/dealers/queries.py": "a person's stores and the manufacturer's values precede any scope",
    "domains/dealers/operations/posts.py": "all posts of a person decide how far they reach",
    "interfaces/hooks/views.py": "the address of a provider's call names the store",
    "domains/contacts/jobs.py": "which stores have messages to send is asked of all at once",
    "domains/appointments/jobs.py": "holds of every store expire in one run",
    "interfaces/portal/codes.py": "before sign-in a visitor belongs to no store",
    "interfaces/portal/entry.py": "what a store offers those who register is told before sign-in",
    "domains/owners/limits.py": "limits of signing in hold before a store is known",
    "domains/owners/queries.py": "an owner's cars lie in several stores",
    "domains/owners/batch.py": "an account has a car when any store says so",
    "interfaces/staff/accounts/views.py": "a person's own posts lie in several stores",
    "interfaces/console/migrating.py": "codes and scripts of the network belong to no store",
    "interfaces/console/reminding.py": "a run for the nation, asked for at the console",
    "interfaces/console/screens.py": "samples of the page registry, for pictures of the demo",
}

# Public functions of `operations` that cannot be operations.
NOT_OPERATIONS = {
    "domains/accounts/operations.py:sign_in": "nobody is signed in yet; a refused try must stay written",
    "domains/workshop/operations.py:owner_on": "a read that recording a visit rests on",
    "domains/intake/operations.py:files_on_disk": "lends a job its files and writes nothing",
    "domains/owners/operations/signing_in.py:ask_code": "nobody is signed in yet; a refused try must stay written",
    "domains/owners/operations/signing_in.py:enter": "nobody is signed in yet; a wrong code must stay counted",
    "domains/owners/operations/signing_in.py:begin_session": "part of signing in",
    "domains/owners/operations/signing_in.py:join_wechat": "part of signing in by WeChat",
    "domains/owners/operations/register.py:look_for_car": "nobody is signed in yet; a refused try must stay written",
    "domains/owners/operations/register.py:finish_errand": "part of signing in: binds as the owner in each store",
    "domains/owners/operations/register.py:accept_invite": "part of signing in: binds as the invited person",
    "domains/accounts/operations.py:check_totp": "part of signing in: the actor is not known before it",
}

# Commands that build an installation before anybody can act in it.
BUILD_INSTALLATIONS = {
    "interfaces/console/demo.py": "makes the demo's people, as an installer would",
    "interfaces/console/createuser.py": "the first person cannot be made by a person",
}


def planted(text: str, path: str = "domains/planted/operations.py") -> Source:
    return Source(path, text)


def test_domains_do_not_read_the_clock() -> None:
    assert laws.every(laws.clock_is_passed_in, sources(DOMAINS)) == []


@pytest.mark.parametrize(
    "call", ["timezone.now()", "dt.datetime.now(tz=CHINA)", "date.today()", "time.time()"]
)
def test_a_read_clock_is_seen(call: str) -> None:
    assert laws.clock_is_passed_in(planted(f"def due():\n    return {call}\n"))


def test_a_job_may_read_the_clock() -> None:
    assert laws.clock_is_passed_in(planted("timezone.now()", "domains/planted/jobs.py")) == []


def test_nobody_goes_round_the_manager() -> None:
    files = sources(DOMAINS, "interfaces/**/*.py", "channels/**/*.py")
    assert laws.every(laws.managers_are_not_bypassed, files) == []


def test_a_bypassed_manager_is_seen() -> None:
    assert laws.managers_are_not_bypassed(planted("Car._base_manager.all()"))


def test_unscoped_has_a_reason_and_a_place() -> None:
    files = [s for s in sources("**/*.py") if not s.path.startswith("kernel/")]
    assert laws.every(partial(laws.unscoped_says_why, allowed=UNSCOPED), files) == []


def test_the_list_of_unscoped_files_is_not_longer_than_needed() -> None:
    assert [
        path for path in UNSCOPED if "unscoped(" not in (PACKAGE / path).read_text(encoding="utf-8")
    ] == []


@pytest.mark.parametrize(
    "call", ["unscoped('')", "unscoped(reason)", "unscoped()", "scoping.unscoped('why not')"]
)
def test_unscoped_without_a_reason_is_seen(call: str) -> None:
    assert laws.unscoped_says_why(planted(call, "a.py"), allowed={"a.py"})


def test_unscoped_in_another_file_is_seen() -> None:
    assert laws.unscoped_says_why(planted("unscoped('month-end counts every store')"), allowed={"a.py"})


def test_domains_know_no_web() -> None:
    assert laws.every(laws.domain_knows_no_web, sources(DOMAINS)) == []
    assert [str(folder) for folder in PACKAGE.glob("domains/**/templates")] == []


@pytest.mark.parametrize(
    "line", ["from django.http import HttpRequest", "import django.shortcuts", "from django import forms"]
)
def test_web_in_a_domain_is_seen(line: str) -> None:
    assert laws.domain_knows_no_web(planted(line))


def test_no_signals_anywhere() -> None:
    assert laws.every(laws.no_signals, sources("**/*.py")) == []


def test_a_signal_is_seen() -> None:
    assert laws.no_signals(planted("from django.db.models.signals import post_save"))
    assert laws.no_signals(planted("from django.dispatch import receiver"))


def test_models_keep_save_as_it_is() -> None:
    assert laws.every(laws.no_logic_in_save, sources(DOMAINS, "kernel/**/*.py")) == []


def test_an_overridden_save_is_seen() -> None:
    assert laws.no_logic_in_save(planted("class Car:\n    def save(self):\n        self.x = 1\n"))


def test_public_functions_of_operations_are_operations() -> None:
    files = sources("domains/*/operations*.py", "domains/*/operations/*.py")
    law = partial(laws.operations_are_declared, exceptions=NOT_OPERATIONS)
    assert laws.every(law, files) == []


def test_an_undeclared_operation_is_seen() -> None:
    law = partial(laws.operations_are_declared, exceptions=())
    assert law(planted("def book(*, actor):\n    Booking.objects.create()\n"))
    assert not law(planted("@operation(P.BOOK)\ndef book(*, actor):\n    Booking.objects.create()\n"))
    assert not law(planted("def _plan(*, actor):\n    return 1\n"))


def test_interfaces_write_through_operations() -> None:
    files = [s for s in sources("interfaces/**/*.py") if s.path not in BUILD_INSTALLATIONS]
    assert laws.every(laws.interfaces_write_nothing, files) == []


@pytest.mark.parametrize(
    "line",
    [
        "Car.objects.create(plate='')", "Car.objects.filter(pk=1).update(plate='')",
        "models.Car.objects.filter(pk=1).delete()", "car.save(update_fields=['plate'])",
    ],
)  # fmt: skip
def test_a_write_in_a_page_is_seen(line: str) -> None:
    assert laws.interfaces_write_nothing(planted(line, "interfaces/staff/planted/views.py"))


def test_functions_stop_at_fifty_lines() -> None:
    assert laws.every(laws.functions_are_short, sources("**/*.py")) == []


def test_a_long_function_is_seen() -> None:
    assert laws.functions_are_short(planted("def f():\n" + "    x = 1\n" * 50))
    assert not laws.functions_are_short(planted("def f():\n" + "    x = 1\n" * 49))


def test_files_stop() -> None:
    assert laws.every(laws.file_is_short, sources("**/*.py", "**/*.sql", "**/templates/**/*.html")) == []


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("interfaces/staff/x/views.py", 301), ("interfaces/staff/templates/staff/x/list.html", 121),
        ("domains/x/models.py", 301), ("domains/x/operations/y.py", 351), ("domains/x/sql/due.sql", 81),
        ("domains/x/anything.py", 401),
    ],
)  # fmt: skip
def test_a_long_file_is_seen(path: str, lines: int) -> None:
    assert laws.file_is_short(Source(path, "\n" * lines))
    assert not laws.file_is_short(Source(path, "\n" * (lines - 1)))


def _texts() -> list[Source]:
    found = []
    for file in tracked_files():
        raw = file.read_bytes()
        if b"\0" not in raw[:4096] and "vendor" not in file.parts:
            found.append(Source(str(file.relative_to(ROOT)), raw.decode("utf-8", errors="replace")))
    return found


def test_tracked_files_name_no_machine() -> None:
    assert laws.every(laws.names_no_machine, _texts()) == []


# Written apart so that this file does not break the law itself.
APART = [
    ("/ro", "ot/x"),
    ("/ho", "me/anna/x"),
    ("--index", "-url https://x"),
    ("py", "pi.org/simple"),
]


@pytest.mark.parametrize("line", ["".join(parts) for parts in APART])
def test_a_machine_is_seen(line: str) -> None:
    assert laws.names_no_machine(planted(line))
