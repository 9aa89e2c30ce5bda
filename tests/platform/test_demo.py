"""The demo store: everybody who may use the house can be tried, on data that came in by the usual door."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from huichang.domains.accounts.models import User
from huichang.domains.accounts.roles import ROLES
from huichang.domains.dealers.queries import reach_of
from huichang.interfaces.console import demo
from huichang.kernel.worktime import local_date
from tests.platform.installation import Installation

NOW = datetime(2026, 3, 17, 2, 0, tzinfo=UTC)


def test_every_role_has_a_sign_in() -> None:
    assert {person.role for person in demo.SIGN_INS} == {role.code for role in ROLES}


@pytest.mark.django_db
def test_each_of_them_signs_in_and_has_work(tmp_path: Path) -> None:
    assert demo.ensure_demo(home=tmp_path, now=NOW, with_data=False)

    for person in demo.SIGN_INS:
        user = authenticate(username=person.username, password=demo.PASSWORD)
        assert isinstance(user, User)
        reach = reach_of(user, local_date(NOW))
        assert reach.stores or reach.network_dealer_ids, person.role
    zhao = reach_of(User.objects.get(username="zhao"), local_date(NOW))
    assert [store.code for store in zhao.stores] == [demo.WEST]


@pytest.mark.django_db
def test_a_database_in_use_is_left_alone(tmp_path: Path) -> None:
    demo.ensure_demo(home=tmp_path, now=NOW, with_data=False)

    assert not demo.ensure_demo(home=tmp_path, now=NOW, with_data=False)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_fresh_run_brings_a_store_with_cars_and_cases() -> None:
    home = Path(tempfile.mkdtemp(prefix="hc-"))
    home.chmod(0o711)
    installation = Installation(home)
    try:
        with installation.run() as running:
            assert f"the password is always {demo.PASSWORD}" in running.text
            for person in demo.SIGN_INS:
                assert f"  {person.username} " in running.text
            [(cars, cases)] = installation.query(
                "SELECT (SELECT count(*) FROM vehicles_vehicle), (SELECT count(*) FROM reminders_case)"
            )
            assert int(str(cars)) > 300
            assert int(str(cases)) > 50
            assert running.ask_to_stop() == 0
    finally:
        shutil.rmtree(home)
