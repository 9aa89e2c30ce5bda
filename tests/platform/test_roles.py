"""Two roles on one database: the owner migrates, the application owns nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from huichang.config import database, secrets
from huichang.config.database import RoleMissing

OWNER = {"DATABASE_URL": "postgresql://boss:pw@db.example/shop?sslmode=require&connect_timeout=3"}


def test_the_application_gets_a_role_of_its_own_with_a_derived_password() -> None:
    found = database.databases(OWNER)

    owner, app = found["owner"], found["default"]
    assert (owner["USER"], owner["PASSWORD"], owner["HOST"], owner["NAME"]) == (
        "boss",
        "pw",
        "db.example",
        "shop",
    )
    assert app["USER"] == "shop_app"
    assert len(app["PASSWORD"]) == 64
    asked = {"sslmode": "require", "connect_timeout": "3"}
    assert owner["OPTIONS"] == asked
    assert app["OPTIONS"] == asked | {"prepare_threshold": 5}  # what asks to stay prepared does


def test_every_host_derives_the_same_password_whatever_its_secrets(tmp_path: Path) -> None:
    one, two = (
        database.app_parameters(OWNER | {"HUICHANG_HOME": str(tmp_path / name)})["password"] for name in "ab"
    )
    other = database.app_parameters({"DATABASE_URL": "postgresql://boss:changed@db.example/shop"})["password"]

    assert one == two != other


def test_an_owner_without_a_password_does_not_make_a_guessable_one(tmp_path: Path) -> None:
    peer = "postgresql:///shop?host=/run/postgresql"
    one, two = (
        database.app_parameters({"DATABASE_URL": peer, "HUICHANG_HOME": str(tmp_path / name)})["password"]
        for name in "ab"
    )

    assert one != two


def test_another_application_url_wins() -> None:
    found = database.databases(OWNER | {"DATABASE_APP_URL": "postgresql://till:x@pooler:6432/shop"})

    assert (found["default"]["USER"], found["default"]["PORT"]) == ("till", "6432")


def test_a_url_without_a_database_is_refused() -> None:
    with pytest.raises(ValueError, match="names no database"):
        database.databases({"DATABASE_URL": "postgresql://boss@db.example"})


def test_the_pool_belongs_to_the_application_only() -> None:
    found = database.databases(OWNER | {"HUICHANG_POOL": "8"})

    assert found["default"]["OPTIONS"]["pool"]["max_size"] == 8
    assert "pool" not in found["owner"]["OPTIONS"]


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_an_owner_that_may_not_make_roles_is_told_the_statement_to_run(database_server: str) -> None:
    environment = {"DATABASE_URL": database_server.replace("huichang@", "clerk@")}
    admin = connections["owner"]
    with admin.cursor() as cursor:
        cursor.execute("CREATE ROLE clerk LOGIN")
    try:
        with _Plain(environment["DATABASE_URL"]) as connection, pytest.raises(RoleMissing) as refused:
            database.ensure_app_role(
                connection, environment | {"DATABASE_APP_URL": "postgresql://till:x@h/d"}
            )
    finally:
        with admin.cursor() as cursor:
            cursor.execute("DROP ROLE clerk")

    assert 'CREATE ROLE "till" LOGIN NOSUPERUSER NOBYPASSRLS' in str(refused.value)


@pytest.mark.django_db(databases=["default", "owner"])
def test_the_owner_itself_is_refused_as_the_application(database_server: str) -> None:
    with pytest.raises(RoleMissing, match="may not connect as"):
        database.ensure_app_role(
            connections["owner"], {"DATABASE_URL": database_server, "DATABASE_APP_URL": database_server}
        )


class _Plain:
    """A psycopg connection that raises as Django's do: the driver's error is the cause."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __enter__(self) -> Any:
        from django.db.utils import ConnectionHandler

        settings = database.databases({"DATABASE_URL": self.url})["owner"]
        self.handler = ConnectionHandler({"default": settings})
        return self.handler["default"]

    def __exit__(self, *_: object) -> None:
        self.handler["default"].close()


def test_secrets_are_made_once_private_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(secrets.SECRET_KEY, raising=False)
    first, second = secrets.django_key(tmp_path), secrets.django_key(tmp_path)

    assert first == second
    assert len(first) > 40
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "secrets" / "django").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in (tmp_path / "secrets").iterdir()] == ["django"]


def test_the_environment_wins_over_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(secrets.SECRET_KEY, "given")
    monkeypatch.setenv(secrets.FIELD_KEYS, "new, old")

    assert secrets.django_key(tmp_path) == "given"
    assert secrets.field_keys(tmp_path) == ["new", "old"]
    assert not (tmp_path / "secrets").exists()


@pytest.mark.django_db
def test_tests_run_as_the_role_that_owns_nothing() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        name, *powers = cursor.fetchone()
        assert name.endswith("_app")
        assert powers == [False, False]
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("CREATE TABLE public.mine ()")


def test_a_password_never_reaches_the_log(database_server: str) -> None:
    """`migrate` sends the role's password: the server must not write statements down."""
    with psycopg.connect(database_server) as connection:
        row = connection.execute("SHOW log_statement").fetchone()
    assert row == ("none",)
