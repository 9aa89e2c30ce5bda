"""How far an actor's word goes: over which stores, and up to which permissions (PRM-10)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from huichang.domains.dealers.models import Dealer, Region
from huichang.domains.dealers.permissions import P
from huichang.domains.dealers.queries import regions_below
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused


def require_reach(actor: Actor, dealer_ids: Iterable[int]) -> None:
    """Raise OperationRefused unless the actor sees all these stores: nobody sets what holds in others'."""
    if not actor.is_system and not set(dealer_ids) <= set(actor.dealer_ids):
        raise OperationRefused(_("这个范围包含您管不到的门店。"))


def stores_of(dealer: Dealer | None, region: Region | None) -> list[int]:
    """The active stores of a place: one store, those of a region and of the regions below it, or all."""
    if dealer is not None:
        return [dealer.pk]
    stores = Dealer.objects.filter(is_active=True)
    if region is not None:
        stores = stores.filter(region_id__in=regions_below([region.pk]))
    return list(stores.values_list("pk", flat=True))


def may_hand_out(actor: Actor, permissions: Iterable[str]) -> bool:
    """Whether the actor may give these permissions to somebody: those they have, or who opens stores, any."""
    return actor.is_system or actor.can(P.EDIT_STORES) or set(permissions) <= set(actor.permissions)
