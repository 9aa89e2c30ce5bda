"""The first walk: an export becomes due customers, a call becomes a booking, the arrival closes the case.

Everything a person does goes through the pages, as that person; only the clock is today's.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huichang.domains.accounts.models import User
from huichang.domains.appointments.models import Booking
from huichang.domains.appointments.queries import offers
from huichang.domains.catalog.models import LabourOperation
from huichang.domains.contacts.models import Call
from huichang.domains.customers.models import Car, Customer
from huichang.domains.dealers.models import Dealer
from huichang.domains.intake.demo import write_export
from huichang.domains.intake.operations import begin_run
from huichang.domains.intake.planning import Source, make_plan
from huichang.domains.intake.running import carry_out
from huichang.domains.reminders.models import Case, Due
from huichang.domains.worklist.models import CallTask
from huichang.kernel.actors import system
from huichang.kernel.audit import history
from huichang.kernel.models import StatusChange
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date
from tests.factories.world import NOW, World, make_user, make_world, signed_in
from tests.journeys.walking import deliver_events

IMPORTER = system("导入")


def load_export(dealer: Dealer, folder: Path) -> dict[str, int]:
    """Import the demo store's files into `dealer`; the sums over all sheets."""
    sources = [
        Source(path, path.name) for path in write_export(folder, today=local_date(timezone.now()), cars=120)
    ]
    with dealer_scope(dealer.pk):
        run = begin_run(
            dealer=dealer, plan=make_plan(sources), is_dry_run=False, actor=IMPORTER, now=timezone.now()
        )
    result = carry_out(run=run, dealer=dealer, sources=sources, actor=IMPORTER, clock=timezone.now)
    names = ("rows", "created", "updated", "unchanged", "merged", "refused")
    return {name: sum(sheet[name] for sheet in result["sheets"]) for name in names}


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two stores on a working morning: at night no call is ready and no slot of the day is left."""
    began, now = timezone.now(), timezone.now
    monkeypatch.setattr(timezone, "now", lambda: NOW + (now() - began))
    return make_world()


def sent_by(user: User) -> Client:
    return signed_in(user)


def first_case_for_the_workshop(agent: Client, person: User) -> Case:
    """Press N until a case with work for the workshop comes."""
    for _ in range(200):
        assert agent.post(reverse("staff:desk-next")).status_code == 200
        task = CallTask.objects.filter(claimed_by=person, status="open").latest("claimed_until")
        case = Case.objects.get(pk=task.source_id)
        if case.reasons.filter(kind__in=("scheduled_service", "first_service"), status="open").exists():
            return case
        agent.post(reverse("staff:desk-release", args=[task.pk]))
        CallTask.objects.filter(pk=task.pk).update(status="cancelled")
    raise AssertionError("no case with a service in the demo store")


def test_from_an_export_to_a_closed_case(world: World, tmp_path: Path) -> None:
    counts = load_export(world.east, tmp_path)
    assert counts["rows"] == sum(v for name, v in counts.items() if name != "rows")
    assert counts["created"] > 500
    deliver_events()  # the import has finished: the due lists are worked out

    with dealer_scope(world.east.pk):
        assert Due.objects.filter(status="open").count() > 20
        agent = make_user("dcrc_agent", world.east, username="sun", name="孙晓梅")
        desk = sent_by(agent)
        case = first_case_for_the_workshop(desk, agent)
        booking = book(desk, world.east, case)
        assert (booking.status, booking.car, booking.customer) == ("tentative", case.car, case.customer)

        case.refresh_from_db()
        assert (case.status, case.booking) == ("booked", booking)
        call = Call.objects.get(task_id=case.task_id)
        assert call.agent == agent
        assert "客户说周三有空" in call.note

        clerk = sent_by(make_user("appointment_clerk", world.east, username="wu", name="吴佳"))
        answer = clerk.post(reverse("staff:booking-arrive", args=[booking.pk]))
        assert answer.status_code in {200, 204, 302}
        deliver_events()

        case.refresh_from_db()
        booking.refresh_from_db()
        assert booking.status == "arrived"
        assert case.status == "returned"
        assert not case.reasons.filter(
            status="open", car=booking.car, kind__in=("first_service", "scheduled_service")
        ).exists()
        moves = StatusChange.objects.filter(table_name="reminders_case", row_id=case.pk).order_by("id")
        assert [move.after for move in moves if move.after != "open"][-2:] == ["booked", "returned"]
        assert history([booking])

    another_store_sees_nothing(world)


def book(desk: Client, dealer: Dealer, case: Case) -> Booking:
    """Offer slots for the case's car and book the first that is free, from the desk."""
    labour = LabourOperation.objects.filter(code__icontains="S1").first() or LabourOperation.objects.earliest(
        "pk"
    )
    found = offers(dealer=dealer, labour_ids=[labour.pk], now=timezone.now())
    slot = next(slot for slot in found.slots if slot.is_free)
    answer = desk.post(
        f"{reverse('staff:desk-book')}?task={case.task_id}&car={case.car_id}",
        {
            "car": case.car_id, "customer": case.customer_id, "labour": [labour.pk],
            "starts_at": slot.starts_at.isoformat(), "call-note": "客户说周三有空",
            "call-override_reason": "客户要求现在回电", "case": case.pk,
        },
    )  # fmt: skip
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return Booking.objects.get(car=case.car)


def another_store_sees_nothing(world: World) -> None:
    """赵 of 西区店 finds none of it."""
    with dealer_scope(world.west.pk):
        for model in (Car, Customer, Case, Due, Booking, Call):
            assert model._default_manager.count() == 0
    with dealer_scope(world.east.pk):
        car = Car.objects.latest("pk")
    assert sent_by(world.zhao).get(reverse("staff:car", args=[car.pk])).status_code == 404


def test_importing_the_same_export_again_changes_nothing(world: World, tmp_path: Path) -> None:
    load_export(world.east, tmp_path)
    again = load_export(world.east, tmp_path)
    assert (again["created"], again["updated"]) == (0, 0)
    assert again["rows"] == again["unchanged"] + again["merged"] + again["refused"]
