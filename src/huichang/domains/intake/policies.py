"""Numbers of the import that a store may want to change."""

from __future__ import annotations

from decimal import Decimal

from huichang.kernel.policies import Policy

FIRST_RATE_SHARE = Policy(
    "intake.first_rate_share", Decimal("0.3"), "首次里程的日均低于以后日均的多少算存疑", "倍",
    low=Decimal(0), high=Decimal("0.9"),
)  # fmt: skip
