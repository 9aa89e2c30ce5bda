from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Bookings."""

    SEE = "appointments.see"  # 查看预约
    BOOK = "appointments.book"  # 预约
    CHANGE = "appointments.change"  # 改约与取消
    ARRIVE = "appointments.arrive"  # 登记到店
    EDIT_BANDS = "appointments.edit_bands"  # 维护预约时段
