"""`huichang remind`: the run by hand, for people and for programs."""

from __future__ import annotations

import argparse
import json
from datetime import date

import pytest

from huichang.interfaces.console import reminding
from tests.domains.reminders.running import make_car
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    made = make_world()
    for dealer in (made.east, made.west):
        make_car(dealer, compulsory_insurance_end_date=date(2026, 7, 1))
    return made


def _args(*given: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    reminding.add_arguments(parser)
    return parser.parse_args(given)


@pytest.mark.parametrize(("which", "number"), [(("--dealer", "E01"), 1), (("--all",), 2)])
def test_it_prints_what_it_found_for_programs(
    world: World, capsys: pytest.CaptureFixture[str], which: tuple[str, ...], number: int
) -> None:
    assert reminding.run(_args(*which, "--as-of", "2026-06-16", "--json")) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["as_of"] == "2026-06-16"
    assert (found["new"]["compulsory_insurance"], found["new_cases"]) == (number, number)


def test_it_prints_a_table_for_people(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert reminding.run(_args("--dealer", "E01", "--as-of", "2026-06-16")) == 0

    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.split()[:4] == ["1", "0", "0", "1"]]) == 1


def test_an_unknown_store_is_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert reminding.run(_args("--dealer", "NONE")) == 2
    assert "NONE" in capsys.readouterr().err
