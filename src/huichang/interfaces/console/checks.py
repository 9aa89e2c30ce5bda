"""What `huichang doctor` looks at: one function a question, each answers with one `Finding`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from huichang.config import database as configured
from huichang.interfaces.console.words import say

LEAST_FREE_BYTES, LITTLE_FREE_BYTES = 2**30, 5 * 2**30
LARGEST_CLOCK_DIFFERENCE = timedelta(seconds=5)
HEARTBEAT_TOO_OLD = timedelta(seconds=60)
WAITING_TOO_LONG = timedelta(minutes=10)
MONTH_WHEN_NEXT_YEAR_IS_KNOWN = 12  # the State Council publishes the holidays of a year in November


class Verdict(StrEnum):
    FINE = "fine"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` for programs; the rest for people, in the terminal's language."""

    code: str
    verdict: Verdict
    what: str
    text: str
    remedy: str = ""


def home(path: Path) -> Finding:
    """The folder exists or can be made, is ours, and its secrets are private."""
    what = say("数据目录", "data folder")
    place = next(folder for folder in (path, *path.parents) if folder.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding(
            "home", Verdict.WRONG, what, say(f"{path} 不可写", f"{path} cannot be written"),
            say("检查权限或换一个 HUICHANG_HOME", "check its permissions, or choose another HUICHANG_HOME"),
        )  # fmt: skip
    secrets = path / "secrets"
    open_to_others = [p for p in (secrets, *secrets.glob("*")) if p.exists() and p.stat().st_mode & 0o077]
    if open_to_others:
        names = " ".join(map(str, open_to_others))
        return Finding(
            "home", Verdict.WRONG, what, say(f"他人可读密钥：{names}", f"others can read the secrets: {names}"),
            f"chmod go= {names}",
        )  # fmt: skip
    return Finding("home", Verdict.FINE, what, str(path))


def disk(path: Path) -> Finding:
    """Room for the database to grow."""
    what = say("磁盘", "disk")
    place = next(folder for folder in (path, *path.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    text = say(f"剩余 {free / 2**30:.1f} GiB", f"{free / 2**30:.1f} GiB free")
    if free < LITTLE_FREE_BYTES:
        verdict = Verdict.WRONG if free < LEAST_FREE_BYTES else Verdict.WARNING
        return Finding(
            "disk",
            verdict,
            what,
            text,
            say("清理磁盘，数据库写满会停", "free some: a full disk stops the database"),
        )
    return Finding("disk", Verdict.FINE, what, text)


def unreachable(reason: str) -> Finding:
    return Finding(
        "database", Verdict.WRONG, say("数据库", "database"), reason,
        say("检查 DATABASE_URL、网络和数据库日志", "check DATABASE_URL, the network and the database's log"),
    )  # fmt: skip


def reachable() -> Finding:
    """Both roles get an answer."""
    from django.db import Error, connections

    for alias in ("owner", "default"):
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error as error:
            settings = connections[alias].settings_dict
            where = f"{settings['USER']}@{settings.get('HOST') or 'localhost'}/{settings['NAME']}"
            found = unreachable(f"{where}: {str(error).strip()}")
            if alias == "default":
                remedy = say(
                    "先运行 huichang migrate 建立应用角色",
                    "run huichang migrate: it makes the application's role",
                )
                return Finding(found.code, found.verdict, found.what, found.text, remedy)
            return found
    return Finding("database", Verdict.FINE, say("数据库", "database"), say("可以连接", "answers"))


def version() -> Finding:
    """PostgreSQL 15 or later."""
    what = say("PostgreSQL 版本", "PostgreSQL version")
    number = int(_value("owner", "SELECT current_setting('server_version_num')")) // 10000
    if number < configured.LEAST_VERSION:
        return Finding(
            "version", Verdict.WRONG, what, str(number),
            say(f"升级到 {configured.LEAST_VERSION} 或以上", f"upgrade to {configured.LEAST_VERSION} or later"),
        )  # fmt: skip
    return Finding("version", Verdict.FINE, what, str(number))


def migrations() -> Finding:
    """The tables are those of this version of the program."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    what = say("数据库结构", "migrations")
    executor = MigrationExecutor(connections["owner"])
    left = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if left:
        return Finding(
            "migrations", Verdict.WRONG, what,
            say(f"有 {len(left)} 个升级未执行", f"{len(left)} migration(s) not applied"), "huichang migrate",
        )  # fmt: skip
    return Finding("migrations", Verdict.FINE, what, say("已是最新", "up to date"))


def connects_as_app() -> Finding:
    """The application connects as a role that owns nothing, so that row security binds it."""
    what = say("应用角色", "application's role")
    name = _value("default", "SELECT current_user")
    privileged = _value(
        "default", "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    owns = _value("default", "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
    if privileged or owns:
        return Finding(
            "role", Verdict.WRONG, what,
            say(f"{name} 是超级用户、绕过行级安全或拥有表", f"{name} is a superuser, bypasses row security, or owns tables"),
            say("改用不拥有任何表的角色（DATABASE_APP_URL）", "use a role that owns nothing (DATABASE_APP_URL)"),
        )  # fmt: skip
    return Finding("role", Verdict.FINE, what, str(name))


def row_security() -> Iterator[Finding]:
    """Policies, triggers and grants are those the models ask for."""
    from django.db import connections

    from huichang.kernel import secure

    what = say("行级安全", "row security")
    role = str(configured.app_parameters(os.environ)["user"])
    problems = secure.problems(connections["owner"], role)
    for problem in problems:
        yield Finding("row_security", Verdict.WRONG, what, problem, "huichang migrate")
    if not problems:
        yield Finding("row_security", Verdict.FINE, what, say("完整", "complete"))


def clock() -> Finding:
    """The clocks of this machine and of the database agree."""
    what = say("时钟", "clock")
    there: datetime = _value("owner", "SELECT clock_timestamp()")
    difference = there - datetime.now(UTC)
    seconds = difference.total_seconds()
    text = say(f"与数据库相差 {seconds:+.1f} 秒", f"{seconds:+.1f} s from the database's")
    if abs(difference) > LARGEST_CLOCK_DIFFERENCE:
        return Finding(
            "clock", Verdict.WRONG, what, text, say("启用时间同步（NTP）", "set the clocks by NTP")
        )
    return Finding("clock", Verdict.FINE, what, text)


def time_zone() -> Finding:
    """China's time is known here (the time-zone data may be absent or wrong on small systems)."""
    from django.conf import settings
    from django.utils import timezone

    what = say("时区", "time zone")
    offset = datetime.now(timezone.get_default_timezone()).utcoffset()
    text = f"{settings.TIME_ZONE} {offset}"
    if offset != timedelta(hours=8):
        return Finding(
            "time_zone", Verdict.WRONG, what, text, say("安装或更新 tzdata", "install or update tzdata")
        )
    return Finding("time_zone", Verdict.FINE, what, text)


def calendar(today: date | None = None) -> Finding:
    """The public holidays of this year, and from December on of the next, are known."""
    from huichang.kernel.worktime import local_date

    what = say("节假日历", "public holidays")
    today = today or local_date(datetime.now(UTC))
    years = [today.year] + ([today.year + 1] if today.month >= MONTH_WHEN_NEXT_YEAR_IS_KNOWN else [])
    missing = [str(year) for year in years if not _knows_holidays(year)]
    if missing:
        listed = "、".join(missing)
        verdict = Verdict.WRONG if str(today.year) in missing else Verdict.WARNING
        return Finding(
            "calendar", verdict, what, say(f"缺少 {listed} 年", f"{', '.join(missing)} missing"),
            say("升级 chinesecalendar，或在【日历】页录入", "upgrade chinesecalendar, or enter them on the calendar page"),
        )  # fmt: skip
    return Finding(
        "calendar", Verdict.FINE, what, say(f"{years[-1]} 年以内齐全", f"complete up to {years[-1]}")
    )


def _knows_holidays(year: int) -> bool:
    import chinese_calendar

    from huichang.domains.dealers.models import HolidayDay

    try:
        chinese_calendar.is_holiday(date(year, 10, 1))
    except NotImplementedError:
        return HolidayDay.objects.filter(day__year=year).exists()
    return True


def run_is_up(path: Path) -> bool:
    """Whether a `huichang run` holds this folder."""
    from huichang.interfaces.console.home import Home

    return Home(path).holder() is not None


def worker(*, was_running: bool) -> Finding:
    """Somebody runs the jobs, and none waits too long."""
    from django.utils import timezone

    what = say("后台任务", "worker")
    now = timezone.now()
    beat = _value("default", "SELECT max(last_heartbeat) FROM procrastinate_workers")
    oldest = _value(
        "default",
        "SELECT min(coalesce(j.scheduled_at, e.at)) FROM procrastinate_jobs j JOIN procrastinate_events e"
        " ON e.job_id = j.id AND e.type = 'deferred' WHERE j.status = 'todo'"
        " AND coalesce(j.scheduled_at, now()) <= now()",
    )
    if beat is None or now - beat > HEARTBEAT_TOO_OLD:
        # Nothing of ours is meant to be up on a laptop where `run` is not; elsewhere somebody forgot it.
        from huichang.interfaces.console.database import is_ours

        expected = was_running or not is_ours()
        return Finding(
            "worker", Verdict.WRONG if expected else Verdict.WARNING, what, say("没有在运行", "none is running"),
            "huichang worker" if expected else "./run",
        )  # fmt: skip
    if oldest is not None and now - oldest > WAITING_TOO_LONG:
        return Finding(
            "worker", Verdict.WRONG, what,
            say(f"有任务从 {oldest:%m-%d %H:%M} 起等待", f"a job has waited since {oldest:%m-%d %H:%M}"),
            say("增加 huichang worker", "start more of huichang worker"),
        )  # fmt: skip
    return Finding("worker", Verdict.FINE, what, say("运行中", "running"))


def _value(alias: str, query: str) -> Any:
    from django.db import connections

    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return row[0] if row else None
