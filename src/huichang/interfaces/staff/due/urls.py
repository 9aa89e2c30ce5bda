from __future__ import annotations

from huichang.domains.customers.permissions import P as CustomersP
from huichang.domains.reminders.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.due import views

KEYS = (("p", "打印"), ("x", "导出"))

urlpatterns = [
    page(
        "due", views.due, needs=P.SEE, name="due", title="到期名单",
        rail=Rail("招揽", "calendar-due", 20), help="due", keys=KEYS,
    ),
    page(
        "warranty-due", views.warranty, needs=P.SEE, name="warranty-due", title="保修到期提醒",
        rail=Rail("客户管理", "shield-check", 30), help="due", keys=KEYS,
    ),
    page("due/print", views.printed, needs=P.SEE, name="due-print", title="到期名单", help="due"),
    page(
        "due/export", views.export, needs=CustomersP.EXPORT, name="due-export", title="导出到期名单",
        screens=False,
    ),
]  # fmt: skip
