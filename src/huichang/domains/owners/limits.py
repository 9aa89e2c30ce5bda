"""How often somebody may ask for a code or try to register a car: the manufacturer's numbers, in force today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.translation import gettext as _

from huichang.domains.dealers.queries import policies_of_network
from huichang.domains.owners import policies
from huichang.domains.owners.models import OwnerTry, TryKind
from huichang.kernel import sql
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import unscoped
from huichang.kernel.worktime import local_date

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class TooOften(OperationRefused):
    """More tries than the limits allow; the text never tells whether anybody is known."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of signing in."""

    code_life: timedelta
    code_tries: int
    pause: timedelta
    codes_hour: int
    codes_day: int
    address_hour: int
    vin_day: int
    session: timedelta


def limits(now: datetime) -> Limits:
    """What holds for everybody, before a store is known; one query."""
    with unscoped("no store is known before somebody has signed in"):
        found = policies_of_network(policies.SIGN_IN, None, local_date(now))
    value = {key.removeprefix("owners."): item.value for key, item in found.items()}
    return Limits(
        code_life=timedelta(minutes=value["code_minutes"]), code_tries=value["code_tries"],
        pause=timedelta(seconds=value["code_pause_seconds"]), codes_hour=value["codes_per_hour"],
        codes_day=value["codes_per_day"], address_hour=value["codes_per_address"],
        vin_day=value["vin_tries_per_day"], session=timedelta(days=value["session_days"]),
    )  # fmt: skip


def take_turn(mobile_index: str) -> None:
    """Let two requests of one mobile wait for one another until the end of the transaction, so that counts hold."""
    with connection.cursor() as cursor:
        cursor.execute(sql.statement("huichang.domains.owners", "take_turn"), {"key": mobile_index})


def check_codes(*, mobile_index: str, address: str | None, bounds: Limits, now: datetime) -> None:
    """Refuse a code that would be one too many for the mobile or the address. Raises TooOften."""
    codes = OwnerTry.objects.filter(kind=TryKind.CODE)
    times = list(
        codes.filter(mobile_index=mobile_index, at__gt=now - DAY).order_by("-at").values_list("at", flat=True)
    )
    if times and times[0] > now - bounds.pause:
        seconds = -(-int((times[0] + bounds.pause - now).total_seconds()) // 1) or 1
        raise TooOften(_("验证码刚刚发出。请 {seconds} 秒后再获取。").format(seconds=seconds))
    if sum(at > now - HOUR for at in times) >= bounds.codes_hour:
        raise TooOften(_("这个手机号一小时内获取验证码的次数已经用完。请过一会儿再试,或致电门店。"))
    if len(times) >= bounds.codes_day:
        raise TooOften(_("这个手机号今天获取验证码的次数已经用完。请明天再试,或致电门店。"))
    if address and codes.filter(address=address, at__gt=now - HOUR).count() >= bounds.address_hour:
        raise TooOften(_("您的网络获取验证码太频繁。请过一会儿再试,或致电门店。"))


def check_car_tries(
    *, mobile_index: str, vin_index: str, address: str | None, bounds: Limits, now: datetime
) -> None:
    """Refuse to compare identity numbers when the car, the mobile or the address failed too often. Raises TooOften."""
    failed = OwnerTry.objects.filter(kind=TryKind.CAR, succeeded=False, at__gt=now - DAY)
    tries = [failed.filter(vin_index=vin_index), failed.filter(mobile_index=mobile_index)]
    if address:
        tries.append(failed.filter(address=address))
    most = (bounds.vin_day, bounds.vin_day, 3 * bounds.vin_day)
    if any(rows.count() >= number for rows, number in zip(tries, most, strict=False)):
        raise TooOften(_("登记失败的次数太多,今天不能再试。请明天再试,或带上行驶证到门店登记。"))
