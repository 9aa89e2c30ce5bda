"""`huichang dealer add CODE --name NAME`: make a store."""

from __future__ import annotations

import argparse
import sys

from huichang.interfaces.console.words import say, spoken


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help=say("新增门店", "add a store"))
    add.add_argument("code", help=say("门店代码，如 E01", "code of the store, such as E01"))
    add.add_argument("--name", required=True, help=say("门店名称", "name of the store"))
    add.add_argument("--city", default="", help=say("城市", "city"))
    actions.add_parser("list", help=say("列出门店", "list the stores"))


def run(args: argparse.Namespace) -> int:
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.dealers.operations import add_dealer
    from huichang.kernel.actors import system
    from huichang.kernel.operations import OperationRefused

    if args.action == "list":
        for dealer in Dealer.objects.order_by("code"):
            sys.stdout.write(f"{dealer.code}\t{dealer.name}\n")
        return 0
    try:
        with spoken():
            dealer = add_dealer(
                code=args.code, name=args.name, city=args.city, actor=system("huichang dealer add")
            )
    except OperationRefused as error:
        sys.stderr.write(f"huichang: {error}\n")
        return 1
    sys.stdout.write(
        say(f"已建立门店 {dealer.code} {dealer.name}\n", f"made store {dealer.code} {dealer.name}\n")
    )
    return 0
