from __future__ import annotations

from collections.abc import Iterator

import pytest

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.operations import add_dealer
from huichang.kernel.actors import Actor, Permission, PermissionRefused, system
from huichang.kernel.audit import history
from huichang.kernel.operations import OPERATIONS, OperationRefused, operation


class Example(Permission):
    DO = "example.do"


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    before = dict(OPERATIONS)
    yield
    OPERATIONS.clear()
    OPERATIONS.update(before)


def test_without_the_permission_nothing_happens(db: None) -> None:
    nobody = Actor(name="过客")
    with pytest.raises(PermissionRefused, match="dealers.edit_stores"):
        add_dealer(code="X", name="X", actor=nobody)
    assert not Dealer.objects.filter(code="X").exists()


def test_with_the_permission_the_author_is_on_record(db: None) -> None:
    manager = Actor(name="杨帆", user_id=77, permissions=frozenset({"dealers.edit_stores"}))
    dealer = add_dealer(code="X", name="X", actor=manager)
    assert [(r.actor_id, r.actor_name) for r in history([dealer])] == [(77, "杨帆")]


def test_each_write_is_on_record_under_the_name_of_who_did_it(db: None) -> None:
    @operation(Example.DO)
    def rename(*, dealer: Dealer, name: str, actor: Actor) -> None:
        dealer.name = name
        dealer.save()

    @operation(Example.DO)
    def both(*, dealer: Dealer, other: Actor, actor: Actor) -> None:
        rename(dealer=dealer, name="一", actor=actor)
        rename(dealer=dealer, name="二", actor=other)
        with pytest.raises(OperationRefused):
            refuse(dealer=dealer, actor=other)
        dealer.name = "三"
        dealer.save()

    @operation(Example.DO)
    def refuse(*, dealer: Dealer, actor: Actor) -> None:
        rename(dealer=dealer, name="没有", actor=actor)
        raise OperationRefused("停")

    dealer = add_dealer(code="X", name="X", actor=system("建店"))
    both(dealer=dealer, actor=system("甲"), other=system("乙"))

    assert sorted(record.actor_name for record in history([dealer])) == sorted(["建店", "甲", "乙", "甲"])


def test_an_exception_takes_back_what_was_written(db: None) -> None:
    @operation(Example.DO)
    def half_way(*, actor: Actor) -> None:
        Dealer.objects.create(code="HALF", name="半途")
        raise OperationRefused("停")

    with pytest.raises(OperationRefused):
        half_way(actor=system("测试"))
    assert not Dealer.objects.filter(code="HALF").exists()


def test_positional_arguments_are_refused_when_declared() -> None:
    with pytest.raises(TypeError, match="keyword-only"):

        @operation(Example.DO)
        def loose(number: int, *, actor: Actor) -> None: ...


def test_an_operation_without_an_actor_is_refused_when_declared() -> None:
    with pytest.raises(TypeError, match="actor"):

        @operation(Example.DO)
        def nameless(*, number: int) -> None: ...
