"""Bays, people, absences, labour and schedules: the writes."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.catalog.models import Absence, Bay, LabourOperation, ServiceSchedule, StaffMember
from huichang.domains.catalog.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.scoping import DealerOwned

R = TypeVar("R", bound=DealerOwned)


@operation(P.EDIT)
def save_bay(*, bay: Bay, actor: Actor) -> Bay:
    """Save a bay, new or changed. Raises OperationRefused for a name in use or hours that end before they begin."""
    if bay.closes_at <= bay.opens_at:
        raise OperationRefused(_("关门时间要晚于开门时间"), field="closes_at")
    return _saved(bay, _("已经有叫“{name}”的工位").format(name=bay.name), "name")


@operation(P.EDIT)
def save_person(*, person: StaffMember, actor: Actor) -> StaffMember:
    """Save a member of staff. Raises OperationRefused when the same person has the same duty already.

    A technician without a skill could never be booked: refused too.
    """
    if person.duty == "technician" and not person.skills:
        raise OperationRefused(_("请填写技师的资质,否则不能安排作业"), field="skills")
    return _saved(person, _("已经有同名同岗位的“{name}”").format(name=person.name), "name")


@operation(P.EDIT)
def save_labour(*, labour: LabourOperation, actor: Actor) -> LabourOperation:
    """Save a labour operation. Raises OperationRefused for a code in use or hours that are not positive."""
    if labour.standard_hours <= 0:
        raise OperationRefused(_("标准工时要大于 0"), field="standard_hours")
    return _saved(labour, _("项目编码“{code}”已经存在").format(code=labour.code), "code")


@operation(P.EDIT)
def save_schedule(*, schedule: ServiceSchedule, actor: Actor) -> ServiceSchedule:
    """Save the schedule of a series; an empty series is the store's default. Raises OperationRefused when it exists."""
    return _saved(schedule, _("这个车系已经有保养周期"), "series")


@operation(P.EDIT_ABSENCES)
def add_absence(*, absence: Absence, actor: Actor) -> Absence:
    """Take a person or a bay out of booking for a time. Raises OperationRefused when it ends before it begins.

    Bookings already made stay: the caller shows them (`appointments.queries.bookings_of`).
    """
    if (absence.staff_id is None) == (absence.bay_id is None):
        raise OperationRefused(_("请选择一个人或者一个工位"), field="who")
    if absence.ends_at <= absence.starts_at:
        raise OperationRefused(_("结束时间要晚于开始时间"), field="ends_at")
    absence.save()
    return absence


@operation(P.EDIT_ABSENCES)
def end_absence(*, absence: Absence, actor: Actor, now: datetime) -> None:
    """The person or bay is back: an absence to come is dropped, a running one ends now."""
    if absence.starts_at >= now:
        absence.delete()
    elif absence.ends_at > now:
        absence.ends_at = now
        absence.save(update_fields=["ends_at"])


def _saved(row: R, taken: str, field: str) -> R:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise OperationRefused(taken, field=field) from error
    return row
