from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """The store's file."""

    SEE = "customers.see"  # 查看客户
    EDIT = "customers.edit"  # 维护客户
    MERGE = "customers.merge"  # 合并客户
    REVEAL_ID = "customers.reveal_id"  # 查看证件号码
    REVEAL_MOBILE = "customers.reveal_mobile"  # 查看完整电话
    EXPORT = "customers.export"  # 导出客户
