"""`huichang import PATH… --dealer CODE`: load exports of other systems into a store.

Exit status 0, also when rows were refused; 2 when a file cannot be read at all, when no file holds a row we know what to
do with, or when the store is unknown.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huichang.interfaces.console.words import say, spoken

if TYPE_CHECKING:
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.intake.models import ImportRun
    from huichang.domains.intake.planning import Plan, Source

ENDINGS = {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".csv", ".txt", ".tsv", ".htm", ".html", ".xml", ".zip"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help=say("文件或文件夹", "files or folders"))
    parser.add_argument("--dealer", required=True, metavar="CODE", help=say("门店代码", "the store's code"))
    parser.add_argument(
        "--dry-run", action="store_true", help=say("只试算,不写入", "try everything, keep nothing")
    )
    parser.add_argument(
        "--json", action="store_true", help=say("结果输出为 JSON", "print the result as JSON")
    )
    parser.add_argument(
        "--refused", metavar="FILE", help=say("把未导入的行写成工作簿", "write refused rows as xlsx")
    )


def run(args: argparse.Namespace) -> int:
    with spoken():
        return _run(args)


def _run(args: argparse.Namespace) -> int:
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.intake.reading import Unreadable
    from huichang.domains.intake.uploads import unpacked_on_disk

    dealer = Dealer.objects.filter(code=args.dealer).first()
    if dealer is None:
        sys.stderr.write(say(f"没有代码为 {args.dealer} 的门店\n", f"there is no store {args.dealer}\n"))
        return 2
    try:
        _check_target(args.refused)
        with unpacked_on_disk(_sources(args.paths)) as opened:
            loaded, result = _load(dealer, opened, is_dry_run=args.dry_run)
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _tell(args, dealer, loaded, result)
    return 0


def _check_target(refused: str | None) -> None:
    """Whether the workbook of refused rows can be written, asked before anything is imported."""
    from huichang.domains.intake.reading import Unreadable

    folder = Path(refused).absolute().parent if refused else None
    if folder and (not os.access(folder, os.W_OK) or Path(str(refused)).is_dir()):
        raise Unreadable(say(f"{refused}:不能写到这里", f"{refused}: cannot be written there"))


def _tell(args: argparse.Namespace, dealer: Dealer, loaded: ImportRun, result: dict[str, Any]) -> None:
    """What became of every row: on standard output nothing but it."""
    skipped = result.get("skipped", [])
    _name_skipped(skipped)
    refusals = _refusals(dealer, loaded)
    if args.refused and refusals:
        _write_workbook(dealer, loaded, Path(args.refused))
    if args.json:
        told = {"sheets": result["sheets"], "refusals": refusals, "skipped": skipped}
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    else:
        _print(result, refusals, is_dry_run=args.dry_run)


def _sources(paths: list[str]) -> list[Source]:
    """Files as given, folders with everything in them that looks like a table."""
    from huichang.domains.intake.planning import Source
    from huichang.domains.intake.reading import Unreadable

    found: list[Source] = []
    for text in paths:
        path = Path(text)
        if not text.strip():
            raise Unreadable(say("路径是空的", "a path is empty"))
        if path.is_dir():
            inside = sorted(
                p for p in path.iterdir() if p.suffix.lower() in ENDINGS and p.name[0] not in ".~"
            )
            found += (Source(p, p.name) for p in inside)
        elif path.is_file():
            found.append(Source(path, path.name))
        elif path.exists():
            raise Unreadable(say(f"{text}:不是文件,也不是文件夹", f"{text}: neither a file nor a folder"))
        else:
            raise Unreadable(say(f"{text}:没有这个文件", f"{text}: there is no such file"))
    if not found:
        raise Unreadable(say("没有可以导入的文件", "there is no file to import"))
    return found


def _load(dealer: Dealer, sources: list[Source], *, is_dry_run: bool) -> tuple[ImportRun, dict[str, Any]]:
    from django.utils import timezone

    from huichang.domains.intake.planning import make_plan
    from huichang.domains.intake.reading import Unreadable
    from huichang.domains.intake.running import begun, carry_out
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope

    actor = system("huichang import")
    with dealer_scope(dealer.pk):
        plan = make_plan(sources)
        if plan.takes_nothing:
            raise Unreadable(_nothing_in(plan))
    run = begun(dealer=dealer, plan=plan, is_dry_run=is_dry_run, actor=actor, now=timezone.now())
    with run as started:
        watch = _show_progress(started.rows_total) if sys.stderr.isatty() else None
        result = carry_out(
            run=started, dealer=dealer, sources=sources, actor=actor, clock=timezone.now, watch=watch
        )
    return started, result


def _nothing_in(plan: Plan) -> str:
    """Why not one row of these files would be taken."""
    if plan.is_empty:
        return say(
            "文件里没有数据行(只有表头,或是空表)", "the files hold no rows: only headings, or empty sheets"
        )
    return say(
        "没有认出任何一张表。请在导入页面指定它的类型和各列,系统会记住。",
        "no sheet was recognised. Name its kind and columns on the import page; that is remembered.",
    )


def _show_progress(total: int) -> Any:
    def show(stage: str, done: int) -> None:
        share = 100 * done // total if total else 100
        sys.stderr.write(f"\r\033[K{stage} {done}/{total} ({share} %)")
        if stage == "to-dos":
            sys.stderr.write("\r\033[K")

    return show


def _refusals(dealer: Dealer, loaded: ImportRun) -> list[dict[str, Any]]:
    from huichang.domains.intake.queries import refusals_as_json
    from huichang.kernel.scoping import dealer_scope

    with dealer_scope(dealer.pk):
        return refusals_as_json(loaded)


def _name_skipped(skipped: list[dict[str, Any]]) -> None:
    """Say which sheets are none of ours, so that a table with unknown headings is not overlooked."""
    for sheet in skipped:
        if sheet["rows"] > 1:  # a single line is a note
            where = f"{sheet['file']}/{sheet['sheet']}"
            sys.stderr.write(
                say(
                    f"{where}:没有认出是什么表,跳过 {sheet['rows']} 行。请在导入页面指定它的类型和各列。\n",
                    f"{where}: not recognised, {sheet['rows']} rows skipped. Name its kind and columns on the import page.\n",
                )
            )


def _write_workbook(dealer: Dealer, loaded: ImportRun, path: Path) -> None:
    from huichang.domains.intake.queries import refused_workbook
    from huichang.kernel.scoping import dealer_scope

    with dealer_scope(dealer.pk):
        path.write_bytes(refused_workbook(loaded))


def _print(result: dict[str, Any], refusals: list[dict[str, Any]], *, is_dry_run: bool) -> None:
    heads = say(
        "文件/表 行 新建 更新 不变 合并 拒绝", "file/sheet rows created updated unchanged merged refused"
    ).split()
    sys.stdout.write("  ".join(heads) + "\n")
    for sheet in result["sheets"]:
        names = ("rows", "created", "updated", "unchanged", "merged", "refused")
        figures = "  ".join(str(sheet[name]) for name in names)
        sys.stdout.write(f"{sheet['file']}/{sheet['sheet']} ({sheet['kind']})  {figures}\n")
        for title, classes in ((say("修正", "fixed"), sheet["fixed"]), (say("待办", "set aside"), sheet["set_aside"]),
                               (say("存疑", "flagged"), sheet["flagged"]),
                               (say("不是数据", "no records"), sheet["left_out"])):  # fmt: skip
            if classes:
                text = ", ".join(f"{name} {count}" for name, count in classes.items())
                sys.stdout.write(f"    {title}: {text}\n")
    for one in refusals[:20]:
        sys.stdout.write(
            f"{one['file']}/{one['sheet']}!{one['row']} {one['column']}: {one['reason']} → {one['remedy']}\n"
        )
    if len(refusals) > 20:
        count = len(refusals)
        sys.stdout.write(
            say(
                f"…共 {count} 处,用 --refused 文件.xlsx 取回\n",
                f"… {count} in all: use --refused FILE.xlsx\n",
            )
        )
    if is_dry_run:
        sys.stdout.write(say("试算:没有写入任何数据\n", "dry run: nothing was kept\n"))
