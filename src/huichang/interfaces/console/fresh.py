"""An empty database gets its tables from the models at once; every other one by its migrations.

For each of its several hundred operations a migration draws the models again that it may touch: forty seconds of
processor time for what the models say in two. Both ways make the same schema (tests/platform/test_fresh.py).
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

Node = tuple[str, str]
OURS = "huichang."
SCHEMA_ONLY = ("django.db.migrations.operations.models", "django.db.migrations.operations.fields")


def create_tables(owner: Any) -> bool:
    """Make the tables of an empty database and note the migrations as applied; False when it must migrate.

    All or nothing: after a crash the tables of the libraries may stand, and the migrations do the rest.
    """
    if owner.introspection.table_names():
        return False
    graph = MigrationLoader(owner).graph
    labels = {app.label for app in apps.get_app_configs() if app.name.startswith(OURS)}
    ours = [node for node in graph.nodes if node[0] in labels]
    if not all(_is_schema_only(graph.nodes[node]) for node in ours):
        return False
    others = {node for node in graph.nodes if node[0] not in labels}
    if any(parent.key[0] in labels for node in others for parent in graph.node_map[node].parents):
        return False
    for label in sorted({label for label, _name in others}):
        call_command("migrate", label, database=owner.alias, interactive=False, verbosity=0)
    with transaction.atomic(using=owner.alias):
        with owner.schema_editor() as editor:
            for model in _models({label for label, _name in ours}):
                editor.create_model(model)
        recorder = MigrationRecorder(owner)
        for label, name in ours:
            recorder.record_applied(label, name)
    return True


def _is_schema_only(migration: Any) -> bool:
    """Whether a migration does nothing that the models do not say."""
    return all(type(one).__module__ in SCHEMA_ONLY for one in migration.operations)


def _models(labels: set[str]) -> list[type[models.Model]]:
    found = [model for label in sorted(labels) for model in apps.get_app_config(label).get_models()]
    return [model for model in found if model._meta.managed and not model._meta.proxy]
