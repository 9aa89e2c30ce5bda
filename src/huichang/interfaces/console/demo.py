"""`huichang demo`: two stores, a region, one person for every role, an imported export, reminders worked out."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from huichang.config import database as configured
from huichang.interfaces.console.words import is_chinese, say

if TYPE_CHECKING:
    from huichang.domains.accounts.models import Role, User
    from huichang.domains.dealers.models import Dealer, Region

PASSWORD = "huichang-demo"  # noqa: S105 - printed at every start; the demo listens on this machine only
EAST, WEST, REGION = "E01", "W01", "EAST"


class SignIn(NamedTuple):
    """A demo person: `place` is a store's code, a region's, or empty for the manufacturer."""

    username: str
    name: str
    role: str
    chinese: str
    english: str
    place: str = EAST


# One per role of `accounts.roles`, so that each can be tried; 赵 works in the other store and must never see ours.
SIGN_INS = (
    SignIn("sun", "孙晓梅", "dcrc_agent", "DCRC 专员", "DCRC agent"),
    SignIn("zhou", "周敏", "dcrc_lead", "DCRC 主管", "DCRC supervisor"),
    SignIn("wu", "吴佳", "appointment_clerk", "预约专员", "appointment clerk"),
    SignIn("li", "李伟", "service_advisor", "服务顾问", "service advisor"),
    SignIn("zheng", "郑强", "foreman", "车间主管", "workshop foreman"),
    SignIn("feng", "冯涛", "technician", "维修技师", "technician"),
    SignIn("chen", "陈静", "parts_clerk", "配件专员", "parts clerk"),
    SignIn("chu", "褚芳", "cashier", "收银员", "cashier"),
    SignIn("wei", "卫东", "sales_advisor", "销售顾问", "sales advisor"),
    SignIn("wang", "王建国", "service_manager", "服务经理", "service manager"),
    SignIn("jiang", "蒋华", "store_manager", "站长", "store manager"),
    SignIn("shen", "沈洁", "store_admin", "系统管理员", "system administrator"),
    SignIn("lyu", "吕洁", "settlement_clerk", "结算员", "settlement clerk"),
    SignIn("shi", "施雯", "finance", "财务", "finance"),
    SignIn("xu", "许婷", "cs_clerk", "客服回访员", "customer care clerk"),
    SignIn("he", "何琳", "cs_manager", "客服经理", "customer care manager"),
    SignIn("qin", "秦岳", "business_supervisor", "业务主管", "business supervisor"),
    SignIn("you", "尤刚", "team_leader", "班组长", "team leader"),
    SignIn("kong", "孔亮", "quality_inspector", "质检员", "quality inspector"),
    SignIn("cao", "曹军", "technical_director", "技术总监", "technical director"),
    SignIn("yan", "严丽", "sales_clerk", "销售内勤", "sales clerk"),
    SignIn("hua", "华峰", "sales_manager", "销售经理", "sales manager"),
    SignIn("jin", "金波", "general_manager", "总经理", "general manager"),
    SignIn("tao", "陶然", "investor", "投资人", "owner / investor"),
    SignIn("zhao", "赵敏", "service_manager", "服务经理 · 西区店", "service manager, west store", WEST),
    SignIn("han", "韩磊", "region_manager", "大区经理", "region manager", REGION),
    SignIn("yang", "杨帆", "maker_manager", "主机厂售后管理", "manufacturer after-sales", ""),
    SignIn("zhu", "朱颖", "maker_care", "主机厂客服专员", "manufacturer care specialist", ""),
    SignIn("mi", "宓可", "maker_complaints", "主机厂投诉专员", "manufacturer complaint specialist", ""),
    SignIn("xi", "奚文", "maker_technical", "主机厂技术支持", "manufacturer technical support", ""),
    SignIn("fan", "范蕊", "maker_marketing", "主机厂市场部", "manufacturer marketing", ""),
    SignIn("lang", "郎平安", "maker_legal", "主机厂法务", "manufacturer legal", ""),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--people-only", action="store_true", help=say("不导入数据", "do not import any data")
    )


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    if not ensure_demo(home=configured.home(os.environ), now=timezone.now(), with_data=not args.people_only):
        sys.stdout.write(say("已有门店，不建立演示数据\n", "there are stores already: no demo is built\n"))
    return 0


def unfinished(home: Path) -> Path:
    """The file that exists while the demo is being built: after a kill the next start goes on with it."""
    return home / "demo.unfinished"


def ensure_demo(*, home: Path, now: datetime, with_data: bool = True) -> bool:
    """Build the demo in an empty database, or finish it: people, then the import, then the reminders.

    False when there are stores that are not an unfinished demo. Every step may be repeated.
    """
    from huichang.domains.dealers.models import Dealer
    from huichang.kernel.worktime import local_date

    today, mark = local_date(now), unfinished(home)
    if not Dealer.objects.exists():
        mark.touch()
        _make_people(today)
    elif not mark.exists():
        return False
    if with_data:
        dealer = Dealer.objects.get(code=EAST)
        _import_export(dealer, today)
        _know_each_other(dealer)
        _stock_parts(dealer, now)
        _open_channels(dealer, now)
        _remind(dealer)
        _count_months(dealer, now)
        _fill_days(dealer, now)
        _register_owners(dealer, now)
        _keep_bookings(dealer, now)
        _prepare_parts(dealer, now)
        _call_customers(dealer, now)
    mark.unlink()
    return True


def _make_people(today: date) -> None:
    from django.contrib.auth.hashers import make_password
    from django.db import transaction

    from huichang.domains.accounts.models import Role, User

    with transaction.atomic():
        region, stores = _make_stores()
        # One hash for all, and no change of password at the first sign-in: everybody knows it anyway.
        password = make_password(PASSWORD)
        roles = {role.code: role for role in Role.objects.all()}
        for person in SIGN_INS:
            user = User.objects.create(
                username=person.username, name=person.name, password=password,
                email=f"{person.username}@example.com",
            )  # fmt: skip
            _give_post(user, roles[person.role], person.place, region, stores, today)


def _make_stores() -> tuple[Region, dict[str, Dealer]]:
    from huichang.domains.dealers.models import Region
    from huichang.domains.dealers.operations import add_dealer
    from huichang.kernel.actors import system

    actor = system("huichang demo")
    region = Region.objects.create(code=REGION, name="华东大区")
    named = ((EAST, "东区店"), (WEST, "西区店"))
    return region, {
        code: add_dealer(code=code, name=name, region=region, city="上海", actor=actor)
        for code, name in named
    }


def _give_post(
    user: User, role: Role, place: str, region: Region, stores: dict[str, Dealer], today: date
) -> None:
    from huichang.domains.dealers.operations import give_network_post, give_post
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope

    actor = system("huichang demo")
    if dealer := stores.get(place):
        with dealer_scope(dealer.pk):
            give_post(dealer=dealer, user=user, role=role, start_date=today, actor=actor)
        return
    give_network_post(user=user, role=role, region=region if place else None, start_date=today, actor=actor)


def _import_export(dealer: Dealer, today: date) -> None:
    """The way of every store: files written by another system, read by `huichang import`."""
    from huichang.domains.intake.demo import write_export
    from huichang.interfaces.console.main import main

    with tempfile.TemporaryDirectory(prefix="huichang-demo-") as folder:
        write_export(Path(folder), today=today)
        main(["import", folder, "--dealer", dealer.code])


def _know_each_other(dealer: Dealer) -> None:
    """Who signs in and who stands in the export's list of people are one: each sees first what is theirs."""
    from huichang.domains.catalog.models import StaffMember
    from huichang.domains.catalog.operations import save_person
    from huichang.domains.dealers.queries import people_of
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope

    with dealer_scope(dealer.pk):
        users = {user.name: user for user in people_of(dealer)}
        for person in StaffMember.objects.filter(dealer=dealer, name__in=users, user=None):
            person.user = users[person.name]
            save_person(person=person, actor=system("huichang demo"))


