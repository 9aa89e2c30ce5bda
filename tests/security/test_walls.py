"""Every way we know to read or change another store's rows, tried on every table that has a store.

The attacker is the application's own database role inside the scope of 西区店: what a bug in a query, a statement that
forgot its filter, or SQL smuggled into one could do. (Opening a wider scope is the application's own door: the
setting is trusted, and `unscoped()` is kept to a listed set of files by tests/rules.)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import Error, connection, connections, models, transaction

from huichang.domains.customers.models import Customer
from huichang.domains.dealers.models import Dealer
from huichang.kernel.audit import AppendOnly
from huichang.kernel.scoping import DealerOwned, ScopeMissing, dealer_scope, unscoped
from tests.factories.rows import dealer_tables, make_row

pytestmark = pytest.mark.django_db

every_table = pytest.mark.parametrize("model", dealer_tables(), ids=lambda model: model._meta.db_table)


@dataclass(frozen=True)
class Target:
    """A row of 东区店, seen from 西区店."""

    model: type[models.Model]
    row: Any
    east: Dealer
    west: Dealer

    @property
    def names(self) -> dict[str, Any]:
        return {
            "table": self.model._meta.db_table, "id": self.row.pk, "east": self.east.pk, "west": self.west.pk,
            "owner": f'"{connections["owner"].settings_dict["USER"]}"',
            "app": f'"{connection.settings_dict["USER"]}"',
        }  # fmt: skip


@pytest.fixture
def target(model: type[models.Model]) -> Target:
    east = Dealer.objects.create(code="E01", name="东区店")
    west = Dealer.objects.create(code="W01", name="西区店")
    return Target(model, make_row(model, east), east, west)


def attempt(sql: str, *, keep: bool = False) -> list[tuple[Any, ...]] | Error:
    """The rows the last statement gives (its row count when it gives none), or the error that refuses it.

    What it did is undone unless `keep`.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            while cursor.cursor.nextset():
                pass
            transaction.set_rollback(not keep)
            return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]
    except Error as error:
        return error


def refused(answer: Any) -> bool:
    """By the policy, or (history tables) because the role may not change rows at all."""
    return "row-level security" in str(answer) or "permission denied" in str(answer)


READS = {
    "select": "SELECT * FROM {table} WHERE id = {id}",
    "by store": "SELECT * FROM {table} WHERE dealer_id = {east}",
    "count": "SELECT 1 FROM {table} WHERE id = {id} HAVING count(*) > 0",
    "join": "SELECT t.id FROM dealers_dealer d JOIN {table} t ON t.dealer_id = d.id WHERE d.id = {east}",
    "outer join": "SELECT t.id FROM dealers_dealer d LEFT JOIN {table} t ON t.dealer_id = d.id"
    " WHERE d.id = {east} AND t.id IS NOT NULL",
    "subquery": "SELECT 1 WHERE EXISTS (SELECT FROM {table} WHERE id = {id})",
    "with": "WITH x AS MATERIALIZED (SELECT * FROM {table}) SELECT 1 FROM x WHERE id = {id}",
    "for update": "SELECT id FROM {table} WHERE id = {id} FOR UPDATE",
    "sample": "SELECT id FROM {table} TABLESAMPLE SYSTEM (100) WHERE id = {id}",
    "whole row as text": "SELECT t::text FROM {table} t WHERE id = {id}",
    "a function that runs SQL": "SELECT 1 FROM query_to_xml('SELECT id FROM {table} WHERE id = {id}', true, false, '') x"
    " WHERE x::text LIKE '%>{id}<%'",
    "a faulty filter that tells": "SELECT id FROM {table} WHERE 1 / (CASE WHEN id = {id} THEN 0 ELSE 1 END) = 2",
    "statistics": "SELECT 1 FROM pg_stats WHERE tablename = '{table}'",
    "update returning": "UPDATE {table} SET id = id WHERE id = {id} RETURNING id",
    "delete returning": "DELETE FROM {table} WHERE id = {id} RETURNING id",
}


@every_table
def test_no_read_shows_the_other_stores_row(target: Target) -> None:
    with dealer_scope(target.east.pk):
        assert attempt(READS["select"].format(**target.names)), "the row is there for its own store"
    with dealer_scope(target.west.pk):
        for way, sql in READS.items():
            answer = attempt(sql.format(**target.names))
            # History tables refuse UPDATE, DELETE and FOR UPDATE outright: that shows nothing either.
            no_right = "permission denied" in str(answer) and ("returning" in way or "update" in way)
            assert answer == [] or no_right, way


