from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Visits and findings."""

    SEE = "workshop.see"  # 查看工单
    RECORD_VISIT = "workshop.record_visit"  # 登记进厂
    EDIT_FINDINGS = "workshop.edit_findings"  # 处理建议
