"""`huichang token add CODE --name PURPOSE --permission P…`: a token of the API for a store, printed once."""

from __future__ import annotations

import argparse
import sys

from huichang.interfaces.console.words import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    add = actions.add_parser("add", help=say("新增令牌", "add a token"))
    add.add_argument("code", help=say("门店代码，如 E01", "code of the store, such as E01"))
    add.add_argument("--name", required=True, help=say("用途", "what it is for"))
    add.add_argument(
        "--permission", action="append", required=True, help=say("权限，可重复", "permission; repeatable")
    )
    listing = actions.add_parser("list", help=say("列出令牌", "list the tokens"))
    listing.add_argument("code", help=say("门店代码", "code of the store"))
    revoke = actions.add_parser("revoke", help=say("停用令牌", "revoke a token"))
    revoke.add_argument("code", help=say("门店代码", "code of the store"))
    revoke.add_argument("--name", required=True, help=say("用途", "what it is for"))


def run(args: argparse.Namespace) -> int:
    from huichang.domains.dealers.models import Dealer
    from huichang.kernel.operations import OperationRefused
    from huichang.kernel.scoping import dealer_scope

    dealer = Dealer.objects.filter(code=args.code).first()
    if dealer is None:
        sys.stderr.write(say(f"没有门店 {args.code}\n", f"there is no store {args.code}\n"))
        return 1
    try:
        with dealer_scope(dealer.pk):
            return {"add": _add, "list": _list, "revoke": _revoke}[args.action](args, dealer)
    except OperationRefused as error:
        sys.stderr.write(f"huichang: {error}\n")
        return 1


def _add(args: argparse.Namespace, dealer: object) -> int:
    from django.utils import timezone

    from huichang.domains.dealers.models import Dealer
    from huichang.domains.integrations.operations import add_token
    from huichang.kernel.actors import Permission, system

    known = {member.value for enum in Permission.__subclasses__() for member in enum}
    if unknown := sorted(set(args.permission) - known):
        sys.stderr.write(
            say(f"没有权限 {'、'.join(unknown)}\n", f"unknown permissions: {', '.join(unknown)}\n")
        )
        return 1
    assert isinstance(dealer, Dealer)
    _token, secret = add_token(
        dealer=dealer, name=args.name, permissions=args.permission, actor=system("huichang token add"),
        now=timezone.now(),
    )  # fmt: skip
    sys.stdout.write(f"{secret}\n")
    return 0


def _list(_args: argparse.Namespace, _dealer: object) -> int:
    from django.utils import timezone

    from huichang.domains.integrations.queries import tokens

    for token in tokens():
        end = f"{token.expires_at:%Y-%m-%d}"
        if token.revoked_at:
            end = say("已停用", "revoked")
        elif token.expires_at <= timezone.now():
            end = say("已过期", "expired")
        sys.stdout.write(f"{token.name}\t…{token.hint}\t{end}\t{' '.join(token.permissions)}\n")
    return 0


def _revoke(args: argparse.Namespace, _dealer: object) -> int:
    from django.utils import timezone

    from huichang.domains.integrations.models import ApiToken
    from huichang.domains.integrations.operations import revoke_token
    from huichang.kernel.actors import system

    token = ApiToken.objects.filter(name=args.name, revoked_at=None).first()
    if token is None:
        sys.stderr.write(say(f"没有用途为“{args.name}”的令牌\n", f"there is no token for “{args.name}”\n"))
        return 1
    revoke_token(token=token, actor=system("huichang token revoke"), now=timezone.now())
    return 0
