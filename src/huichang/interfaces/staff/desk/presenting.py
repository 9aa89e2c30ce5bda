"""What the templates of the call desk show: rows of the queue, the workspace of one customer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.contacts.models import Direction, NextStep, OutcomeCode
from huichang.domains.contacts.queries import outcome_codes, rules_of, script_text, scripts_of
from huichang.domains.contacts.scripts import ANY, CLOSING, GREETING
from huichang.domains.customers.models import Car, Customer, CustomerKind
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders.desk import Brief, Line, brief_of, lines_of
from huichang.domains.reminders.operations.desk import Conversation
from huichang.domains.worklist import queries as worklist
from huichang.domains.worklist.models import CallTask, Step
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.desk.forms import CallForm
from huichang.kernel.worktime import local_date
from huichang.ui import formats

PAGE = 30
SOON_DAYS = 2
TAB_LABELS = {
    worklist.TODAY: gettext_lazy("今天"), worklist.OVERDUE: gettext_lazy("逾期"),
    worklist.SECOND: gettext_lazy("二次致电"), worklist.LATER: gettext_lazy("稍后"),
    worklist.MINE: gettext_lazy("我的"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue."""

    task: CallTask
    line: Line
    is_mine: bool
    holder: str
    days: int | None
    tone: str
    safe: str
    is_capped: bool


def code_label(code: OutcomeCode) -> str:
    """The code's name in the reader's language."""
    return code.label if formats.chinese() else code.label_en or code.label


def queue_context(
    request: StaffRequest, tab: str, *, after: str = "", active: int | None = None
) -> dict[str, Any]:
    """The queue of a tab with counts; `after` continues below a row."""
    dealer, now = request.dealer, request.now
    place = worklist.Place.parse(after) if after else None
    tasks = worklist.queue_page(dealer, tab, actor=request.actor, now=now, after=place, size=PAGE)
    shown, cap = tasks[:PAGE], rules_of(dealer, now).contacts
    lines = lines_of(shown)
    last = shown[-1] if len(tasks) > PAGE else None
    counts = worklist.counts(dealer, actor=request.actor, now=now)
    return {
        "tab": tab,
        "tabs": [(name, label, counts[name]) for name, label in TAB_LABELS.items()],
        "rows": [_row(task, lines[task.pk], request, cap) for task in shown],
        "next": str(worklist.Place(last.last_safe_day, last.pk)) if last else "",
        "active": active,
        "is_continued": bool(after),
    }


def _row(task: CallTask, line: Line, request: StaffRequest, cap: int) -> Row:
    today, now = local_date(request.now), request.now
    held = task.claimed_by if task.claimed_until and task.claimed_until > now else None
    left = (task.last_safe_day - today).days
    tone = "late" if left < 0 else "soon" if left <= SOON_DAYS else ""
    contacts: int = getattr(task, "contacts", 0)
    wished = task.step in {Step.CALL_LATER, Step.CALLBACK}
    return Row(
        task=task, line=line, is_mine=bool(held and held.pk == request.actor.user_id),
        holder=held.name if held else "", days=(line.due_date - today).days if line.due_date else None,
        tone=tone, safe=_safe_text(left), is_capped=contacts >= cap and not wished,
    )  # fmt: skip


def _safe_text(left: int) -> str:
    """How urgent the call is, in words; empty while there is time."""
    if left < 0:
        return _("最晚致电日已过 {days} 天").format(days=-left)
    if left == 0:
        return _("最晚致电 今天")
    return _("最晚致电 还有 {days} 天").format(days=left) if left <= SOON_DAYS else ""


def workspace_context(
    request: StaffRequest, conversation: Conversation, *, direction: str, form: CallForm | None = None
) -> dict[str, Any]:
    """Everything the workspace of one customer shows."""
    brief = brief_of(
        customer=conversation.customer, dealer=request.dealer, now=request.now, task=conversation.task,
        car=conversation.car,
    )  # fmt: skip
    codes = outcome_codes(request.dealer)
    form = form or call_form(request, brief, codes, direction=direction)
    return {
        "brief": brief,
        "form": form,
        "direction": direction,
        "is_inbound": direction == Direction.IN,
        "who": identity(brief, direction),
        "script": script(brief, request),
        "panel_url": panel_url(brief, direction),
        "today": local_date(request.now),
        "km_gap": _km_gap(brief),
        "booked_code": next((code for code in codes if code.next_step == NextStep.BOOK), None),
        "draft": draft_name(brief),
    }


