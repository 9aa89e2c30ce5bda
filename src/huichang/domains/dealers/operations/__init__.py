"""Stores, posts, delegation and policies: the writes."""

from __future__ import annotations

from huichang.domains.dealers.operations.policies import set_policy
from huichang.domains.dealers.operations.posts import (
    admit,
    delegate,
    end_delegation,
    end_network_post,
    end_post,
    engage,
    give_network_post,
    give_post,
    renew_password,
    shape_role,
)
from huichang.domains.dealers.operations.stores import (
    USUAL_WEEK,
    add_dealer,
    describe_dealer,
    remove_holiday,
    remove_special_day,
    set_holiday,
    set_special_day,
    set_week,
)

__all__ = [
    "USUAL_WEEK",
    "add_dealer",
    "admit",
    "delegate",
    "describe_dealer",
    "end_delegation",
    "end_network_post",
    "end_post",
    "engage",
    "give_network_post",
    "give_post",
    "remove_holiday",
    "remove_special_day",
    "renew_password",
    "set_holiday",
    "set_policy",
    "set_special_day",
    "set_week",
    "shape_role",
]
