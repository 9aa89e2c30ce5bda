from __future__ import annotations

from huichang.domains.intake.models import ImportRun
from huichang.domains.intake.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.intake import todos, views


def _a_run() -> dict[str, int]:
    return {"pk": ImportRun.objects.order_by("-pk").values_list("pk", flat=True)[0]}


def _a_sheet() -> dict[str, int]:
    return _a_run() | {"index": 0}


urlpatterns = [
    page(
        "imports", views.imports, needs=P.IMPORT, name="imports", title="数据导入",
        rail=Rail("系统管理", "file-import", 65), help="import",
    ),
    page(
        "imports/<int:pk>", views.run, needs=P.IMPORT, name="import", title="导入", help="import", sample=_a_run,
    ),
    page(
        "imports/<int:pk>/progress", views.progress, needs=P.IMPORT, name="import-progress", title="导入进度",
        sample=_a_run, screens=False,
    ),
    page(
        "imports/<int:pk>/sheets/<int:index>", views.sheet, needs=P.IMPORT, name="import-sheet", title="对应关系",
        help="import", sample=_a_sheet,
    ),
    page(
        "imports/<int:pk>/start", views.start, needs=P.IMPORT, name="import-start", writes=True, sample=_a_run,
    ),
    page(
        "imports/<int:pk>/cancel", views.cancel, needs=P.IMPORT, name="import-cancel", writes=True, sample=_a_run,
    ),
    page(
        "imports/<int:pk>/refused.xlsx", views.refused, needs=P.IMPORT, name="import-refused", title="未导入的行",
        sample=_a_run, screens=False,
    ),
    page(
        "record-todos", todos.todos, needs=P.RESOLVE, name="todos", title="资料待办", help="import",
        rail=Rail("客户管理", "checklist", 40, todos.open_count),
    ),
    page(
        "record-todos/<int:pk>/settle", todos.settle, needs=P.RESOLVE, name="todo-settle", writes=True, sample=todos.a_todo,
    ),
]  # fmt: skip
