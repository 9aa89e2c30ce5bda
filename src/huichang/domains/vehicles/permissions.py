from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Cars and readings."""

    RECORD_READING = "vehicles.record_reading"  # 登记里程
    JUDGE_READING = "vehicles.judge_reading"  # 核实里程
    EDIT = "vehicles.edit"  # 维护车辆
