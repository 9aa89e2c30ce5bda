from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Complaints."""

    SEE = "complaints.see"  # 查看投诉
    RECORD = "complaints.record"  # 登记投诉
    CLOSE = "complaints.close"  # 关闭投诉
