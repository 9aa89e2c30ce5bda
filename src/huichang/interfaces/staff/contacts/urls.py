from __future__ import annotations

from huichang.domains.contacts.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.contacts import codes, views


def _one_code() -> dict[str, str]:
    return {"code": "no_answer"}


def _one_script() -> dict[str, str]:
    return {"kind": "scheduled_service", "tone": "usual"}


urlpatterns = [
    page(
        "calls", views.register, needs=P.SEE_CALLS, name="calls", title="电话登记簿", help="calls",
        rail=Rail("招揽", "phone", 30),
    ),
    page("calls/print", views.register_print, needs=P.SEE_CALLS, name="calls-print", title="电话登记簿"),
    page(
        "calls/inbound", views.inbound, needs=P.RECORD_CALL, name="inbound", title="登记来电", help="calls",
        rail=Rail("招揽", "phone-incoming", 20),
    ),
    page(
        "outcome-codes", codes.codes, needs=P.EDIT_CODES, name="outcome-codes", title="结果代码", help="codes",
        rail=Rail("系统管理", "list-check", 70),
    ),
    page(
        "outcome-codes/<slug:code>", codes.code, needs=P.EDIT_CODES, name="outcome-code", title="结果代码",
        help="codes", sample=_one_code,
    ),
    page(
        "call-scripts", codes.scripts, needs=P.EDIT_SCRIPTS, name="call-scripts", title="话术", help="codes",
        rail=Rail("系统管理", "message-2", 80),
    ),
    page(
        "call-scripts/<slug:kind>/<slug:tone>", codes.script, needs=P.EDIT_SCRIPTS, name="call-script",
        title="话术", help="codes", sample=_one_script,
    ),
]  # fmt: skip