@every_table
def test_copying_out_shows_nothing(target: Target) -> None:
    with dealer_scope(target.west.pk), connection.cursor() as cursor:
        with cursor.cursor.copy("COPY (SELECT id FROM {table}) TO STDOUT".format(**target.names)) as rows:
            assert f"{target.row.pk}\n".encode() not in [bytes(row) for row in rows]
        with cursor.cursor.copy("COPY {table} (dealer_id) TO STDOUT".format(**target.names)) as rows:
            assert f"{target.east.pk}\n".encode() not in [bytes(row) for row in rows]


@every_table
def test_no_write_touches_the_other_stores_row(target: Target) -> None:
    ways = (
        "UPDATE {table} SET dealer_id = dealer_id WHERE id = {id}",
        "UPDATE {table} SET dealer_id = {west} WHERE id = {id}",
        "UPDATE {table} t SET dealer_id = {west} FROM dealers_dealer d WHERE d.id = {east} AND t.dealer_id = d.id",
        "DELETE FROM {table} WHERE id = {id}",
        "DELETE FROM {table} t USING dealers_dealer d WHERE d.id = t.dealer_id AND d.id = {east}",
        "MERGE INTO {table} t USING (SELECT {id}::bigint AS id) s ON t.id = s.id WHEN MATCHED THEN DELETE",
    )
    with dealer_scope(target.west.pk):
        for sql in ways:
            answer = attempt(sql.format(**target.names), keep=True)
            assert answer == [(0,)] or "permission denied" in str(answer), sql
        for sql in (
            "TRUNCATE {table} CASCADE",
            "DROP TABLE {table}",
            "LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
        ):
            assert isinstance(attempt(sql.format(**target.names)), Error) or sql.startswith("LOCK"), sql
    with dealer_scope(target.east.pk):
        assert attempt("SELECT dealer_id FROM {table} WHERE id = {id}".format(**target.names)) == [
            (target.east.pk,)
        ]


@every_table
def test_no_row_can_be_smuggled_into_the_other_store(target: Target) -> None:
    own = make_row(target.model, target.west)
    with dealer_scope(target.west.pk):
        row = attempt(f"SELECT to_jsonb(t) FROM {target.names['table']} t WHERE id = {own.pk}")
        assert isinstance(row, list)
        copy = (json.loads(row[0][0]) if isinstance(row[0][0], str) else row[0][0]) | {"id": -1}
        for change in ({"dealer_id": target.east.pk}, {"dealer_id": target.east.pk, "id": target.row.pk}):
            text = json.dumps(copy | change, ensure_ascii=False).replace("'", "''").replace("%", "%%")
            table = target.names["table"]
            insert = f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, '{text}')"
            for sql in (insert, f"{insert} ON CONFLICT (id) DO UPDATE SET dealer_id = {target.west.pk}"):
                assert refused(attempt(sql)), sql
        given_away = attempt(f"UPDATE {table} SET dealer_id = {target.east.pk} WHERE id = {own.pk}")
        assert refused(given_away)
        assert isinstance(attempt("COPY {table} FROM STDIN".format(**target.names)), Error)


TAMPERING = (
    "SET ROLE {owner}",
    "SET SESSION AUTHORIZATION {owner}",
    "ALTER ROLE {app} BYPASSRLS",
    "ALTER ROLE {app} SUPERUSER",
    "GRANT {owner} TO {app}",
    "SET session_replication_role = replica",
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} OWNER TO {app}",
    "DROP POLICY dealer_scope ON {table}",
    "ALTER POLICY dealer_scope ON {table} USING (true)",
    "CREATE POLICY open ON {table} USING (true)",
    "CREATE RULE open AS ON SELECT TO {table} DO INSTEAD SELECT 1",
    "CREATE TRIGGER open BEFORE INSERT ON {table} EXECUTE FUNCTION huichang_audit()",
    "CREATE OR REPLACE FUNCTION huichang_everywhere() RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "DROP FUNCTION huichang_everywhere CASCADE",
    "CREATE TABLE public.copy AS SELECT * FROM {table}",
    "CREATE FUNCTION public.open() RETURNS boolean LANGUAGE sql SECURITY DEFINER AS 'SELECT true'",
    "COPY {table} TO PROGRAM 'cat'",
    "COPY {table} TO '/tmp/open'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT lo_import('/etc/passwd')",
    "CREATE EXTENSION dblink",
    "UPDATE pg_class SET relrowsecurity = false WHERE relname = '{table}'",
    "UPDATE pg_authid SET rolbypassrls = true",
)


