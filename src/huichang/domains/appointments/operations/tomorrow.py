"""The store looks through its preparations and plans tomorrow (PRE-15, PRE-17, PRE-18, CNF-03)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.appointments import handing, readiness
from huichang.domains.appointments.models import (
    PROMISED,
    BlockKind,
    Booking,
    BookingBlock,
    CheckKind,
    DayCheck,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.queries import bookings_between
from huichang.domains.catalog.models import Absence, Duty, StaffMember
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import day_bounds, local_date


@operation(P.CHECK)
def record_check(
    *, dealer: Dealer, kind: str, about: date, actor: Actor, now: datetime, note: str = ""
) -> DayCheck:
    """Keep that somebody looked through a day's preparations, with what was not ready then. Again the same day: renewed."""
    start, end = day_bounds(about)
    rows = [
        row for row in bookings_between(dealer=dealer, start=start, end=end, statuses=PROMISED)
        if start <= row.starts_at < end
    ]  # fmt: skip
    found = readiness.of(dealer, rows, now)
    lacking = [
        {
            "booking": row.pk, "number": row.number, "plate": row.car.plate,
            "reasons": [f"{point.text} · {point.turn}" for point in found[row.pk].lacking],
        }
        for row in rows
        if not found[row.pk].is_ready
    ]  # fmt: skip
    check, _made = DayCheck.objects.update_or_create(
        dealer=dealer, kind=CheckKind(kind), about=about, checked_on=local_date(now),
        defaults={
            "checked_at": now, "checked_by_id": actor.user_id, "checked_by_name": actor.name[:40],
            "expected": len(rows), "ready": len(rows) - len(lacking), "lacking": lacking,
            "note": note.strip()[:200],
        },
    )  # fmt: skip
    return check


@operation(P.PLAN_DAY)
def assign(
    *,
    booking: Booking,
    actor: Actor,
    now: datetime,
    advisor_id: int | None = None,
    technician_id: int | None = None,
) -> None:
    """Give tomorrow's booking another advisor or technician (PRE-18). Raises OperationRefused with the field.

    Refused for somebody who is away, lacks the skill or has another booking then. Printed papers that name another
    person are void and wait to be printed again (`handing`).
    """
    if booking.status not in PROMISED:
        raise OperationRefused(_("只有还没到店的预约可以指派。"))
    before = handing.hands_of(booking)
    if advisor_id:
        advisor = _person(advisor_id, Duty.ADVISOR, "advisor")
        _give(booking, BlockKind.RECEPTION, advisor, "advisor")
    if technician_id:
        technician = _person(technician_id, Duty.TECHNICIAN, "technician")
        _give(booking, BlockKind.WORK, technician, "technician")
    handing.changed(booking, before, actor=actor, now=now)


def _person(pk: int, duty: str, field: str) -> StaffMember:
    person = StaffMember.objects.filter(pk=pk, duty=duty, is_active=True).first()
    if person is None:
        raise OperationRefused(_("请从名单里选择在岗的人员。"), field=field)
    return person


def _give(booking: Booking, kind: str, person: StaffMember, field: str) -> None:
    blocks = list(BookingBlock.objects.filter(booking=booking, kind=kind, is_active=True))
    if not blocks and kind == BlockKind.RECEPTION:
        blocks = [
            BookingBlock(
                dealer_id=booking.dealer_id, booking=booking, kind=kind, staff=person,
                starts_at=booking.arrive_at, ends_at=booking.starts_at,
            )
        ]  # fmt: skip
    for block in blocks:
        _fits(block, person, field)
        block.staff = person
    try:
        with transaction.atomic():
            for block in blocks:
                block.save()
    except IntegrityError as error:
        message = _("{name} 那时已有别的预约。").format(name=person.name)
        raise OperationRefused(message, field=field) from error


def _fits(block: BookingBlock, person: StaffMember, field: str) -> None:
    if block.kind == BlockKind.WORK and block.skill and block.skill not in person.skills:
        message = _("{name} 没有“{skill}”资质。").format(name=person.name, skill=block.skill)
        raise OperationRefused(message, field=field)
    away = Absence.objects.filter(staff=person, starts_at__lt=block.ends_at, ends_at__gt=block.starts_at)
    if away.exists():
        raise OperationRefused(_("{name} 那时不在。").format(name=person.name), field=field)
