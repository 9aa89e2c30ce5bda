"""Policies: a new value at one level from a day on."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from huichang.domains.dealers.events import PolicyChanged
from huichang.domains.dealers.models import Dealer, PolicyLevel, PolicyValue, Region
from huichang.domains.dealers.permissions import P
from huichang.domains.dealers.reach import require_reach, stores_of
from huichang.kernel.actors import Actor
from huichang.kernel.events import publish
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.policies import POLICIES, PolicyRefused


@operation(P.EDIT_POLICIES)
def set_policy(
    *,
    key: str,
    raw: str,
    effective_date: date,
    actor: Actor,
    now: datetime,
    dealer: Dealer | None = None,
    region: Region | None = None,
    reason: str = "",
) -> PolicyValue:
    """Give a policy a value from a day on, at a store, a region, or (neither given) the manufacturer.

    Raises OperationRefused for an unknown key or a value outside the bounds, PermissionRefused when a level
    above the store is set without the network's permission.
    """
    if dealer is None:
        actor.require(P.EDIT_NETWORK_POLICIES)
        require_reach(actor, stores_of(dealer, region))
    try:
        policy = POLICIES[key]
        value = policy.format(policy.parse(raw))
    except KeyError as error:
        raise OperationRefused(_("没有名为“{key}”的参数").format(key=key), field="key") from error
    except PolicyRefused as error:
        raise OperationRefused(str(error), field=key) from error
    level = PolicyLevel.DEALER if dealer else PolicyLevel.REGION if region else PolicyLevel.MAKER
    row = PolicyValue.objects.create(
        key=key, level=level, dealer=dealer, region=region, value=value, effective_date=effective_date,
        author_id=actor.user_id, author_name=actor.name, reason=reason, created_at=now,
    )  # fmt: skip
    for dealer_id in stores_of(dealer, region):
        publish(PolicyChanged(dealer_id=dealer_id, key=key))
    return row