def _remind(dealer: Dealer) -> None:
    from huichang.interfaces.console.main import main

    main(["remind", "--dealer", dealer.code])


def _count_months(dealer: Dealer, now: datetime) -> None:
    """The census of last month, closed, and the plan of this one: what the nights before would have left."""
    from django.db import connections

    from huichang.domains.reminders import months as month_runs
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import dealer_scope
    from huichang.kernel.worktime import add_months, local_date

    with connections["owner"].cursor() as cursor:
        # The tables were empty a moment ago; planning by those statistics takes minutes instead of a second.
        cursor.execute("ANALYZE")
    this_month = local_date(now).replace(day=1)
    actor = system("huichang demo")
    with dealer_scope(dealer.pk):
        month_runs.plan_month(actor=actor, month=this_month, now=now, dealers=[dealer])
        month_runs.freeze_month(actor=actor, month=add_months(this_month, -1), now=now, dealers=[dealer])


def _fill_days(dealer: Dealer, now: datetime) -> None:
    """Bookings of the days around today, some kept, some not, some still to come."""
    from huichang.domains.appointments.demo import furnish
    from huichang.kernel.scoping import dealer_scope

    with dealer_scope(dealer.pk):
        furnish(dealer, now)


def _open_channels(dealer: Dealer, now: datetime) -> None:
    from huichang.interfaces.console.demo_channels import set_up

    set_up(dealer, now)


def _register_owners(dealer: Dealer, now: datetime) -> None:
    from huichang.interfaces.console.demo_owners import add_owners

    add_owners(dealer, now)


def _keep_bookings(dealer: Dealer, now: datetime) -> None:
    from huichang.interfaces.console.demo_bookings import add_bookings

    add_bookings(dealer, now)


def _stock_parts(dealer: Dealer, now: datetime) -> None:
    from huichang.domains.dealers.models import Dealer as Stores
    from huichang.interfaces.console.demo_parts import stock_room

    stock_room(dealer, Stores.objects.get(code=WEST), now)


def _prepare_parts(dealer: Dealer, now: datetime) -> None:
    from huichang.interfaces.console.demo_parts import prepare

    prepare(dealer, now)


def _call_customers(dealer: Dealer, now: datetime) -> None:
    from huichang.interfaces.console.demo_calls import make_calls

    make_calls(dealer, now)


def sign_in_lines() -> Iterator[str]:
    """The demo's sign-ins for the terminal; nothing when the database is no demo."""
    import psycopg

    query = "SELECT username FROM accounts_user WHERE is_active"
    with psycopg.connect(os.environ[configured.OWNER_URL]) as connection:
        known = {name for (name,) in connection.execute(query)}
    people = [person for person in SIGN_INS if person.username in known]
    if len(people) < len(SIGN_INS):
        return
    yield say(f"演示登录（密码都是 {PASSWORD}）：", f"Demo sign-ins (the password is always {PASSWORD}):")
    for person in people:
        yield f"  {person.username:<8}{person.chinese if is_chinese() else person.english}"
