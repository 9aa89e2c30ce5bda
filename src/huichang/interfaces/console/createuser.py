"""`huichang createuser NAME --role ROLE …`: make a person with a post in a store, a region or the network."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from huichang.interfaces.console.words import say

if TYPE_CHECKING:
    from huichang.domains.accounts.models import Role, User


class Mistake(Exception):
    """What was asked for does not exist; the message says what does."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("username", help=say("登录名", "sign-in name"))
    parser.add_argument("--name", help=say("姓名", "the person's name"))
    parser.add_argument("--role", required=True, help=say("角色代码", "code of the role"))
    parser.add_argument(
        "--dealer", metavar="CODE", help=say("门店代码（门店角色）", "store, for a store's role")
    )
    parser.add_argument(
        "--region", metavar="CODE", help=say("大区代码（大区角色）", "region, for a region's role")
    )
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help=say("从标准输入读取密码", "read the password from standard input"),
    )


def run(args: argparse.Namespace) -> int:
    from huichang.kernel.operations import OperationRefused

    try:
        password = _password(from_stdin=args.password_stdin)
        create(args, password, now=timezone.now())
    except (Mistake, OperationRefused) as error:
        sys.stderr.write(f"huichang: {error}\n")
        return 1
    sys.stdout.write(
        say(
            f"已建立 {args.username}，首次登录须修改密码\n",
            f"made {args.username}; the first sign-in asks for a new password\n",
        )
    )
    return 0


def create(args: argparse.Namespace, password: str, *, now: datetime) -> User:
    """The person and their post, both or neither. Raises Mistake or OperationRefused."""
    from huichang.domains.accounts.operations import add_user
    from huichang.kernel.actors import system

    with transaction.atomic():
        role = _role(args.role)
        user = add_user(
            username=args.username,
            name=args.name or args.username,
            password=password,
            actor=system("huichang createuser"),
        )
        _give_post(args, user, role, now)
    return user


def _give_post(args: argparse.Namespace, user: User, role: Role, now: datetime) -> None:
    from huichang.domains.accounts.models import Level
    from huichang.domains.dealers.models import Dealer, Region
    from huichang.domains.dealers.operations import give_network_post, give_post
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope
    from huichang.kernel.worktime import local_date

    actor, today = system("huichang createuser"), local_date(now)
    if role.level == Level.DEALER:
        dealer = Dealer.objects.filter(code=args.dealer or "").first()
        if dealer is None:
            codes = ", ".join(Dealer.objects.order_by("code").values_list("code", flat=True)[:20]) or "-"
            raise Mistake(
                say(
                    f"请用 --dealer 指定门店，现有：{codes}",
                    f"name a store with --dealer; there are: {codes}",
                )
            )
        with dealer_scope(dealer.pk):
            give_post(dealer=dealer, user=user, role=role, start_date=today, actor=actor)
        return
    region = Region.objects.filter(code=args.region).first() if args.region else None
    if role.level == Level.REGION and region is None:
        codes = ", ".join(Region.objects.order_by("code").values_list("code", flat=True)[:20]) or "-"
        raise Mistake(
            say(f"请用 --region 指定大区，现有：{codes}", f"name a region with --region; there are: {codes}")
        )
    give_network_post(user=user, role=role, region=region, start_date=today, actor=actor)


def _role(code: str) -> Role:
    from huichang.domains.accounts.models import Role

    role = Role.objects.filter(code=code).first()
    if role is None:
        codes = ", ".join(Role.objects.order_by("code").values_list("code", flat=True))
        raise Mistake(say(f"没有角色 {code}，现有：{codes}", f"there is no role {code}; there are: {codes}"))
    return role


def _password(*, from_stdin: bool) -> str:
    if from_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass(say("密码：", "Password: "))
    if first != getpass.getpass(say("再输一次：", "Once more: ")):
        raise Mistake(say("两次输入不一致", "the two are not the same"))
    return first
