"""Two imports of one store at once: one after the other, and every row of both is accounted for."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from huichang.domains.customers.models import Car, Ownership
from huichang.kernel.scoping import dealer_scope
from tests.factories.sheets import OWNER_HEADS, counts, load, owner, write_xlsx
from tests.factories.world import make_dealer

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_file_twice_at_once_is_one_import_and_nothing_new(tmp_path: Path) -> None:
    store = make_dealer()
    path = write_xlsx(tmp_path / "客户.xlsx", {"客户": [OWNER_HEADS, *(owner(n) for n in range(200))]})
    results: list[dict[str, Any]] = []

    def work() -> None:
        try:
            results.append(load(store, path)[1])
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _one in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        sorted(str(counts(result)) for result in results) == ["{'created': 200}"] + ["{'unchanged': 200}"] * 2
    )
    with dealer_scope(store.pk):
        assert (Car.objects.count(), Ownership.objects.count()) == (200, 200)
