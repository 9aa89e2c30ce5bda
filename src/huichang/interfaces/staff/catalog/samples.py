"""A row for the pictures and the permission matrix to open."""

from __future__ import annotations

from typing import Any

from huichang.domains.appointments.models import EquipmentOutage
from huichang.domains.catalog.models import Absence, Bay, LabourOperation, ServiceSchedule, StaffMember
from huichang.domains.dealers.models import HolidayDay, SpecialDay


def _latest(model: Any) -> dict[str, int]:
    return {"pk": model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}


def bay() -> dict[str, int]:
    return _latest(Bay)


def person() -> dict[str, int]:
    return _latest(StaffMember)


def absence() -> dict[str, int]:
    return _latest(Absence)


def outage() -> dict[str, int]:
    return _latest(EquipmentOutage)


def labour() -> dict[str, int]:
    return _latest(LabourOperation)


def schedule() -> dict[str, int]:
    return _latest(ServiceSchedule)


def special_day() -> dict[str, int]:
    return _latest(SpecialDay)


def holiday() -> dict[str, int]:
    return _latest(HolidayDay)
