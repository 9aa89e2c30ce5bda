from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Bookings."""

    SEE = "appointments.see"  # 查看预约
    BOOK = "appointments.book"  # 预约
    CHANGE = "appointments.change"  # 改约与取消
    ARRIVE = "appointments.arrive"  # 登记到店
    CHANGE_OWN = "appointments.change_own"  # 车主改约与取消自己的预约
    PREPARE = "appointments.prepare"  # 维修准备:单据、估价、定金、技师确认
    AGREE = "appointments.agree"  # 技师确认项目和配件
    CHECK = "appointments.check"  # 开工前检查与资料夹检查
    PLAN_DAY = "appointments.plan_day"  # 次日计划:指派服务顾问和技师
    EDIT_BANDS = "appointments.edit_bands"  # 维护预约时段
    USE_PRIORITY = "appointments.use_priority"  # 给安全、返修、投诉客户用优先位
    OVERBOOK = "appointments.overbook"  # 超出规则预约
    RUN_DAY = "appointments.run_day"  # 调整当日安排
    EDIT_CAPACITY = "appointments.edit_capacity"  # 维护产能规则
    SEE_FIGURES = "appointments.see_figures"  # 查看产能与预约统计
