"""The laws of the models, each shown to see a planted violation."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, models, transaction
from django.test.utils import isolate_apps

from huichang.kernel import secure
from huichang.kernel.lifecycle import Lifecycle
from huichang.kernel.scoping import DealerOwned
from tests.rules import model_laws as laws
from tests.rules.reading import ROOT

# HOUSE §2, top first. The kernel stands below all of them.
ORDER = (
    "intake", "performance", "campaigns", "reminders", "followups", "complaints", "fleet", "warranty", "billing",
    "membership", "workshop", "appointments", "parts", "worklist", "owners", "contacts", "catalog", "customers", "vehicles",
    "integrations", "dealers", "accounts",
)  # fmt: skip

# Rows without a dealer belong to the network and are read by every store.
SHARED = {
    "kernel.ChangeRecord": "changes of network-wide records (cars, people, stores) have no dealer",
    "kernel.StatusChange": "moves of network-wide records have no dealer",
    "dealers.PolicyValue": "values of a region or the manufacturer have no dealer",
    "contacts.OutcomeCode": "the network's outcome codes have no dealer",
    "contacts.CallScript": "the network's scripts have no dealer",
    "contacts.ChannelRule": "the network's rules for providers have no dealer",
    "contacts.MessageTemplate": "the network's templates have no dealer",
}


def ours() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if m.__module__.startswith("huichang.")]


def test_models_with_a_dealer_are_scoped() -> None:
    assert laws.dealers_are_scoped(ours(), SHARED) == []


def test_the_list_of_shared_models_is_not_longer_than_needed() -> None:
    assert set(SHARED) <= {laws.label(model) for model in ours() if not issubclass(model, DealerOwned)}


@isolate_apps("huichang.domains.dealers", "huichang.domains.accounts")
def test_an_unscoped_dealer_is_seen() -> None:
    class Leak(models.Model):
        dealer = models.ForeignKey("dealers.Dealer", on_delete=models.PROTECT)

        class Meta:
            app_label = "vehicles"

    class Careless(DealerOwned):
        objects: ClassVar[Any] = models.Manager()

        class Meta:
            app_label = "vehicles"

    assert laws.dealers_are_scoped([Leak], ()) == ["vehicles.Leak has a dealer and is not DealerOwned"]
    assert laws.dealers_are_scoped([Leak], {"vehicles.Leak"})  # shared, and yet never null
    assert laws.dealers_are_scoped([Careless], ()) == ["vehicles.Careless has a manager that knows no scope"]


def test_every_domain_has_its_place() -> None:
    assert [name for name in settings.DOMAINS if name not in ORDER] == []


def test_foreign_keys_point_down() -> None:
    assert laws.keys_point_down(ours(), ORDER) == []


@isolate_apps("huichang.domains.customers", "huichang.domains.vehicles", "huichang.domains.dealers")
def test_a_key_that_points_up_is_seen() -> None:
    class Upstart(models.Model):
        car = models.ForeignKey("customers.Car", on_delete=models.PROTECT)

        class Meta:
            app_label = "vehicles"

    class Car(models.Model):
        class Meta:
            app_label = "customers"

    assert laws.keys_point_down([Upstart], ORDER) == ["vehicles.Upstart.car points up to customers.Car"]


def test_lifecycles_fit_their_statuses() -> None:
    assert laws.lifecycles_fit(ours()) == []


@isolate_apps("huichang.domains.vehicles")
def test_a_lifecycle_that_does_not_fit_is_seen() -> None:
    def model(name: str, moves: dict[str, set[str]] | None, choices: list[str]) -> type[models.Model]:
        body: dict[str, Any] = {
            "__module__": __name__,
            "Meta": type("Meta", (), {"app_label": "vehicles"}),
            "status": models.CharField(max_length=9, choices=[(c, c) for c in choices], default=choices[0]),
        }
        if moves is not None:
            body["LIFECYCLE"] = Lifecycle(initial="open", moves=moves)
        return type(name, (models.Model,), body)

    without = model("Without", None, ["open"])
    stranded = model("Stranded", {"open": set(), "done": {"open"}}, ["open", "done"])
    unnamed = model("Unnamed", {"open": {"done"}, "done": set()}, ["open"])
    backwards = model("Backwards", {"open": {"done"}, "done": set()}, ["done", "open"])
    right = model("Right", {"open": {"done"}, "done": set()}, ["open", "done"])
    assert all(laws.lifecycles_fit([wrong]) for wrong in (without, stranded, unnamed, backwards))
    assert laws.lifecycles_fit([right]) == []


def _glossary() -> list[dict[str, str]]:
    with (ROOT / "docs" / "glossary.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_glossary_names_every_model_and_status() -> None:
    assert laws.glossary_is_complete(ours(), _glossary()) == []


def test_the_glossary_names_each_thing_once() -> None:
    seen = [(row["domain"], row["code"]) for row in _glossary()]
    assert len(seen) == len(set(seen))


def test_a_missing_and_a_forgotten_word_are_seen() -> None:
    rows = _glossary()
    car = next(m for m in ours() if m.__name__ == "Car")
    assert laws.glossary_is_complete([car], [r for r in rows if r["code"] != "Car.scrapped"])
    assert laws.glossary_is_complete(ours(), [*rows, {**rows[0], "code": "Gone"}])
    assert laws.glossary_is_complete(ours(), [{**row, "en": ""} for row in rows])


# The database, as it stands after the migrations.


@pytest.fixture
def owner(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """The connection of the role that owns the tables; whatever is planted is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic(using="owner"):
        yield connections["owner"]
        transaction.set_rollback(True, using="owner")


def _app_role() -> str:
    return str(connections["default"].settings_dict["USER"])


def test_both_walls_stand(owner: Any) -> None:
    assert secure.problems(owner, _app_role()) == []


@pytest.mark.parametrize(
    "plant",
    [
        "ALTER TABLE customers_customer DISABLE ROW LEVEL SECURITY",
        "DROP POLICY dealer_scope ON customers_customer",
        "DROP TRIGGER audit_update ON customers_customer",
        # The owner made the role and may give it to itself, which handing a table over asks for.
        "GRANT CREATE ON SCHEMA public TO {role}; GRANT {role} TO CURRENT_USER; ALTER TABLE customers_customer OWNER TO {role}",
    ],
)
def test_a_hole_in_the_wall_is_seen(owner: Any, plant: str) -> None:
    with owner.cursor() as cursor:
        cursor.execute(plant.format(role=f'"{_app_role()}"'))
    assert secure.problems(owner, _app_role()) != []


def test_a_role_that_passes_through_walls_is_seen(owner: Any) -> None:
    assert any("bypasses row security" in problem for problem in secure.problems(owner, "postgres"))


@pytest.mark.django_db
def test_every_table_with_a_dealer_is_behind_the_wall() -> None:
    """Asked of the database itself, so that a table no model knows is found too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE c.relkind IN ('r', 'p') AND a.attname = 'dealer_id' AND NOT a.attisdropped"
            " AND c.relnamespace = 'public'::regnamespace AND NOT (c.relrowsecurity AND EXISTS ("
            "   SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polpermissive"
            "   AND pg_get_expr(p.polqual, p.polrelid) = pg_get_expr(p.polwithcheck, p.polrelid)))"
        )
        assert cursor.fetchall() == []
