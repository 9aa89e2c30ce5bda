"""A deposit for valuable parts, as the owner sees it (APT-21)."""

from __future__ import annotations

import pytest

from huichang.domains.appointments.models import Preparation
from huichang.kernel.scoping import dealer_scope
from tests.factories.owners import bind_owner, make_owner_car, owner_of_car, phone_of
from tests.factories.world import World, make_booking

pytestmark = pytest.mark.django_db


def test_a_booking_says_whether_its_deposit_is_wanted_or_has_come(world: World) -> None:
    """The payment is the store's till; the owner sees what is asked and that it was received."""
    car = make_owner_car(world.east)
    binding = bind_owner(car)
    client = phone_of(binding.account)
    booking = make_booking(world.east, car=car, customer=owner_of_car(car))
    at = f"/m/cars/{binding.pk}/bookings/{booking.pk}"
    assert "定金" not in client.get(at).content.decode()
    with dealer_scope(world.east.pk):
        Preparation.objects.update_or_create(
            booking=booking, defaults={"dealer": world.east, "deposit_amount": 1500}
        )
    assert "需要定金 ¥1,500" in client.get(at).content.decode()
    with dealer_scope(world.east.pk):
        Preparation.objects.update(deposit_paid_amount=1500, deposit_receipt="D-9")
    page = client.get(at).content.decode()
    assert "已收到" in page
    assert "D-9" in page
    assert "需要定金" not in page
