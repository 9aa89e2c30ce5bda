from __future__ import annotations

from huichang.domains.dealers.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.settings import views


def _one_policy() -> dict[str, str]:
    return {"key": "appointments.reserve_percent"}


urlpatterns = [
    page(
        "settings", views.settings, needs=P.SEE_POLICIES, name="settings", title="基础参数设置",
        rail=Rail("系统管理", "adjustments-horizontal", 10), help="settings", network=True,
    ),
    page(
        "settings/<str:key>", views.edit, needs=P.SEE_POLICIES, name="settings-edit", title="参数",
        help="settings", network=True, sample=_one_policy,
    ),
    page(
        "settings/<str:key>/preview", views.preview, needs=P.SEE_POLICIES, name="settings-preview",
        title="影响预览", network=True, sample=_one_policy, screens=False,
    ),
    page(
        "store-details", views.store_details, needs=P.SEE_POLICIES, name="store-details", title="门店资料",
        rail=Rail("系统管理", "building-store", 40), help="settings",
    ),
]  # fmt: skip
