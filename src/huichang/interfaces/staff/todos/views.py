"""My to-dos: what waits for me from every domain, when it is due, where it is done; and what was done lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.reminders.permissions import P as Reminders
from huichang.domains.worklist import operations, queries
from huichang.domains.worklist.models import ToDo
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.todos.kinds import Kind, kind_of, link_of
from huichang.kernel.operations import OperationRefused

_SHOWN, _LATELY = 200, timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Row:
    """A to-do as the page shows it."""

    todo: ToDo
    kind: Kind
    link: str
    is_late: bool


def open_count(request: StaffRequest) -> int:
    """The rail's number."""
    return queries.to_dos(request.actor)[:100].count()


def todos(request: StaffRequest) -> HttpResponse:
    """What waits, the soonest due first; calls given to me lead on to the desk; the last seven days' ended ones."""
    rows = [_row(request, todo) for todo in queries.to_dos(request.actor)[:_SHOWN]]
    ended = [_row(request, todo) for todo in queries.ended_to_dos(request.actor, request.now - _LATELY)[:50]]
    may_call = request.actor.can(Reminders.CALL)
    calls = queries.counts(request.dealer, actor=request.actor, now=request.now) if may_call else {}
    context = {
        "rows": rows, "ended": ended, "late": sum(row.is_late for row in rows),
        "calls": calls.get(queries.MINE, 0),
    }  # fmt: skip
    return render(request, "staff/todos/list.html", context)


def _row(request: StaffRequest, todo: ToDo) -> Row:
    return Row(todo, kind_of(todo), link_of(todo), todo.due_at < request.now)


def tick(request: StaffRequest, pk: int) -> HttpResponse:
    """Done, says a person."""
    todo = get_object_or_404(ToDo.objects.all(), pk=pk)
    try:
        operations.tick(todo=todo, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已完成。"))
    return redirect("staff:to-dos")


def a_to_do() -> dict[str, int]:
    """For the pictures and the permission matrix."""
    return {"pk": ToDo.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}
