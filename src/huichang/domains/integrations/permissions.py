from __future__ import annotations

from huichang.kernel.actors import Permission


class P(Permission):
    """Tokens of the API."""

    SEE_TOKENS = "integrations.see_tokens"  # 查看接口令牌
    EDIT_TOKENS = "integrations.edit_tokens"  # 维护接口令牌
