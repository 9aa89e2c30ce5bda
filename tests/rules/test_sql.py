"""Every statement is understood by the schema, writes only its own tables and says what it is for."""

from __future__ import annotations

import psycopg
import pytest
from django.apps import apps
from django.db import Error, connection, transaction

from huichang.kernel.scoping import unscoped
from tests.rules import sql_laws as laws
from tests.rules.reading import ROOT, Source, sources

STATEMENTS = [one for one in sources("**/sql/*.sql") if one.name != "functions.sql"]

# A domain that may write what lies below it by statement, and the decision that says why.
WRITES_BELOW = {"intake": "docs/adr/0013-imports-write-below.md"}
# Single statements: file → the table it may also write, and why.
ALSO = {
    "domains/customers/sql/note_phones.sql": (
        "kernel_changerecord", "a customer's numbers are told as one change, not as one of each row"
    ),
}  # fmt: skip


def domain_of(source: Source) -> str:
    return source.parts[1] if source.parts[0] == "domains" else source.parts[0]


def tables() -> set[str]:
    return {model._meta.db_table for model in apps.get_models()}


def prepare(body: str, types: list[str]) -> str:
    """Have the database plan a statement without running it; its complaint, or ''."""
    given = f"({', '.join(types)})" if types else ""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.cursor.execute(f"PREPARE planted{given} AS {body}".encode())
            cursor.execute("DEALLOCATE planted")
    except (Error, psycopg.Error) as error:
        return str(error)
    return ""


ids = [source.path for source in STATEMENTS]


@pytest.mark.django_db
@pytest.mark.parametrize("source", STATEMENTS, ids=ids)
def test_a_statement_is_understood(source: Source) -> None:
    with unscoped("the statement is planned, not run"):
        assert laws.prepares(source.text, prepare) == ""


@pytest.mark.parametrize("source", STATEMENTS, ids=ids)
def test_a_statement_writes_only_its_own_tables(source: Source) -> None:
    if domain_of(source) in WRITES_BELOW:
        return
    table, _why = ALSO.get(source.path, ("", ""))
    assert laws.writes_only_its_own(domain_of(source), source.text, tables() - {table}) == []


def test_exceptions_are_decided_and_needed() -> None:
    assert [page for page in WRITES_BELOW.values() if not (ROOT / page).is_file()] == []
    known = {source.path: source for source in STATEMENTS}
    assert [
        path for path, (table, _) in ALSO.items() if table not in laws.written_tables(known[path].text)
    ] == []


@pytest.mark.parametrize("source", STATEMENTS, ids=ids)
def test_a_statement_says_what_it_is_for(source: Source) -> None:
    assert laws.begins_with_its_purpose(source.text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text",
    [
        "SELECT no_such_column FROM customers_customer",
        "SELECT * FROM no_such_table",
        "SELECT id FROM customers_customer WHERE id = %(id)s AND",
        "-- day date\nSELECT id FROM customers_customer WHERE id = %(day)s",
    ],
)
def test_a_statement_the_schema_does_not_know_is_seen(text: str) -> None:
    with unscoped("the statement is planned, not run"):
        assert laws.prepares(text, prepare)


@pytest.mark.django_db
def test_a_sound_statement_is_let_through() -> None:
    text = (
        "-- Find one.\n-- id bigint, names text[] → id\nSELECT id FROM customers_customer WHERE id = %(id)s"
    )
    with unscoped("the statement is planned, not run"):
        assert laws.prepares(f"{text} AND name = ANY (%(names)s)", prepare) == ""


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("INSERT INTO customers_car (id) VALUES (1)", "customers_car"),
        ("WITH x AS (UPDATE public.customers_car SET id = 1 RETURNING id) SELECT * FROM x", "customers_car"),
        ("DELETE FROM ONLY customers_car", "customers_car"),
        ("MERGE INTO customers_car c USING x ON true WHEN MATCHED THEN DO NOTHING", "customers_car"),
    ],
)
def test_a_foreign_write_is_seen(text: str, table: str) -> None:
    assert laws.writes_only_its_own("reminders", text, {table}) == [f"reminders writes {table}"]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1 FROM customers_car FOR UPDATE OF customers_car",
        "-- UPDATE customers_car\nSELECT 'DELETE FROM customers_car'",
        "INSERT INTO reminders_due (id) VALUES (1) ON CONFLICT DO UPDATE SET id = 2",
        "INSERT INTO kernel_statuschange (id) VALUES (1)",
    ],
)
def test_what_is_no_foreign_write_is_let_through(text: str) -> None:
    known = {"customers_car", "reminders_due", "kernel_statuschange"}
    assert laws.writes_only_its_own("reminders", text, known) == []
