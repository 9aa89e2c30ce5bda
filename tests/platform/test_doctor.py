"""`huichang doctor` finds each planted problem and says it in plain words."""

from __future__ import annotations

import shutil
import stat
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import connections

from huichang.interfaces.console import checks
from huichang.interfaces.console.checks import Finding, Verdict
from huichang.interfaces.console.words import say
from tests.platform.installation import Installation


@pytest.fixture
def owner(transactional_db: None) -> Any:
    """A cursor of the role that owns the tables; the database is made anew after the test."""
    with connections["owner"].cursor() as cursor:
        yield cursor


def verdicts(*findings: Finding) -> set[Verdict]:
    return {finding.verdict for finding in findings}


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_healthy_database_gives_no_finding() -> None:
    findings = [
        checks.reachable(), checks.version(), checks.migrations(), checks.connects_as_app(),
        *checks.row_security(), checks.clock(), checks.time_zone(),
    ]  # fmt: skip

    assert verdicts(*findings) == {Verdict.FINE}


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_server_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huichang.config.database.LEAST_VERSION", 99)

    found = checks.version()

    assert found.verdict is Verdict.WRONG
    assert "99" in found.remedy


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_a_migration_that_was_not_applied(owner: Any) -> None:
    owner.execute("DELETE FROM django_migrations WHERE app = 'kernel'")

    found = checks.migrations()

    assert found.verdict is Verdict.WRONG
    assert found.remedy == "huichang migrate"


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_a_table_without_row_security(owner: Any) -> None:
    owner.execute("DROP POLICY dealer_scope ON customers_customer")

    [found] = checks.row_security()

    assert found.verdict is Verdict.WRONG
    assert "customers_customer" in found.text


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_a_table_without_its_audit_trigger(owner: Any) -> None:
    owner.execute("DROP TRIGGER audit_update ON dealers_dealer")

    [found] = checks.row_security()

    assert "dealers_dealer" in found.text


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_an_application_that_owns_a_table(owner: Any) -> None:
    role = connections["default"].settings_dict["USER"]
    owner.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    with connections["default"].cursor() as cursor:
        cursor.execute("CREATE TABLE mine ()")

    assert checks.connects_as_app().verdict is Verdict.WRONG
    assert Verdict.WRONG in verdicts(*checks.row_security())


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_a_clock_that_is_wrong(owner: Any) -> None:
    owner.execute(
        "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql"
        " AS $$ SELECT pg_catalog.clock_timestamp() + interval '40 s' $$"
    )
    owner.execute("SET search_path = public, pg_catalog")

    found = checks.clock()

    assert found.verdict is Verdict.WRONG
    assert found.text.startswith(("+40.0 s", "+39.9 s"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("today", "verdict"),
    [
        (date(2025, 6, 1), Verdict.FINE),
        (date(2090, 6, 1), Verdict.WRONG),
    ],
)
def test_a_year_whose_holidays_are_unknown(today: date, verdict: Verdict) -> None:
    assert checks.calendar(today).verdict is verdict


@pytest.mark.django_db
def test_next_year_is_asked_for_in_december_only() -> None:
    last_known = max(year for year in range(2024, 2090) if checks._knows_holidays(year))

    assert checks.calendar(date(last_known, 11, 30)).verdict is Verdict.FINE
    assert checks.calendar(date(last_known, 12, 1)).verdict is Verdict.WARNING


@pytest.mark.django_db
def test_a_year_entered_by_hand_is_known() -> None:
    from huichang.domains.dealers.models import HolidayDay

    HolidayDay.objects.create(day=date(2090, 10, 1), is_working=False, name="国庆节")

    assert checks.calendar(date(2090, 6, 1)).verdict is Verdict.FINE


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("free", "verdict"), [(2**40, Verdict.FINE), (3 * 2**30, Verdict.WARNING), (2**20, Verdict.WRONG)]
)
def test_a_full_disk(free: int, verdict: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(2**40, 0, free))

    assert checks.disk(tmp_path / "not yet made").verdict is verdict


def test_secrets_that_others_can_read(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    (secrets / "django").touch(mode=0o644)

    found = checks.home(tmp_path)

    assert found.verdict is Verdict.WRONG
    assert found.remedy.startswith("chmod")


@pytest.mark.django_db
def test_no_worker_is_wrong_where_one_is_expected() -> None:
    assert checks.worker(was_running=True).verdict is Verdict.WRONG


@pytest.mark.django_db
def test_a_job_that_waits_too_long() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        assert checks.worker(was_running=True).verdict is Verdict.FINE
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)"
            " VALUES ('default', 'some.job', now() - interval '1 hour')"
        )

    assert checks.worker(was_running=True).verdict is Verdict.WRONG


def test_it_speaks_the_terminal_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert say("磁盘", "disk") == "磁盘"
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert say("磁盘", "disk") == "disk"


@pytest.fixture
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="hc-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.mark.slow
def test_the_command_itself(home: Path) -> None:
    nowhere = Installation(home, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")

    examined = nowhere.command("doctor")

    assert examined.returncode == 1
    assert "✗ database: nobody@127.0.0.1/nothing" in examined.stdout
    assert "check DATABASE_URL" in examined.stdout
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o700
    assert [path.name for path in home.iterdir()] == ["secrets"]
