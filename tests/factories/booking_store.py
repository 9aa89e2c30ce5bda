"""A small store whose capacity can be counted by hand, and a clock that stands on a Monday morning."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

from huichang.domains.catalog.models import Bay, LabourOperation, StaffMember
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer, OpeningPeriod
from huichang.domains.vehicles.models import Vehicle
from huichang.kernel.actors import Actor, system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_moment

MONDAY = date(2026, 11, 23)
NOW = local_moment(MONDAY, time(8, 0))
_numbers = count(1)


def at(clock: str, day: date = MONDAY) -> datetime:
    """`at("10:30")`: that time on the Monday."""
    return local_moment(day, time.fromisoformat(clock))


@dataclass
class Store:
    """East: open 8:30–12:00 and 13:00–17:30 from Monday to Saturday, 8 hours a day."""

    dealer: Dealer
    actor: Actor = field(default_factory=lambda: system("test"))

    def bay(self, name: str, skill: str) -> Bay:
        return Bay.objects.create(
            dealer=self.dealer, name=name, skill=skill, opens_at=time(8, 30), closes_at=time(17, 30)
        )

    def technician(self, name: str, *skills: str) -> StaffMember:
        return StaffMember.objects.create(
            dealer=self.dealer, name=name, duty="technician", skills=list(skills)
        )

    def advisor(self, name: str) -> StaffMember:
        return StaffMember.objects.create(dealer=self.dealer, name=name, duty="advisor")

    def labour(self, name: str, skill: str, hours: str) -> LabourOperation:
        return LabourOperation.objects.create(
            dealer=self.dealer,
            code=f"L{next(_numbers)}",
            name=name,
            skill=skill,
            standard_hours=Decimal(hours),
        )

    def car(self) -> Car:
        vin = f"LVSHFFAL{next(_numbers):09}"
        vehicle = Vehicle.objects.create(vin=vin, series="福克斯")
        return Car.objects.create(
            dealer=self.dealer, vehicle=vehicle, plate=f"渝A{vin[-5:]}", vin_reversed=vin[::-1]
        )

    def customer(self) -> Customer:
        number = next(_numbers)
        return Customer.objects.create(dealer=self.dealer, number=f"C{number}", name=f"客户{number}")

    def visit(self, *labour: LabourOperation, clock: str = "10:00", day: date = MONDAY) -> dict[str, Any]:
        """Arguments of `book` and `hold` for a new car and customer."""
        return {
            "dealer": self.dealer, "car": self.car(), "customer": self.customer(), "actor": self.actor,
            "labour_ids": [item.pk for item in labour], "starts_at": at(clock, day), "now": NOW,
        }  # fmt: skip


def make_store(code: str = "EAST") -> Store:
    """A store with its week; call inside no scope, use inside `dealer_scope(store.dealer.pk)`."""
    dealer = Dealer.objects.create(code=code, name="东区店")
    with dealer_scope(dealer.pk):
        OpeningPeriod.objects.bulk_create(
            OpeningPeriod(dealer=dealer, weekday=weekday, opens_at=opens, closes_at=closes)
            for weekday in range(6)
            for opens, closes in ((time(8, 30), time(12, 0)), (time(13, 0), time(17, 30)))
        )
    return Store(dealer)
