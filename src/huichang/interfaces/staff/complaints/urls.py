from __future__ import annotations

from huichang.domains.complaints.permissions import P
from huichang.domains.complaints.queries import number_open
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.complaints import views


def _waiting(_request: StaffRequest) -> int:
    return number_open()


urlpatterns = [
    page(
        "complaints", views.listing, needs=P.SEE, name="complaints", title="投诉", help="complaints",
        rail=Rail("客户管理", "alert-hexagon", 35, count=_waiting),
    ),
    page(
        "complaints/<int:pk>/close", views.close, needs=P.CLOSE, name="complaint-close", title="关闭投诉",
        help="complaints", sample=views.sample,
    ),
]  # fmt: skip
