from __future__ import annotations

from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.customers.permissions import P as CustomersP
from huichang.domains.reminders.permissions import P
from huichang.domains.vehicles.permissions import P as VehiclesP
from huichang.domains.worklist.permissions import P as WorklistP
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.desk import editing, managing, renewing, samples, slip, views

urlpatterns = [
    page(
        "desk", views.desk, needs=P.CALL, name="desk", title="招揽电话", help="desk",
        keys=(
            ("n", "下一位客户"), ("k", "呼叫"), ("b", "选时段"), ("1…9", "留下这个时段"), ("enter", "确认预约"),
            ("mod+enter", "保存,下一位"),
        ),
        rail=Rail("招揽", "phone-call", 10, count=views.open_calls),
    ),
    page("desk/queue", views.queue, needs=P.CALL, name="desk-queue", screens=False),
    page("desk/next", views.next_case, needs=P.CALL, name="desk-next", writes=True),
    page(
        "desk/task/<int:task>/take", views.take, needs=P.CALL, name="desk-take", writes=True, sample=samples.task
    ),
    page(
        "desk/task/<int:task>/renew", views.renew, needs=P.CALL, name="desk-renew", writes=True,
        sample=samples.task,
    ),
    page(
        "desk/task/<int:task>/release", views.release, needs=P.CALL, name="desk-release", writes=True,
        sample=samples.task,
    ),
    page(
        "desk/task/<int:task>/slip", slip.slip, needs=P.CALL, name="desk-slip", title="车辆提醒单", sample=samples.task,
    ),
    page("desk/record", views.record, needs=P.CALL, name="desk-record", writes=True),
    page("desk/book", views.book, needs=P.CALL, name="desk-book", writes=True),
    page(
        "desk/customer/<int:customer>/dial", editing.dial, needs=CustomersP.REVEAL_MOBILE, name="desk-dial",
        writes=True, sample=samples.customer,
    ),
    page(
        "desk/customer/<int:customer>/owner", editing.owner, needs=CustomersP.EDIT, name="desk-owner",
        sample=samples.customer, screens=False,
    ),
    page(
        "desk/car/<int:car>", editing.car, needs=CustomersP.EDIT, name="desk-car", sample=samples.car,
        screens=False,
    ),
    page(
        "desk/car/<int:car>/renewal", renewing.renewal, needs=P.CALL, name="desk-renewal", sample=samples.car,
        screens=False,
    ),
    page(
        "desk/car/<int:car>/reading", editing.reading, needs=VehiclesP.RECORD_READING, name="desk-reading",
        sample=samples.car, screens=False,
    ),
    page(
        "desk/refusal/<int:refusal>/lift", editing.lift, needs=ContactsP.LIFT_OPT_OUT, name="desk-lift",
        sample=samples.refusal, screens=False,
    ),
    page(
        "desk/manage", managing.manage, needs=WorklistP.SEE_ALL, name="desk-manage", title="招揽管理",
        rail=Rail("招揽", "users-group", 40), help="desk",
    ),
    page("desk/manage/assign", managing.assign, needs=WorklistP.ASSIGN, name="desk-assign", writes=True),
]  # fmt: skip
