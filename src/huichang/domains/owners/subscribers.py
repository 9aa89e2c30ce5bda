from __future__ import annotations

from django.utils import timezone

from huichang.domains.customers.events import CarChanged
from huichang.domains.customers.models import Car
from huichang.domains.owners import operations
from huichang.kernel.actors import system
from huichang.kernel.events import subscribe


@subscribe(CarChanged)
def end_bindings_of_former_owners(event: CarChanged) -> None:
    """A car that was sold or left the base disappears from its former owner's phone, and from those they invited."""
    car = Car.objects.filter(pk=event.car_id).first()
    if car is not None:
        operations.end_stale_bindings(car=car, actor=system("owners"), now=timezone.now())
