"""Outcome codes and scripts are data: the network's, and a store's own before them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from huichang.domains.contacts import operations
from huichang.domains.contacts.models import CallScript, OutcomeCode
from huichang.domains.contacts.queries import outcome_codes, script_text, scripts_of
from huichang.kernel.actors import Actor, PermissionRefused
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import World, actor_of, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world()
    with dealer_scope(made.east.pk):
        operations.seed_codes(actor=actor_of(made.wang, made.east))
        yield made


@pytest.fixture
def wang(world: World) -> Actor:
    return actor_of(world.wang, world.east)


def test_seeding_again_adds_nothing_and_overwrites_nothing(world: World, wang: Actor) -> None:
    OutcomeCode.objects.filter(code="no_answer").update(retry_working_days=2)
    assert operations.seed_codes(actor=wang) == 0
    assert OutcomeCode.objects.get(code="no_answer").retry_working_days == 2


def test_keys_of_the_desk_are_never_shared(world: World) -> None:
    keys = [code.key for code in outcome_codes(world.east) if code.key]
    assert len(keys) == len(set(keys))
    assert not set(keys) & {"n", "k", "m", "r", "h"}  # the desk's own


def test_a_stores_own_code_stands_before_the_networks_and_nowhere_else(world: World, wang: Actor) -> None:
    operations.save_code(
        dealer=world.east, code="no_answer", label="没人接", label_en="Nobody", next_step="retry",
        retry_working_days=2, is_contact=False, actor=wang,
    )  # fmt: skip
    here = {code.code: code.label for code in outcome_codes(world.east)}
    with dealer_scope(world.west.pk):
        there = {code.code: code.label for code in outcome_codes(world.west)}
    assert (here["no_answer"], there["no_answer"]) == ("没人接", "未接通")
    assert len(here) == len(there)


def test_a_code_that_is_switched_off_is_not_offered(world: World, wang: Actor) -> None:
    operations.save_code(
        dealer=world.east, code="scrapped", label="报废", label_en="Scrapped", is_active=False, actor=wang
    )
    assert "scrapped" not in {code.code for code in outcome_codes(world.east)}
    assert "scrapped" in {code.code for code in outcome_codes(world.east, only_active=False)}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "不需要"}, "code"),
        ({"next_step": "retry"}, "retry_working_days"),
        ({"next_step": "second_call", "closes": True}, "closes"),
    ],
)
def test_a_code_that_contradicts_itself_is_refused(
    world: World, wang: Actor, given: dict[str, Any], field: str
) -> None:
    values: dict[str, Any] = {
        "dealer": world.east,
        "code": "own",
        "label": "自定",
        "label_en": "Own",
        "actor": wang,
    } | given
    with pytest.raises(OperationRefused) as refusal:
        operations.save_code(**values)
    assert refusal.value.field == field


def test_agents_do_not_edit_codes(world: World) -> None:
    with pytest.raises(PermissionRefused):
        operations.save_code(
            dealer=world.east, code="own", label="自定", label_en="Own", actor=actor_of(world.li, world.east)
        )


def test_while_a_complaint_is_open_only_an_apology_is_read(world: World) -> None:
    scripts = scripts_of(world.east, "zh-hans")
    words = {
        "surname": "周",
        "title": "先生",
        "plate": "渝B62D81",
        "series": "锐界",
        "agent": "陈静",
        "store": "东区店",
    }
    usual = script_text(scripts, "birthday", apology=False, words=words)
    sorry = script_text(scripts, "birthday", apology=True, words=words)
    assert "生日快乐" in usual
    assert "抱歉" in sorry
    assert "生日" not in sorry
    for apology in (False, True):
        assert "周先生" in script_text(scripts, "greeting", apology=apology, words=words)


def test_the_closing_thanks_and_while_a_complaint_is_open_it_promises_an_answer(world: World) -> None:
    scripts = scripts_of(world.east, "zh-hans")
    assert "非常感谢合作" in script_text(scripts, "closing", apology=False, words={})
    assert "感谢您的信任,一定给您满意答复" in script_text(scripts, "closing", apology=True, words={})


@pytest.mark.parametrize("kind", ["compulsory_insurance", "commercial_insurance"])
def test_who_is_called_about_insurance_hears_what_renewing_with_us_brings(world: World, kind: str) -> None:
    text = script_text(scripts_of(world.east, "zh-hans"), kind, apology=False, words={})
    assert [word for word in ("报案", "定损", "原厂配件", "直接结算") if word not in text] == []


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_script_has_all_its_words(world: World, language: str) -> None:
    words = dict.fromkeys(("surname", "title", "plate", "series", "due_date", "store", "agent"), "x")
    for kind, apology in scripts_of(world.east, language):
        assert "{" not in script_text(scripts_of(world.east, language), kind, apology=apology, words=words)


def test_a_script_with_an_unknown_word_is_refused(world: World, wang: Actor) -> None:
    with pytest.raises(OperationRefused, match="discount"):
        operations.save_script(
            dealer=world.east,
            kind="lapsed",
            language="zh-hans",
            text="您好{surname},送您{discount}",
            actor=wang,
        )
    made = operations.save_script(
        dealer=world.east, kind="lapsed", language="zh-hans", text="您好{surname}", actor=wang
    )
    assert scripts_of(world.east, "zh-hans")["lapsed", False] == made
    assert CallScript.objects.filter(dealer=None, kind="lapsed", language="zh-hans").exists()
