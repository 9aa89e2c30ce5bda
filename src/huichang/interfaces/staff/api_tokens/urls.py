from __future__ import annotations

from huichang.domains.integrations.models import ApiToken
from huichang.domains.integrations.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.api_tokens import views


def _a_token() -> dict[str, int]:
    return {"pk": ApiToken.objects.order_by("pk").values_list("pk", flat=True)[0]}


urlpatterns = [
    page(
        "api-tokens", views.tokens, needs=P.SEE_TOKENS, name="api-tokens", title="接口令牌",
        rail=Rail("系统管理", "key", 80), help="api-tokens",
    ),
    page("api-tokens/new", views.new, needs=P.EDIT_TOKENS, name="api-token-new", title="新建接口令牌", help="api-tokens"),
    page(
        "api-tokens/<int:pk>/revoke", views.revoke, needs=P.EDIT_TOKENS, name="api-token-revoke", writes=True,
        sample=_a_token,
    ),
]  # fmt: skip
