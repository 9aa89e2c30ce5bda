from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Due lists and cases."""

    SEE = "reminders.see"  # 查看到期
    CALL = "reminders.call"  # 致电客户
    RUN = "reminders.run"  # 生成到期
    CLOSE = "reminders.close"  # 结束个案
    SEE_CENSUS = "reminders.see_census"  # 查看月度统计
    FREEZE_CENSUS = "reminders.freeze_census"  # 封存月度统计
    MANAGE = "reminders.manage"  # 管理招揽
    PROGRAMME = "reminders.programme"  # 三保客户跟踪
