from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Schedules, labour, bays, staff."""

    SEE = "catalog.see"  # 查看目录
    EDIT = "catalog.edit"  # 维护目录
    EDIT_ABSENCES = "catalog.edit_absences"  # 维护停用与休假
