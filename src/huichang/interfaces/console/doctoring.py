"""`huichang doctor`: look at everything an installation needs and say in plain words what is wrong.

Exit status 0 when all is well (warnings included), 1 when something is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict

from huichang.config import database as configured
from huichang.interfaces.console import checks, database
from huichang.interfaces.console.checks import Finding, Verdict
from huichang.interfaces.console.words import say

STANDALONE = True
SIGNS = {Verdict.FINE: "✓", Verdict.WARNING: "!", Verdict.WRONG: "✗"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help=say("输出 JSON", "print JSON"))


def run(args: argparse.Namespace) -> int:
    findings = examine()
    wrong = [finding for finding in findings if finding.verdict is Verdict.WRONG]
    if args.json:
        json.dump([asdict(finding) for finding in findings], sys.stdout, ensure_ascii=False, indent=1)
        sys.stdout.write("\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{SIGNS[finding.verdict]} {finding.what}: {finding.text}\n")
            if finding.remedy:
                sys.stdout.write(f"    → {finding.remedy}\n")
        sys.stdout.write(
            say(f"\n{len(wrong)} 个问题\n", f"\n{len(wrong)} problem(s)\n")
            if wrong
            else say("\n一切正常\n", "\nall is well\n")
        )
    return 1 if wrong else 0


def examine() -> Sequence[Finding]:
    """Every check, in the order in which one depends on another."""
    home = configured.home(os.environ)
    findings = [checks.home(home), checks.disk(home)]
    was_running = checks.run_is_up(home)
    try:
        with database.available():
            return [*findings, *_examine_database(was_running=was_running)]
    except database.Unavailable as error:
        return [*findings, checks.unreachable(str(error))]


def _examine_database(*, was_running: bool) -> Sequence[Finding]:
    database.set_up_django()
    reached = checks.reachable()
    if reached.verdict is Verdict.WRONG:
        return [reached, checks.time_zone()]
    questions: list[Callable[[], Finding | Iterable[Finding]]] = [
        checks.version, checks.migrations, checks.connects_as_app, checks.row_security, checks.clock,
        checks.time_zone, checks.calendar, lambda: checks.worker(was_running=was_running),
    ]  # fmt: skip
    findings = [reached]
    for question in questions:
        findings.extend(_answers(question))
        if findings[-1].code == "migrations" and findings[-1].verdict is Verdict.WRONG:
            return [*findings, checks.clock(), checks.time_zone()]  # the rest asks tables that may be absent
    return findings


def _answers(question: Callable[[], Finding | Iterable[Finding]]) -> list[Finding]:
    """A question that the database refuses to answer is itself a finding."""
    from django.db import Error

    try:
        answer = question()
        return [answer] if isinstance(answer, Finding) else list(answer)
    except Error as error:
        return [
            Finding(
                "refused", Verdict.WRONG, say("数据库", "database"), str(error).strip(), "huichang migrate"
            )
        ]