def call_form(
    request: StaffRequest, brief: Brief, codes: Sequence[OutcomeCode], *, direction: str,
    data: Mapping[str, Any] | None = None,
) -> CallForm:  # fmt: skip
    """The outcome form for these reasons and codes."""
    return CallForm(
        data, reasons=brief.talk, codes=codes, phones=[phone.number for phone in brief.phones if not phone.is_wrong],
        needs_override=bool((brief.quiet or brief.pressure.is_reached) and direction == Direction.OUT),
    )  # fmt: skip


def identity(brief: Brief, direction: str) -> str:
    """The query string by which every request of the workspace says whom it is about."""
    given: dict[str, Any] = {"direction": direction}
    if brief.task:
        given["task"] = brief.task.pk
    else:
        given["customer"] = brief.customer.pk
    if brief.car:
        given["car"] = brief.car.pk
    return urlencode(given)


def draft_name(brief: Brief) -> str:
    """The name under which the browser keeps what is typed about this call."""
    return f"call-{brief.task.pk}-{brief.task.attempts}" if brief.task else f"caller-{brief.customer.pk}"


def panel_url(brief: Brief, direction: str) -> str:
    """The booking panel for this car and these reasons; it posts the booking back to the desk."""
    if brief.car is None:
        return ""
    given: list[tuple[str, Any]] = [("car", brief.car.pk), ("customer", brief.customer.pk)]
    if brief.case:
        given.append(("case", brief.case.pk))
    given += [("kind", kind) for kind in dict.fromkeys(reason.due.kind for reason in brief.talk)]
    if brief.has_open_complaint:
        given.append(("priority", "complaint"))
    given.append(("post", f"{reverse('staff:desk-book')}?{identity(brief, direction)}"))
    return f"{reverse('staff:booking-panel')}?{urlencode(given)}"


@dataclass(frozen=True, slots=True)
class Script:
    """What to say: the greeting, (reason, text) for each reason to talk, the closing (CAL-20)."""

    greeting: str
    reasons: list[tuple[str, str]]
    closing: str


def script(brief: Brief, request: StaffRequest) -> Script:
    """The script of this talk; one apology and its own closing while a complaint is open."""
    found, sorry = scripts_of(request.dealer, request.actor.language), brief.has_open_complaint
    words = _words(brief.customer, brief.car, None, request)
    given: dict[str, str] = {}
    if sorry:
        given[_("投诉处理中")] = script_text(found, ANY, apology=True, words=words)
    for reason in () if sorry else brief.talk:
        due = reason.due
        own = _words(brief.customer, due.car, due.due_date, request)
        given.setdefault(reason.label, script_text(found, due.kind, apology=False, words=own))
    if not given:
        given[_("问候")] = script_text(found, ANY, apology=False, words=words)
    return Script(
        script_text(found, GREETING, apology=sorry, words=words), list(given.items()),
        script_text(found, CLOSING, apology=sorry, words=words),
    )  # fmt: skip


_COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "令狐",
    "慕容",
    "夏侯",
    "司徒",
    "端木",
    "南宫",
)


def _words(customer: Customer, car: Car | None, due: date | None, request: StaffRequest) -> dict[str, str]:
    dealer: Dealer = request.dealer
    chinese = formats.chinese()
    surname, title = customer.name, ""
    if customer.kind == CustomerKind.PERSON and customer.gender:
        if chinese:
            surname = customer.name[:2] if customer.name.startswith(_COMPOUND) else customer.name[:1]
        title = customer.get_gender_display()
    return {
        "surname": surname,
        "title": title,
        "plate": formats.plate(car.plate) if car and car.plate else "",
        "series": car.vehicle.series if car else "",
        "due_date": formats.day(due) if due else "",
        "store": dealer.name,
        "agent": request.actor.name,
    }


def _km_gap(brief: Brief) -> str:
    """How the latest reading stands beside the forecast, in words."""
    if brief.expected_km is None or brief.car is None:
        return ""
    return _("推算今天约 {km}").format(km=formats.kilometres(brief.expected_km))
