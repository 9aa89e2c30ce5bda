"""`huichang remind`: work out who is due, now, and print what it found."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date

from huichang.interfaces.console import arguments
from huichang.interfaces.console.words import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--dealer", metavar="CODE", help=say("门店代码", "a store's code"))
    which.add_argument("--all", action="store_true", help=say("所有门店", "every store"))
    parser.add_argument(
        "--as-of",
        type=arguments.day,
        metavar="DATE",
        help=say("按哪一天算(默认今天)", "the day (today)"),
    )
    parser.add_argument("--json", action="store_true", help=say("输出 JSON", "print JSON"))


def run(args: argparse.Namespace) -> int:
    """Exit status 2 when there is no such store."""
    from django.utils import timezone

    from huichang.domains.dealers.models import Dealer
    from huichang.domains.reminders import batch
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope, unscoped
    from huichang.kernel.worktime import local_date

    now = timezone.now()
    as_of = args.as_of or local_date(now)
    moment = now if as_of == local_date(now) else None
    if args.all:
        with unscoped("a run for the nation, asked for at the console"):
            result = batch.run(actor=system("huichang remind"), as_of=as_of, now=moment)
    else:
        dealer = Dealer.objects.filter(code=args.dealer).first()
        if dealer is None:
            sys.stderr.write(
                say(f"没有代码为 {args.dealer} 的门店", f"there is no store with the code {args.dealer}")
                + "\n"
            )
            return 2
        with dealer_scope(dealer.pk):
            result = batch.run(actor=system("huichang remind"), as_of=as_of, dealers=[dealer], now=moment)
    sys.stdout.write(_json(result, as_of) if args.json else _table(result, as_of))
    return 0


def _json(result: object, as_of: date) -> str:
    from huichang.domains.reminders.batch import RunResult

    assert isinstance(result, RunResult)
    return json.dumps({"as_of": as_of.isoformat(), **result.as_dict()}, ensure_ascii=False, indent=1) + "\n"


def _table(result: object, as_of: date) -> str:
    from django.utils import translation

    from huichang.domains.reminders.batch import RunResult
    from huichang.domains.reminders.kinds import KINDS
    from huichang.interfaces.console.words import is_chinese

    assert isinstance(result, RunResult)
    lines = [say(f"{as_of} 到期(新 / 变动 / 结束 / 现有)", f"due on {as_of} (new / moved / closed / open)")]
    with translation.override("zh-hans" if is_chinese() else "en"):
        for code, kind in KINDS.items():
            numbers = (counts[code] for counts in (result.new, result.moved, result.closed, result.open))
            lines.append("".join(f"{number:>8}" for number in numbers) + f"  {kind.label}")
    lines.append(
        say(
            f"新个案 {result.new_cases},结束 {result.closed_cases},致电任务 {result.tasks},消息 {result.messages}",
            f"cases: {result.new_cases} new, {result.closed_cases} closed; "
            f"{result.tasks} calls, {result.messages} messages",
        )
    )
    return "\n".join(lines) + "\n"
