"""`huichang manage COMMAND …`: Django's own management commands."""

from __future__ import annotations

import argparse

from django.core.management import execute_from_command_line

from huichang.interfaces.console.words import say

ANY_SCHEMA = PASSES_REST = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("command_line", nargs=argparse.REMAINDER, help=say("Django 命令", "Django's command"))


def run(args: argparse.Namespace) -> int:
    execute_from_command_line(["huichang manage", *args.command_line, *args.rest])
    return 0
