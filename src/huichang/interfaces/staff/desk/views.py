"""The call desk: the queue, one customer's workspace, the outcome, the booking; the next case follows by itself."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.contacts.models import Direction, NextStep
from huichang.domains.contacts.queries import outcome_codes
from huichang.domains.customers.models import Car, Customer
from huichang.domains.reminders.desk import Brief, brief_of, open_task_of
from huichang.domains.reminders.kinds import is_for_workshop
from huichang.domains.reminders.models import Due
from huichang.domains.reminders.operations import desk as operations
from huichang.domains.reminders.operations.desk import Conversation
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import CallTask, TaskStatus
from huichang.domains.worklist.queries import MINE, TABS, TODAY, counts
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments import panel
from huichang.interfaces.staff.appointments.forms import BookingForm
from huichang.interfaces.staff.desk.forms import CallForm
from huichang.interfaces.staff.desk.presenting import call_form, queue_context, workspace_context
from huichang.kernel.operations import OperationRefused

WORKSPACE = "staff/desk/_workspace.html"
OUTCOME = "staff/desk/_outcome.html"


def open_calls(request: StaffRequest) -> int:
    """The number in the rail: calls to make today."""
    return counts(request.dealer, actor=request.actor, now=request.now)[TODAY]


def tab_of(request: StaffRequest) -> str:
    """The tab the person works in; kept by every link and form of the desk."""
    tab = request.POST.get("tab") or request.GET.get("tab") or TODAY
    return tab if tab in TABS else TODAY


def desk(request: StaffRequest) -> HttpResponse:
    """The page. `?task=` or `?customer=` shows somebody without taking the task; a claim one holds is opened again."""
    context = queue_context(request, tab_of(request))
    task = _asked_task(request) or _held_task(request)
    if task or request.GET.get("customer"):
        conversation = conversation_of(request, task)
        context |= workspace_context(request, conversation, direction=direction_of(request))
        context["active"] = task.pk if task else None
        context |= _standing(request, task)
    return render(request, "staff/desk/desk.html", context)


def _asked_task(request: StaffRequest) -> CallTask | None:
    asked = request.GET.get("task", "")
    return (
        get_object_or_404(CallTask.objects.select_related("customer", "claimed_by"), pk=asked)
        if asked.isdigit()
        else None
    )


def _held_task(request: StaffRequest) -> CallTask | None:
    if request.GET.get("customer"):
        return None
    return (
        CallTask.objects.select_related("customer", "claimed_by")
        .filter(claimed_by_id=request.actor.user_id, claimed_until__gt=request.now, status=TaskStatus.OPEN)
        .order_by("-claimed_until")
        .first()
    )


def _standing(request: StaffRequest, task: CallTask | None) -> dict[str, Any]:
    """How the person stands to a task that is only looked at: `refused` says why not to work it, or it `is_offered`."""
    if task is None or direction_of(request) == Direction.IN:
        return {"refused": ""}
    if task.status != TaskStatus.OPEN:
        return {"refused": _("这位客户的致电任务已经处理完了。")}
    held = task.claimed_by and task.claimed_until and task.claimed_until > request.now
    if not (held and task.claimed_by and task.claimed_until):
        return {"refused": "", "is_offered": True}
    if task.claimed_by_id == request.actor.user_id:
        return {"refused": ""}
    return {"refused": worklist.ClaimedByOther(task.claimed_by.name, task.claimed_until).message}


def _claim(request: StaffRequest, task: CallTask) -> str:
    """Take the task for the person; the reason when it cannot be had (it is shown all the same)."""
    if direction_of(request) == Direction.IN:
        return ""
    try:
        worklist.claim(task=task, dealer=request.dealer, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        return refusal.message
    return ""


def queue(request: StaffRequest) -> HttpResponse:
    """The queue of a tab; with `?after=` only the rows that follow."""
    after = request.GET.get("after", "")
    active = request.GET.get("active", "")
    context = queue_context(
        request, tab_of(request), after=after, active=int(active) if active.isdigit() else None
    )
    return render(request, "staff/desk/_rows.html" if after else "staff/desk/_queue.html", context)


def next_case(request: StaffRequest) -> HttpResponse:
    """Take the next customer of the tab and show the brief."""
    return show_next(request)


def show_next(request: StaffRequest) -> HttpResponse:
    """The workspace of the next case with the renewed queue beside it; the empty desk when all is done."""
    tab = tab_of(request)
    task = worklist.claim_next(dealer=request.dealer, actor=request.actor, now=request.now, tab=tab)
    if task is None and tab == MINE:
        task = worklist.claim_next(dealer=request.dealer, actor=request.actor, now=request.now)
    if task is None:
        return _answer(request, {"done": True}, None)
    conversation = Conversation(request.dealer, task.customer, None, task)
    return _answer(request, workspace_context(request, conversation, direction=Direction.OUT), task)


def take(request: StaffRequest, task: int) -> HttpResponse:
    """Take this customer out of the queue; who has it is told, and the brief may be read all the same.

    `?open=page` comes from other pages: the desk opens with the task.
    """
    row = get_object_or_404(CallTask.objects.select_related("customer"), pk=task)
    refused = _claim(request, row)
    if request.GET.get("open") == "page":
        response = HttpResponse()
        response["HX-Redirect"] = f"{reverse('staff:desk')}?task={row.pk}"
        return response
    conversation = Conversation(request.dealer, row.customer, None, row)
    context = workspace_context(request, conversation, direction=Direction.OUT)
    return _answer(request, context | {"refused": refused}, row)


def _answer(request: StaffRequest, context: dict[str, Any], task: CallTask | None) -> HttpResponse:
    queue_part = queue_context(request, tab_of(request), active=task.pk if task else None)
    response = render(request, WORKSPACE, queue_part | context | {"with_queue": True})
    response["HX-Retarget"] = "#workspace"
    response["HX-Reswap"] = "outerHTML"
    return response


def renew(request: StaffRequest, task: int) -> HttpResponse:
    """Called every minute while the workspace is open: the claim goes on, or the page says who has it now."""
    row = get_object_or_404(CallTask, pk=task)
    try:
        worklist.renew(task=row, dealer=request.dealer, actor=request.actor, now=request.now)
    except OperationRefused as refusal:
        return render(request, "staff/desk/_lost.html", {"refused": refusal.message})
    return HttpResponse(status=204)


def release(request: StaffRequest, task: int) -> HttpResponse:
    """Put a customer back without a call."""
    row = get_object_or_404(CallTask, pk=task)
    worklist.release(task=row, actor=request.actor, now=request.now)
    return _answer(request, {}, None)


def direction_of(request: StaffRequest) -> str:
    return Direction.IN if request.GET.get("direction") == Direction.IN else Direction.OUT


def conversation_of(request: StaffRequest, task: CallTask | None = None) -> Conversation:
    """Whom the request is about: `?task=` or `?customer=`, and `?car=`. 404 for another store's."""
    asked = request.GET.get("task", "")
    if task is None and asked.isdigit():
        task = get_object_or_404(CallTask.objects.select_related("customer"), pk=asked)
    given = request.GET.get("customer", "")
    if task is None:
        customer = get_object_or_404(Customer, pk=given if given.isdigit() else 0)
        task = open_task_of(customer) if direction_of(request) == Direction.IN else None
    else:
        customer = task.customer
    car_id = request.GET.get("car", "")
    car = get_object_or_404(Car.objects.select_related("vehicle"), pk=car_id) if car_id.isdigit() else None
    return Conversation(request.dealer, customer, car, task)


