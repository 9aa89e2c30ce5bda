from __future__ import annotations

from huichang.domains.worklist.permissions import P
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.todos import views

urlpatterns = [
    page(
        "todos", views.todos, needs=P.TO_DOS, name="to-dos", title="我的待办",
        rail=Rail("我的工作", "checklist", 10, count=views.open_count), help="to-dos",
    ),
    page("todos/<int:pk>/done", views.tick, needs=P.TO_DOS, name="to-do-done", writes=True, sample=views.a_to_do),
]  # fmt: skip
