"""Numbers of the import that a store may want to change."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_noop

from huichang.kernel.policies import Policy

FIRST_RATE_SHARE = Policy(
    key="intake.first_rate_share",
    default=Decimal("0.3"),
    label=gettext_noop("首次里程的日均低于以后日均的多少算存疑"),
    low=Decimal(0),
    high=Decimal("0.9"),
    unit=gettext_noop("倍"),
)
