from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Imports of exports."""

    IMPORT = "intake.import"  # 导入数据
    SEE = "intake.see"  # 查看导入
    RESOLVE = "intake.resolve"  # 处理待办
