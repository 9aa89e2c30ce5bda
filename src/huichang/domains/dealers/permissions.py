from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Stores, posts, delegation, policies, calendars."""

    SEE_POLICIES = "dealers.see_policies"  # 查看参数
    EDIT_POLICIES = "dealers.edit_policies"  # 设置本店参数
    EDIT_NETWORK_POLICIES = "dealers.edit_network_policies"  # 设置全网参数
    DELEGATE = "dealers.delegate"  # 职责委托
    EDIT_CALENDAR = "dealers.edit_calendar"  # 维护日历
    EDIT_STORES = "dealers.edit_stores"  # 维护门店
