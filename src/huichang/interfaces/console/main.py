"""`huichang COMMAND …`: finds the one module that does it and imports nothing else.

A command module has `add_arguments(parser)` and `run(args) -> int` (the exit status). Before `run`, the
database is made available (the embedded one is started when it is down, and stopped afterwards) and Django
is set up and the embedded database migrated. A module that says `STANDALONE = True` does all that itself;
`ANY_SCHEMA = True` leaves the tables as they are.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from huichang.interfaces.console import database, schema
from huichang.interfaces.console.words import say

PACKAGE = "huichang.interfaces.console"

# command → (module, Chinese, English)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run": ("running", "一条命令启动：数据库、网页、后台任务", "everything in one: database, web, worker"),
    "serve": ("serving", "网页服务（可多台）", "the web server (any number of them)"),
    "worker": ("working", "后台任务（可多台）", "the background worker (any number of them)"),
    "migrate": ("migrating", "建立或升级数据库", "create or upgrade the database"),
    "doctor": ("doctoring", "检查哪里有问题", "tell what is wrong"),
    "dealer": ("dealers", "新增门店", "add a store"),
    "createuser": ("createuser", "新增用户", "add a user"),
    "token": ("tokens", "接口令牌", "tokens of the API"),
    "import": ("importing", "导入门店导出的文件", "import a store's export"),
    "remind": ("reminding", "立即计算提醒", "work out who is due, now"),
    "demo": ("demo", "建立演示门店", "build the demo store"),
    "fakes": ("fakes", "演示用的短信、微信、邮件服务商", "providers of SMS, WeChat and mail for the demo"),
    "screens": ("screens", "为每个页面截图", "write a picture of every page"),
    "shell": ("shell", "Python 交互环境", "a Python prompt with the application"),
    "manage": ("manage", "Django 管理命令", "Django's management commands"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huichang.config.settings")
    name = next((word for word in given if word in COMMANDS), None)
    parser = _parser(name)
    args, rest = parser.parse_known_args(given)
    if args.home:
        os.environ["HUICHANG_HOME"] = str(Path(args.home).resolve())
    if not name or args.command is None:
        parser.print_help()
        return 0 if not given else 2
    module = _module(name)
    if rest and not getattr(module, "PASSES_REST", False):
        parser.error(say(f"不认识的参数：{' '.join(rest)}", f"unrecognized arguments: {' '.join(rest)}"))
    args.rest = rest
    return _run(module, args)


def _run(module: ModuleType, args: argparse.Namespace) -> int:
    try:
        if getattr(module, "STANDALONE", False):
            return int(module.run(args))
        with database.available():
            database.set_up_django()
            if database.is_ours() and not getattr(module, "ANY_SCHEMA", False):
                schema.ensure_current()
            return int(module.run(args))
    except database.Unavailable as error:
        sys.stderr.write(f"huichang: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    """Only the chosen command's module is imported for its arguments; the others show their help line."""
    parser = argparse.ArgumentParser(
        prog="huichang",
        description=say("回厂：让每台车按时回到车间", "Huichang: brings every car back to its workshop"),
    )
    parser.add_argument("--home", help=say("数据目录（HUICHANG_HOME）", "data folder (HUICHANG_HOME)"))
    commands = parser.add_subparsers(dest="command", metavar=say("命令", "COMMAND"))
    for name, (_module_name, chinese, english) in COMMANDS.items():
        sub = commands.add_parser(name, help=say(chinese, english), description=say(chinese, english))
        sub.add_argument("--home", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        if name == chosen:
            _module(name).add_arguments(sub)
    return parser


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{COMMANDS[name][0]}")


if __name__ == "__main__":
    sys.exit(main())
