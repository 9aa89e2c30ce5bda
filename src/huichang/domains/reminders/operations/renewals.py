"""Insurances renewed at the store: the car's new date, and what it brought (INS-04…06)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.customers.models import Car
from huichang.domains.customers.operations import edit_car
from huichang.domains.reminders.models import Renewal
from huichang.domains.reminders.permissions import P
from huichang.domains.reminders.renewals import COLUMNS
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import local_date


@operation(P.CALL)
def record_renewal(
    *, car: Car, kind: str, insurer: str, premium: Decimal, end_date: date, actor: Actor, now: datetime
) -> Renewal:
    """Keep a renewal and give the car its new date, which ends the reason to call about it.

    `premium` in yuan; `end_date` the first day without cover. Raises OperationRefused with the field at fault.
    """
    if kind not in COLUMNS:
        raise OperationRefused(_("请选择险种。"), field="kind")
    if not insurer.strip():
        raise OperationRefused(_("请填写保险公司。"), field="insurer")
    if premium <= 0:
        raise OperationRefused(_("保费要大于零。"), field="premium")
    expired = getattr(car, COLUMNS[kind])
    if end_date <= local_date(now) or (expired is not None and end_date <= expired):
        raise OperationRefused(_("新的失效日要在今天和原来的失效日以后。"), field="end_date")
    try:
        with transaction.atomic():
            renewal = Renewal.objects.create(
                dealer_id=car.dealer_id, car=car, kind=kind, insurer=insurer.strip()[:40], premium_amount=premium,
                expired_date=expired, end_date=end_date, renewed_on=local_date(now), agent_id=actor.user_id,
                agent_name=actor.name,
            )  # fmt: skip
    except IntegrityError as error:
        raise OperationRefused(_("这份续保已经登记过了。"), field="end_date") from error
    edit_car(car=car, facts={COLUMNS[kind]: end_date, "insurer": insurer.strip()[:40]}, actor=actor)
    return renewal
