"""What a job takes is learnt from orders with that job alone; the slowest part decides the lead time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from huichang.domains.catalog.models import LabourOperation
from huichang.domains.dealers.models import Dealer
from huichang.domains.parts.batch import learn_part_uses
from huichang.domains.parts.models import Part, PartUse
from huichang.domains.parts.queries import slowest_lead_days
from huichang.domains.workshop.models import OrderLine
from huichang.kernel.scoping import dealer_scope
from tests.factories.world import TODAY, make_car, make_dealer, make_labour, make_order


@pytest.fixture
def dealer(db: None) -> Iterator[Dealer]:
    dealer = make_dealer()
    with dealer_scope(dealer.pk):
        yield dealer


def part(dealer: Dealer, code: str, lead_days: int) -> Part:
    return Part.objects.create(dealer=dealer, code=code, name=code, lead_days=lead_days)


def order_with(dealer: Dealer, *codes: str) -> None:
    """An order whose lines are these codes; the one beginning with L is the job."""
    order = make_order(dealer, car=make_car(dealer))
    OrderLine.objects.filter(order=order).delete()
    OrderLine.objects.bulk_create(
        OrderLine(
            dealer=dealer, order=order, position=position, kind="labour" if code.startswith("L") else "part",
            code=code, name=code, quantity=Decimal(2), unit_price=Decimal(10), amount=Decimal(20),
        )
        for position, code in enumerate(codes, 1)
    )  # fmt: skip


@pytest.fixture
def brakes(dealer: Dealer) -> LabourOperation:
    labour = make_labour(dealer, code="L-BRK", name="更换前制动片")
    part(dealer, "P-PAD", 3)
    part(dealer, "P-WASH", 9)
    for _ in range(9):
        order_with(dealer, "L-BRK", "P-PAD")
    order_with(dealer, "L-BRK", "P-WASH")
    return labour


def test_usual_parts_are_learnt_with_share_and_quantity(dealer: Dealer, brakes: LabourOperation) -> None:
    assert learn_part_uses(dealer=dealer, on=TODAY) == 1
    use = PartUse.objects.get()
    assert (use.labour, use.part.code, use.share, use.quantity) == (
        brakes,
        "P-PAD",
        Decimal("0.900"),
        Decimal(2),
    )


def test_a_rare_companion_does_not_slow_the_job_down(dealer: Dealer, brakes: LabourOperation) -> None:
    learn_part_uses(dealer=dealer, on=TODAY)
    assert slowest_lead_days([brakes]) == 3


def test_learning_again_changes_nothing(dealer: Dealer, brakes: LabourOperation) -> None:
    learn_part_uses(dealer=dealer, on=TODAY)
    assert learn_part_uses(dealer=dealer, on=TODAY) == 0


def test_orders_with_two_jobs_tell_nothing(dealer: Dealer) -> None:
    make_labour(dealer, code="L-A")
    make_labour(dealer, code="L-B")
    part(dealer, "P-X", 1)
    for _ in range(6):
        order_with(dealer, "L-A", "L-B", "P-X")
    assert learn_part_uses(dealer=dealer, on=TODAY) == 0


def test_what_is_not_used_any_more_is_forgotten(dealer: Dealer, brakes: LabourOperation) -> None:
    learn_part_uses(dealer=dealer, on=TODAY)
    OrderLine.objects.filter(code="P-PAD").update(code="P-NEW")
    learn_part_uses(dealer=dealer, on=TODAY)
    assert not PartUse.objects.exists()
