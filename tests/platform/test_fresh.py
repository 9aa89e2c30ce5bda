"""An empty database is made from the models; it must be the one that the migrations make."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from huichang.config.embedded import Cluster

pytestmark = pytest.mark.slow

THE_LONG_WAY = """
import django
django.setup()
from huichang.interfaces.console import fresh, migrating
if {by_migrations}:
    fresh.create_tables = lambda owner: False
migrating.migrate(verbosity=0)
"""
COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
        pg_get_expr(d.adbin, d.adrelid), co.collname
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
    LEFT JOIN pg_collation co ON co.oid = a.attcollation
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
# A foreign key's name holds a digest of the table it was first made for; what it says is compared.
CONSTRAINTS = """
    SELECT conrelid::regclass::text, CASE contype WHEN 'f' THEN '' ELSE conname END, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
"""
INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
MIGRATIONS = "SELECT app, name FROM django_migrations"


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path / "home")


def test_the_models_and_the_migrations_make_the_same_schema(cluster: Cluster) -> None:
    cluster.home.mkdir()
    cluster.start(die_with_parent=True)
    try:
        made = [_schema(cluster, name, by_migrations=by) for name, by in (("short", False), ("long", True))]
    finally:
        cluster.stop()
    for short, long in zip(*made, strict=True):
        assert short
        assert short == long


def _schema(cluster: Cluster, name: str, *, by_migrations: bool) -> list[list[str]]:
    with psycopg.connect(cluster.url(user="postgres", database="postgres"), autocommit=True) as superuser:
        superuser.execute(f"CREATE DATABASE {name} OWNER huichang".encode())
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DATABASE_", "HUICHANG_"))}
    given = {
        "DATABASE_URL": cluster.url(database=name),
        "HUICHANG_HOME": str(cluster.home),
        "DJANGO_SETTINGS_MODULE": "huichang.config.settings",
    }
    code = THE_LONG_WAY.format(by_migrations=by_migrations)
    subprocess.run([sys.executable, "-c", code], check=True, env=kept | given, timeout=280)
    with psycopg.connect(cluster.url(database=name)) as connection:
        return [
            sorted(map(str, connection.execute(query.encode()).fetchall()))
            for query in (COLUMNS, CONSTRAINTS, INDEXES, MIGRATIONS)
        ]