def _brief(request: StaffRequest, conversation: Conversation) -> Brief:
    return brief_of(
        customer=conversation.customer, dealer=request.dealer, now=request.now, task=conversation.task,
        car=conversation.car,
    )  # fmt: skip


def record(request: StaffRequest) -> HttpResponse:
    """Keep the outcome of each reason, then show the next case. A refusal keeps everything typed."""
    conversation, direction = conversation_of(request), direction_of(request)
    brief = _brief(request, conversation)
    form = call_form(request, brief, outcome_codes(request.dealer), direction=direction, data=request.POST)
    if not form.is_valid():
        return _refused(request, conversation, direction, form)
    try:
        operations.record_outcome(
            conversation=_about(conversation, brief), answers=form.answers(), outcome=form.outcome_code(),
            talk=form.talk(direction=direction, now=request.now), actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return _refused(request, conversation, direction, form)
    messages.success(request, _("已记录:{name}").format(name=conversation.customer.name))
    return _answer(request, {"done": True}, None) if direction == Direction.IN else show_next(request)


def _about(conversation: Conversation, brief: Brief) -> Conversation:
    """The conversation with the car the page showed."""
    return Conversation(conversation.dealer, conversation.customer, brief.car, conversation.task)


def _refused(
    request: StaffRequest, conversation: Conversation, direction: str, form: CallForm
) -> HttpResponse:
    """The outcome panel alone, with what was wrong: the booking panel keeps its slot."""
    context = workspace_context(request, conversation, direction=direction, form=form)
    response = render(request, OUTCOME, context | {"tab": tab_of(request)}, status=422)
    response["HX-Retarget"] = "#outcome"
    response["HX-Reswap"] = "outerHTML"
    return response


def book(request: StaffRequest) -> HttpResponse:
    """Book from the panel and end the call in one transaction; then the next case."""
    conversation, direction = conversation_of(request), direction_of(request)
    brief = _brief(request, conversation)
    form = call_form(
        request, brief, outcome_codes(request.dealer), direction=direction, data=_without_outcome(request)
    )
    booking = BookingForm(request.POST)
    if not form.is_valid():
        return _refused(request, conversation, direction, form)
    if not booking.is_valid():
        add_refusal(form, OperationRefused(_("请先在右边选好项目和时段。")))
        return _refused(request, conversation, direction, form)
    answers = form.answers(explicit_only=True)
    try:
        made = operations.book_from_call(
            conversation=_about(conversation, brief), booking=booking.for_book(), covered=covered(brief, form),
            answers=answers, talk=form.talk(direction=direction, now=request.now), actor=request.actor,
            now=request.now,
        )  # fmt: skip
    except SlotTaken as refusal:
        return panel.again(request, refusal)
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return _refused(request, conversation, direction, form)
    messages.success(
        request, _("已预约:{name} {number}").format(name=conversation.customer.name, number=made.number)
    )
    return _answer(request, {"done": True}, None) if direction == Direction.IN else show_next(request)


def _without_outcome(request: StaffRequest) -> Any:
    """The posted fields without the common outcome: a booking is the outcome."""
    data = request.POST.copy()
    data.pop("call-outcome", None)
    return data


def covered(brief: Brief, form: CallForm) -> list[Due]:
    """The reasons the visit settles: those marked as booked, and the workshop's own that were not answered."""
    explicit = {answer.due.pk: answer.code for answer in form.answers(explicit_only=True)}
    found = []
    for reason in brief.talk:
        code = explicit.get(reason.due.pk)
        if (code and code.next_step == NextStep.BOOK) or (code is None and is_for_workshop(reason.due.kind)):
            found.append(reason.due)
    return found
