from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """The parts catalogue."""

    SEE = "parts.see"  # 查看配件
    EDIT = "parts.edit"  # 维护配件
