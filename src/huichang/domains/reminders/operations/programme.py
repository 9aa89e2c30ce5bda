"""What sales advisors do for the first three services: learn the use, fix the time, ask for it; what is answered."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from huichang.domains.appointments.models import PROMISED, Booking
from huichang.domains.appointments.permissions import P as AppointmentsP
from huichang.domains.customers.models import Car
from huichang.domains.customers.operations import edit_car, hand_over_cars
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.permissions import P as DealersP
from huichang.domains.reminders import programme
from huichang.domains.reminders.models import ProgrammeCard, Satisfaction
from huichang.domains.reminders.permissions import P
from huichang.domains.vehicles.models import ReadingSource
from huichang.domains.vehicles.operations import record_reading
from huichang.domains.worklist import operations as worklist
from huichang.domains.worklist.models import TaskStatus, ToDo
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.worktime import CHINA, local_date

TALK, FIX = "reminders.usage_talk", "reminders.fix_time"  # to-dos of the sales advisor
WANTED, ANSWERED = "reminders.time_wanted", "reminders.time_answered"  # of the specialist, and back
_MOST = 500  # cars of a store that are asked about in one night


def _card(car: Car) -> ProgrammeCard:
    card, _made = ProgrammeCard.objects.get_or_create(car=car, defaults={"dealer_id": car.dealer_id})
    return ProgrammeCard.objects.select_for_update().get(pk=card.pk)


@operation(P.PROGRAMME)
def note_use(
    *,
    car: Car,
    actor: Actor,
    now: datetime,
    km: int | None = None,
    place: str = "",
    planned_date: date | None = None,
    note: str = "",
) -> ProgrammeCard:
    """The talk of about 1.5 months after delivery: how the car is used, when the first service will be (TSP-12).

    The mileage moves the due date like any other reading. Raises OperationRefused when nothing was learned, for a day
    that is over, for a mileage no odometer shows.
    """
    if not (km or place.strip() or planned_date):
        raise OperationRefused(_("请至少填写里程、使用地点或约定的日期。"), field="km")
    if planned_date and planned_date < local_date(now):
        raise OperationRefused(_("约定的日期已经过去了。"), field="planned_date")
    if km:
        record_reading(
            dealer=car.dealer, vehicle=car.vehicle, km=km, read_on=local_date(now), source=ReadingSource.CALL,
            actor=actor.by_rule(), now=now,
        )  # fmt: skip
    if place.strip():
        edit_car(car=car, facts={"place_of_use": place.strip()[:60]}, actor=actor.by_rule())
    card = _card(car)
    card.talked_at, card.talked_by_name = now, actor.name
    card.planned_date, card.note = planned_date or card.planned_date, note.strip()[:200] or card.note
    card.save()
    _settle(car, TALK, actor, now)
    return card


@operation(P.PROGRAMME)
def ask_for_time(
    *, car: Car, wanted_at: datetime, actor: Actor, now: datetime, note: str = ""
) -> ProgrammeCard:
    """The customer would come at this time: the appointment specialist is asked whether it can be had (TSP-13).

    Raises OperationRefused for a time that is over, and for a car that is booked already.
    """
    if wanted_at <= now:
        raise OperationRefused(_("这个时间已经过去了。"), field="wanted_at")
    if Booking.objects.filter(car=car, status__in=PROMISED).exists():
        raise OperationRefused(_("这辆车已经有预约。要换时间请改期。"), field="wanted_at")
    card = _card(car)
    card.wanted_at, card.planned_date, card.note = wanted_at, local_date(wanted_at), note.strip()[:200]
    card.asked_at, card.asked_by_id, card.asked_by_name = now, actor.user_id, actor.name
    card.answer, card.answered_at, card.answered_by_name = "", None, ""
    card.save()
    text = _("{who} 问:{plate} {day} 能不能约上?").format(
        who=actor.name, plate=car.plate, day=_spoken(wanted_at)
    )
    worklist.ask(
        dealer=car.dealer, kind=WANTED, reference=_reference(car), target_id=car.pk, text=text,
        needs=AppointmentsP.CHECK, due_at=min(programme.due_moment(local_date(now), now), wanted_at),
        actor=actor.by_rule(), now=now,
    )  # fmt: skip
    for kind in (FIX, ANSWERED):
        _settle(car, kind, actor, now)
    return card


def _spoken(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%m-%d %H:%M}"


def _reference(car: Car) -> str:
    return f"car:{car.pk}"


def _settle(car: Car, kind: str, actor: Actor, now: datetime) -> None:
    worklist.settle(dealer=car.dealer, kind=kind, reference=_reference(car), actor=actor.by_rule(), now=now)


@operation(AppointmentsP.CHECK)
def answer_time(*, car: Car, answer: str, actor: Actor, now: datetime) -> ProgrammeCard:
    """The time cannot be had: what can be, in words, back to who asked (TSP-13). A booking answers by itself.

    Raises OperationRefused when nothing was asked or nothing is said.
    """
    card = _card(car)
    if not card.waits_for_answer:
        raise OperationRefused(_("这个问题已经有答复了。"))
    if not answer.strip():
        raise OperationRefused(_("请写明哪些时间可以。"), field="answer")
    card.answer, card.answered_at, card.answered_by_name = answer.strip()[:200], now, actor.name
    card.save()
    _settle(car, WANTED, actor, now)
    text = _("{plate} 想要的时间约不上:{answer}").format(plate=car.plate, answer=card.answer)
    worklist.ask(
        dealer=car.dealer, kind=ANSWERED, reference=_reference(car), target_id=car.pk, text=text, needs=P.PROGRAMME,
        assigned_to_id=card.asked_by_id, due_at=programme.due_moment(local_date(now), now), actor=actor.by_rule(),
        now=now,
    )  # fmt: skip
    return card


@operation(P.PROGRAMME)
def note_satisfaction(
    *,
    car: Car,
    satisfaction: str,
    actor: Actor,
    now: datetime,
    note: str = "",
    next_reminder_date: date | None = None,
) -> ProgrammeCard:
    """What the follow-up of the service said, and when the customer is to be reminded next (TSP-15).

    Raises OperationRefused when somebody was not fully satisfied and nothing says why.
    """
    if satisfaction in {Satisfaction.PARTLY, Satisfaction.NOT} and not note.strip():
        raise OperationRefused(_("不是完全满意:请写明再次致电了解到的原因。"), field="note")
    card = _card(car)
    card.satisfaction = Satisfaction(satisfaction)
    card.satisfaction_note, card.next_reminder_date = note.strip()[:200], next_reminder_date
    card.save()
    return card


@operation(DealersP.DELEGATE)
def hand_over(*, dealer: Dealer, giver: str, taker: str, actor: Actor, now: datetime) -> int:
    """A sales advisor leaves: all customers and what waits go to another, by name (TSP-03); the cars handed over.

    Raises OperationRefused for the same person twice, or a taker who may not follow customers.
    """
    sellers = programme.seller_ids(dealer, local_date(now))
    if taker not in sellers:
        raise OperationRefused(_("{name} 不能跟踪三保客户,请选别人。").format(name=taker), field="taker")
    if giver == taker:
        raise OperationRefused(_("交出和接手的是同一个人。"), field="taker")
    cars = list(Car.objects.filter(dealer=dealer, sales_advisor_name=giver).values_list("pk", flat=True))
    handed: int = hand_over_cars(dealer=dealer, giver=giver, taker=taker, actor=actor.by_rule())
    waiting = ToDo.objects.filter(
        dealer=dealer, kind__in=(TALK, FIX, ANSWERED), target_id__in=cars, status=TaskStatus.OPEN
    )
    for todo in waiting:
        worklist.ask(
            dealer=dealer, kind=todo.kind, reference=todo.reference, target_id=todo.target_id, text=todo.text,
            needs=P.PROGRAMME, assigned_to_id=sellers[taker], due_at=todo.due_at, actor=actor.by_rule(), now=now,
        )  # fmt: skip
    return handed


@operation(P.RUN)
def settle_programme(*, booking: Booking, actor: Actor, now: datetime) -> None:
    """A car was booked: what was asked about its time is answered, nobody has to fix it any more. Idempotent."""
    for kind in (WANTED, FIX, ANSWERED, TALK):
        _settle(booking.car, kind, actor, now)
    ProgrammeCard.objects.filter(car=booking.car, asked_at__isnull=False).update(
        answer="", answered_at=now, answered_by_name=actor.name, planned_date=local_date(booking.starts_at)
    )


@operation(P.RUN)
def ask_sellers(*, dealer: Dealer, actor: Actor, now: datetime) -> int:
    """Let every sales advisor know which customers to talk to (TSP-12) and whose time to fix (TSP-13); how many to-dos.

    Each car is asked about once for each of the two; who sold it is responsible, else whoever follows customers.
    """
    today = local_date(now)
    sellers = programme.seller_ids(dealer, today)
    known = set(ToDo.objects.filter(dealer=dealer, kind__in=(TALK, FIX)).values_list("kind", "reference"))
    kinds = {programme.Step.TALK: TALK, programme.Step.FIX: FIX}
    texts = {
        TALK: _("{plate} {customer}:了解用车习惯,约定首保日"),
        FIX: _("{plate} {customer}:首保快到期,定下到店时间"),
    }
    asked = 0
    for row in programme.rows(dealer, programme.FIRST, today=today, most=_MOST):
        kind, reference = kinds.get(row.step, ""), f"car:{row.facts['id']}"
        if not kind or (kind, reference) in known:
            continue
        text = texts[kind].format(plate=row.facts["plate"], customer=row.facts["customer"] or "")
        worklist.ask(
            dealer=dealer, kind=kind, reference=reference, target_id=row.facts["id"], text=text, needs=P.PROGRAMME,
            assigned_to_id=sellers.get(row.facts["sales_advisor_name"]), actor=actor, now=now,
            due_at=programme.due_moment(row.facts["service_due_date"] if kind == FIX else row.step_on, now),
        )  # fmt: skip
        asked += 1
    return asked
