"""A store whose visits need parts: the small store of the bookings with a shelf, an agent and clocks that move."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from huichang.domains.appointments import operations
from huichang.domains.appointments.models import Booking, Touch
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import ChannelAccount
from huichang.domains.customers.models import Customer, CustomerPhone
from huichang.domains.parts.models import Part, PartUse
from tests.factories.booking_store import MONDAY, NOW, Store, at
from tests.factories.parts_store import Room

THURSDAY = MONDAY + timedelta(days=3)


class Keeping:
    """East on Monday 08:00: one job that takes a part of which `stock` pieces are on the shelf."""

    def __init__(self, store: Store, *, stock: int = 5, price: str = "120", lead_days: int = 3) -> None:
        self.store, self.dealer, self.actor = store, store.dealer, store.actor
        self.room = Room(store.dealer, now=NOW)
        self.service: LabourOperation = store.labour("常规保养", "快保", "0.8")
        self.service.hourly_rate = Decimal(200)
        self.service.save()
        self.part: Part = self.room.part(
            "FILTER", stock, name="机油滤清器", price=Decimal(price), lead_days=lead_days
        )
        PartUse.objects.create(
            dealer=store.dealer, labour=self.service, part=self.part, share=Decimal(1), quantity=Decimal(1)
        )

    def reachable(self, customer: Customer) -> Customer:
        """A mobile, templates and an SMS account, so that messages really wait to be sent."""
        CustomerPhone.objects.create(
            dealer=self.dealer, customer=customer, number=f"139{customer.pk:08d}", is_primary=True
        )
        contacts.seed_messages(actor=self.actor)
        ChannelAccount.objects.get_or_create(
            dealer=self.dealer,
            channel="sms",
            provider="aliyun",
            defaults={"label": "短信", "is_active": True},
        )
        return customer

    def book(self, day: date = THURSDAY, clock: str = "10:00", now: datetime = NOW, **given: Any) -> Booking:
        visit = self.store.visit(self.service, clock=clock, day=day) | {"now": now} | given
        made: Booking = operations.book(**visit)
        return made

    def print_all(self, booking: Booking, now: datetime = NOW) -> None:
        operations.print_documents(
            booking=booking, kinds=["work_order", "estimate", "issue_slip"], actor=self.actor, now=now
        )

    def do(self, name: str, now: datetime = NOW, **given: Any) -> Any:
        return getattr(operations, name)(actor=self.actor, now=now, **given)

    def touches(self, booking: Booking) -> dict[str, str]:
        """`{"names": "planned", "confirm_call": "skipped:too_late"}` of the present round."""
        booking.refresh_from_db()
        rows = Touch.objects.filter(booking=booking, round=booking.times_moved)
        return {row.kind: f"{row.status}:{row.cause}" if row.cause else row.status for row in rows}

    def make_due(self, now: datetime) -> int:
        """What the job of the minute does; the number of touches made."""
        from huichang.domains.appointments import touching

        return sum(
            operations.make_touch(touch_id=pk, actor=self.actor, now=now) for _dealer, pk in touching.due(now)
        )


def status(booking: Booking) -> str:
    booking.refresh_from_db()
    return booking.status


__all__ = ["THURSDAY", "Keeping", "at", "status"]
