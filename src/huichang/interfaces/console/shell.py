"""`huichang shell`: a Python prompt with the application loaded."""

from __future__ import annotations

import argparse

from django.core.management import call_command

from huichang.interfaces.console.words import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-c", dest="code", help=say("执行这段代码后退出", "run this code and leave"))


def run(args: argparse.Namespace) -> int:
    call_command("shell", command=args.code)
    return 0
