"""What the demo's agents said on the phone this morning: every kind of outcome, some of them booked."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huichang.domains.dealers.models import Dealer
    from huichang.domains.reminders.talks import Conversation
    from huichang.kernel.actors import Actor

AGENTS = ("sun", "wu", "xu")
BEGAN, EACH, NOON = time(9), timedelta(minutes=7), time(12)
CALLS, EVERY = 24, 3  # so many calls, to every third of the queue: the most urgent are left for the visitor
BOOK = "booked"
TOLD = (
    ("no_answer", ""), (BOOK, "早上送车,下午取"), ("undecided", "想先问问价格,过两天再定"),
    ("call_later", "在开会,约好再打"), ("done_elsewhere", "在家附近的店做了"), ("no_answer", ""),
)  # fmt: skip


def make_calls(dealer: Dealer, now: datetime) -> None:
    """Call customers of the queue, the morning before `now`, each agent in turn. Nothing when there are calls."""
    from huichang.domains.contacts.models import Call
    from huichang.domains.worklist.models import CallTask, TaskStatus
    from huichang.kernel.operations import OperationRefused
    from huichang.kernel.scoping import dealer_scope
    from huichang.kernel.worktime import local_date, local_moment

    today = local_date(now)
    day = today if now >= local_moment(today, NOON) else today - timedelta(days=1)
    with dealer_scope(dealer.pk):
        if Call.objects.exists():
            return
        waiting = CallTask.objects.filter(dealer=dealer, status=TaskStatus.OPEN)
        tasks = list(waiting.order_by("last_safe_day", "pk").values_list("pk", flat=True)[::EVERY][:CALLS])
        agents = _agents(dealer, today)
    for number, task in enumerate(tasks):
        at = local_moment(day, BEGAN) + number * EACH
        try:
            with dealer_scope(dealer.pk):
                _call(
                    dealer,
                    task,
                    agents[(number + number // len(TOLD)) % len(agents)],
                    TOLD[number % len(TOLD)],
                    at=at,
                    now=now,
                )
        except OperationRefused:
            continue  # quiet hours of their own, an open complaint: such customers are not called


def _agents(dealer: Dealer, today: date) -> list[Actor]:
    from huichang.domains.accounts.models import User
    from huichang.domains.dealers.queries import reach_of
    from huichang.interfaces.sessions import actor_in

    users = User.objects.filter(username__in=AGENTS).order_by("username")
    return [actor_in(user, reach_of(user, today), dealer) for user in users]


def _call(
    dealer: Dealer, pk: int, actor: Actor, told: tuple[str, str], *, at: datetime, now: datetime
) -> None:
    from huichang.domains.contacts.queries import outcome_codes
    from huichang.domains.customers.models import CustomerPhone
    from huichang.domains.reminders.models import Due, DueStatus
    from huichang.domains.reminders.operations.desk import record_outcome
    from huichang.domains.reminders.talks import Answer, Conversation, Talk
    from huichang.domains.worklist.models import CallTask

    task = CallTask.objects.select_related("customer", "car__vehicle").get(pk=pk)
    conversation = Conversation(dealer, task.customer, task.car, task)
    phone = CustomerPhone.objects.filter(customer=task.customer).order_by("is_wrong", "-is_primary").first()
    case = conversation.case
    dues = list(Due.objects.filter(case=case, status=DueStatus.OPEN)) if case else []
    if phone is None or not dues:
        return
    outcome, note = told
    later = now + timedelta(days=1) if outcome == "call_later" else None
    talk = Talk(number=phone.number, started_at=at, note=note, call_later_at=later)
    if outcome == BOOK:
        _book(conversation, dues, talk, actor=actor, now=now)
        return
    code = next(one for one in outcome_codes(dealer) if one.code == outcome)
    record_outcome(
        conversation=conversation, answers=[Answer(due, code) for due in dues], talk=talk, actor=actor, now=at
    )


def _book(conversation: Conversation, dues: list[Any], talk: Any, *, actor: Actor, now: datetime) -> None:
    """A keepable slot of the days to come for the reasons that a visit settles; nothing when there is none."""
    from huichang.domains.appointments import queries
    from huichang.domains.catalog.queries import labour
    from huichang.domains.catalog.suggestions import suggest
    from huichang.domains.reminders.kinds import is_for_workshop
    from huichang.domains.reminders.operations.desk import book_from_call
    from huichang.kernel.worktime import local_date

    dealer, car = conversation.dealer, conversation.car
    covered = [due for due in dues if is_for_workshop(due.kind) and due.car_id == (car.pk if car else None)]
    jobs = [job.pk for job in suggest(labour(dealer), kinds=[due.kind for due in covered])]
    if car is None or not covered or not jobs:
        return
    for ahead in range(2, 9):
        day = local_date(now) + timedelta(days=ahead)
        free = [
            one
            for one in queries.offers(dealer=dealer, labour_ids=jobs, now=now, day=day).slots
            if one.is_free
        ]
        if free:
            booking = {
                "car": car,
                "customer": conversation.customer,
                "labour_ids": jobs,
                "starts_at": free[0].starts_at,
            }
            book_from_call(
                conversation=conversation, booking=booking, covered=covered, answers=[], talk=talk, actor=actor,
                now=now,
            )  # fmt: skip
            return