@every_table
def test_the_wall_itself_cannot_be_touched(target: Target) -> None:
    with dealer_scope(target.west.pk):
        for sql in TAMPERING:
            answer = attempt(sql.format(**target.names))
            assert isinstance(answer, Error), sql
        assert attempt(READS["select"].format(**target.names)) == []


@every_table
def test_giving_up_the_role_or_the_security_shows_nothing(target: Target) -> None:
    read = READS["select"].format(**target.names)
    with dealer_scope(target.west.pk):
        for first in (
            "RESET ROLE",
            "SET ROLE NONE",
            "RESET SESSION AUTHORIZATION",
            "SET LOCAL search_path = pg_temp",
        ):
            assert attempt(f"{first}; {read.replace('FROM ', 'FROM public.')}") == [], first
        # Turning the policies off is an error for those they bind, not a way round them.
        assert "row-level security" in str(attempt(f"SET LOCAL row_security = off; {read}"))
        # The policies hold the functions themselves, not their names: a namesake in front changes nothing.
        namesake = (
            "CREATE FUNCTION pg_temp.huichang_everywhere() RETURNS boolean LANGUAGE sql AS 'SELECT true'"
        )
        assert attempt(f"{namesake}; SET LOCAL search_path = pg_temp, public; {read}") == []
        # A view belongs to the one who made it, and so to the wall.
        assert attempt(f"CREATE TEMP VIEW peep AS {read}; SELECT * FROM peep") == []


@every_table
def test_without_a_scope_there_is_an_error_and_no_row(target: Target) -> None:
    shared = target.model._meta.get_field("dealer").null
    for statement in ("SELECT set_config('huichang.dealers', '', true)", "RESET huichang.dealers"):
        answer = attempt(f"{statement}; {READS['select'].format(**target.names)}")
        assert "no dealer scope is open" in str(answer), statement
    if not shared:
        with pytest.raises(ScopeMissing):
            target.model.objects.count()  # type: ignore[attr-defined]  # every model has it


@every_table
def test_the_manager_stands_in_front_of_the_wall(target: Target) -> None:
    if not issubclass(target.model, DealerOwned):
        return  # shared tables have only the second wall
    with dealer_scope(target.west.pk):
        assert not target.model.objects.filter(pk=target.row.pk).exists()
        if not issubclass(target.model, AppendOnly):  # nobody rewrites a ledger, not even their own store's
            assert target.model.objects.filter(pk=target.row.pk).update(dealer=target.west) == 0
        assert target.model.objects.filter(dealer=target.east).count() == 0
        assert (
            str(target.east.pk)
            not in str(target.model.objects.filter(pk=target.row.pk).query).split("WHERE")[0]
        )
    with dealer_scope(target.east.pk, target.west.pk):
        assert target.model.objects.filter(pk=target.row.pk).exists()


def test_the_scope_ends_with_its_block(django_assert_num_queries: Any) -> None:
    east = Dealer.objects.create(code="E01", name="东区店")
    west = Dealer.objects.create(code="W01", name="西区店")
    make_row(Customer, east)
    with dealer_scope(west.pk):
        with dealer_scope(east.pk):
            assert Customer.objects.count() == 1
        assert Customer.objects.count() == 0
        with unscoped("the test looks at every store"):
            assert Customer.objects.count() == 1
        assert Customer.objects.count() == 0
    assert "no dealer scope" in str(attempt("SELECT * FROM customers_customer"))


def test_an_exception_restores_the_outer_scope() -> None:
    east = Dealer.objects.create(code="E01", name="东区店")
    west = Dealer.objects.create(code="W01", name="西区店")
    make_row(Customer, east)
    with dealer_scope(west.pk):
        with pytest.raises(ZeroDivisionError), dealer_scope(east.pk):
            raise ZeroDivisionError
        assert attempt("SELECT id FROM customers_customer") == []


def test_an_empty_reach_reads_nothing() -> None:
    make_row(Customer, Dealer.objects.create(code="E01", name="东区店"))
    with dealer_scope():
        assert attempt("SELECT id FROM customers_customer") == []


@pytest.mark.parametrize("table", ["kernel_changerecord", "kernel_statuschange"])
def test_history_cannot_be_rewritten(table: str) -> None:
    east = Dealer.objects.create(code="E01", name="东区店")
    make_row(Customer, east)
    with dealer_scope(east.pk):
        for sql in (f"UPDATE {table} SET actor_name = '别人'", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            assert "permission denied" in str(attempt(sql)), sql


def test_migrations_cannot_be_rewritten() -> None:
    for sql in (
        "DELETE FROM django_migrations",
        "INSERT INTO django_migrations VALUES (-1, 'x', 'x', now())",
    ):
        assert "permission denied" in str(attempt(sql)), sql
