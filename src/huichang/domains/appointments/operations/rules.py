"""The rules of capacity that are data: limits of kinds of work, equipment, discounts by channel, screens on the wall."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from huichang.domains.appointments.models import (
    BandDiscount,
    BookingBand,
    Channel,
    Equipment,
    EquipmentNeed,
    EquipmentOutage,
    JobLimit,
    WelcomeScreen,
)
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.screens import digest_of
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.catalog.permissions import P as Resources
from huichang.domains.dealers.models import Dealer
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation


@operation(P.EDIT_CAPACITY)
def save_limit(*, limit: JobLimit, actor: Actor) -> JobLimit:
    """Save a limit of a kind of work. Raises OperationRefused unless it names a job or a skill, not both."""
    if bool(limit.skill) == bool(limit.labour_id):
        raise OperationRefused(_("请选择一个项目或者一个工种"), field="labour")
    limit.name = limit.name.strip() or (limit.labour.name if limit.labour else limit.skill)
    limit.save()
    return limit


@operation(P.EDIT_CAPACITY)
def remove_limit(*, limit: JobLimit, actor: Actor) -> None:
    """Let the kind of work be limited by hours alone again."""
    limit.delete()


@operation(P.EDIT_CAPACITY)
def save_equipment(*, equipment: Equipment, actor: Actor) -> Equipment:
    """Save a piece of equipment, new, renamed or taken out of use. Raises OperationRefused for a name in use."""
    equipment.name, equipment.kind = equipment.name.strip(), equipment.kind.strip()
    if not equipment.name or not equipment.kind:
        raise OperationRefused(_("请填写设备的名称和种类"), field="name")
    try:
        with transaction.atomic():
            equipment.save()
    except IntegrityError as error:
        raise OperationRefused(
            _("已经有叫“{name}”的设备").format(name=equipment.name), field="name"
        ) from error
    return equipment


@operation(Resources.EDIT_ABSENCES)
def add_outage(
    *,
    equipment: Equipment,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> EquipmentOutage:
    """A piece of equipment cannot be used in [starts_at, ends_at); promised visits are shown, not moved.

    Raises OperationRefused for a time that is over or ends before it begins.
    """
    if ends_at <= starts_at:
        raise OperationRefused(_("结束要晚于开始"), field="ends_at")
    if ends_at <= now:
        raise OperationRefused(_("这段时间已经过去了。"), field="ends_at")
    return EquipmentOutage.objects.create(
        dealer_id=equipment.dealer_id, equipment=equipment, starts_at=starts_at, ends_at=ends_at,
        reason=reason.strip()[:100], created_by_id=actor.user_id, created_at=now,
    )  # fmt: skip


@operation(Resources.EDIT_ABSENCES)
def end_outage(*, outage: EquipmentOutage, actor: Actor, now: datetime) -> None:
    """The piece works again from now on; an outage that has not begun never was."""
    if outage.starts_at >= now:
        outage.delete()
    elif outage.ends_at > now:
        outage.ends_at = now
        outage.save(update_fields=["ends_at"])


@operation(P.EDIT_CAPACITY)
def set_needs(*, dealer: Dealer, kind: str, labour: Sequence[LabourOperation], actor: Actor) -> None:
    """Say which jobs need a kind of equipment; replaces what was said before."""
    EquipmentNeed.objects.filter(dealer=dealer, kind=kind).exclude(labour__in=labour).delete()
    known = set(EquipmentNeed.objects.filter(dealer=dealer, kind=kind).values_list("labour_id", flat=True))
    EquipmentNeed.objects.bulk_create(
        EquipmentNeed(dealer=dealer, kind=kind, labour=row) for row in labour if row.pk not in known
    )


@operation(P.EDIT_BANDS)
def set_discounts(*, band: BookingBand, percents: Mapping[str, int], actor: Actor) -> None:
    """The labour discount of a band by channel; channels left out get the band's own."""
    if unknown := set(percents) - set(Channel.values):
        raise OperationRefused(_("没有这个渠道:{names}").format(names="、".join(sorted(unknown))))
    if any(not 0 <= percent <= 100 for percent in percents.values()):
        raise OperationRefused(_("优惠在 0 到 100 之间"), field="discount_percent")
    BandDiscount.objects.filter(band=band).exclude(channel__in=percents).delete()
    for channel, percent in percents.items():
        BandDiscount.objects.update_or_create(
            band=band, channel=channel, defaults={"dealer_id": band.dealer_id, "discount_percent": percent}
        )


@operation(P.EDIT_CAPACITY)
def add_screen(*, dealer: Dealer, name: str, actor: Actor, now: datetime) -> tuple[WelcomeScreen, str]:
    """A screen on the wall and its key, which is shown once; whoever has the key sees today's board and no more."""
    if not name.strip():
        raise OperationRefused(_("请填写屏幕的位置"), field="name")
    key = f"{dealer.pk}-{secrets.token_urlsafe(24)}"
    screen = WelcomeScreen.objects.create(
        dealer=dealer, name=name.strip()[:40], token_hash=digest_of(key), created_at=now
    )
    return screen, key


@operation(P.EDIT_CAPACITY)
def close_screen(*, screen: WelcomeScreen, actor: Actor) -> None:
    """The key opens nothing any more."""
    screen.is_active = False
    screen.save(update_fields=["is_active"])
