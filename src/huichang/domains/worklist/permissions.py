from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Call tasks."""

    WORK = "worklist.work"  # 处理任务
    TAKE_CALLS = "worklist.take_calls"  # 电话坐席: counts into the store's calls a day
    ASSIGN = "worklist.assign"  # 分派任务
    SEE_ALL = "worklist.see_all"  # 查看全部任务
    TO_DOS = "worklist.to_dos"  # 查看和完成自己的待办
