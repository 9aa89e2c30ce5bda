"""A year of a small store, day by day with a fixed clock; what must always hold is checked every evening."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import F

from huichang.domains.appointments import operations as appointments
from huichang.domains.appointments.models import Booking
from huichang.domains.appointments.operations import SlotTaken
from huichang.domains.customers.models import Car
from huichang.domains.reminders import census
from huichang.domains.reminders.jobs import run_store
from huichang.domains.reminders.models import Case, Due
from huichang.domains.reminders.operations import cases as reminders
from huichang.domains.worklist.models import CallTask
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import add_months, local_moment
from tests.domains.reminders.running import ACTOR, at, make_car, visit
from tests.factories.world import (
    World,
    make_advisor,
    make_bay,
    make_customer,
    make_finding,
    make_labour,
    make_opt_out,
    make_schedule,
    make_technician,
    make_world,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
CARS = 36

# Each answers with what must not be: no rows.
NEVER = {
    "a due car without a case or a cause": """
        SELECT d.id, d.kind FROM reminders_due AS d
        WHERE d.status = 'open' AND d.case_id IS NULL AND d.customer_id IS NOT NULL AND d.kind <> 'birthday'
        UNION ALL SELECT id, kind FROM reminders_due WHERE status = 'closed' AND close_cause = ''""",
    "an open reason in a case that has ended": """
        SELECT d.id, k.status FROM reminders_due AS d JOIN reminders_case AS k ON k.id = d.case_id
        WHERE d.status = 'open' AND k.status IN ('closed', 'returned')""",
    "a booked case without a promised visit, or a promised visit in a case that is not booked": """
        SELECT k.id, k.status FROM reminders_case AS k WHERE k.status IN ('open', 'booked') AND (k.status = 'booked') <> EXISTS (
            SELECT FROM reminders_due AS d JOIN appointments_booking AS b ON b.id = d.booking_id
            WHERE d.case_id = k.id AND d.status = 'open' AND b.status IN ('tentative', 'prepared', 'confirmed'))""",
    "two cases of one customer": """
        SELECT customer_id, count(*) FROM reminders_case WHERE status IN ('open', 'booked') GROUP BY 1 HAVING count(*) > 1""",
    "a call that nobody owes: the reason's day and its last safe day have come, no visit is promised for it": """
        SELECT d.id, d.kind, k.status FROM reminders_due AS d JOIN reminders_case AS k ON k.id = d.case_id
        WHERE d.status = 'open' AND d.booking_id IS NULL AND d.calls < 2
        AND CASE d.calls WHEN 0 THEN d.call_date ELSE d.second_call_date END <= %(day)s AND d.last_safe_day <= %(day)s
        AND NOT EXISTS (SELECT FROM worklist_calltask AS t WHERE t.source = 'reminders.case' AND t.source_id = k.id
            AND t.status = 'open')
        AND NOT EXISTS (SELECT FROM appointments_booking AS b WHERE b.customer_id = k.customer_id
            AND (b.starts_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s)""",
    "a call that stands in the queue on the day of the customer's visit": """
        SELECT t.id, b.number FROM worklist_calltask AS t JOIN appointments_booking AS b ON b.customer_id = t.customer_id
        WHERE t.source = 'reminders.case' AND t.status = 'open' AND t.attempts = 0
        AND b.status IN ('tentative', 'prepared', 'confirmed')
        AND (t.ready_at AT TIME ZONE 'Asia/Shanghai')::date <= %(day)s
        AND (b.starts_at AT TIME ZONE 'Asia/Shanghai')::date = %(day)s""",
    "a call about a visit that is promised": """
        SELECT t.id FROM worklist_calltask AS t WHERE t.source = 'reminders.case' AND t.status = 'open' AND NOT EXISTS (
            SELECT FROM reminders_due AS d WHERE d.case_id = t.source_id AND d.status = 'open' AND d.booking_id IS NULL)""",
    "an open case without an open reason": """
        SELECT k.id, k.status FROM reminders_case AS k WHERE k.status IN ('open', 'booked')
        AND NOT EXISTS (SELECT FROM reminders_due AS d WHERE d.case_id = k.id AND d.status = 'open')""",
    "a message against a refusal": """
        SELECT m.id, m.purpose FROM contacts_message AS m JOIN contacts_optout AS o ON o.customer_id = m.customer_id
        WHERE m.status = 'waiting' AND o.purpose = 'all' AND o.channel = 'all' AND o.lifted_at IS NULL""",
    "a call task of a customer who refused, or of a car that left": """
        SELECT t.id, t.source, c.status FROM worklist_calltask AS t JOIN customers_car AS c ON c.id = t.car_id
        WHERE t.status = 'open' AND (c.status <> 'active' OR EXISTS (SELECT FROM contacts_optout AS o
            WHERE o.customer_id = t.customer_id AND o.channel = 'all' AND o.purpose = 'all' AND o.lifted_at IS NULL))""",
    "a bay or a person booked twice": """
        SELECT a.id, b.id FROM appointments_bookingblock AS a JOIN appointments_bookingblock AS b
        ON a.id < b.id AND a.is_active AND b.is_active AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
        AND (a.bay_id = b.bay_id OR a.staff_id = b.staff_id)""",
    "a call planned for a day on which the store is closed": """
        SELECT d.id, d.call_date FROM reminders_due AS d WHERE d.status = 'open' AND d.created_on < d.call_date
        AND extract(isodow FROM d.call_date) = 7 AND d.call_date <> '2026-02-15' AND d.call_date NOT IN (
            SELECT day FROM unnest(ARRAY['2026-01-04','2026-02-14','2026-02-28','2026-05-09','2026-09-20','2026-10-10']
            ::date[]) AS day)""",
}  # fmt: skip


@dataclass
class Year:
    """The store, its cars and what happens to them; the same every time."""

    world: World
    cars: list[Car] = field(default_factory=list)
    luck: random.Random = field(default_factory=lambda: random.Random(20260101))
    bookings: int = 0
    came: set[tuple[int, date]] = field(default_factory=set)
    partial: int = 0  # bookings that leave a reason to be called about
    visits: int = 0

    @property
    def dealer_id(self) -> int:
        return self.world.east.pk

    def morning(self, day: date) -> None:
        run_store(dealer_id=self.dealer_id, timestamp=int(at(day, 6).timestamp()))

    def calls(self, day: date) -> None:
        """The agents work through what is ready: book, think it over, refuse, or nobody answers."""
        now = at(day, 10)
        ready = CallTask.objects.filter(source="reminders.case", status="open", ready_at__lte=now).order_by(
            "last_safe_day", "pk"
        )
        for task in list(ready[:6]):
            case = Case.objects.get(pk=task.source_id)
            answer = self.luck.random()
            if answer < 0.45:
                self.book(case, task, day)
            elif answer < 0.65:
                self.answered(case, task, "undecided")
            elif answer < 0.75:
                for due in case.reasons.filter(status="open"):
                    due.outcome_code, due.calls = "refused", due.calls + 1
                    due.save(update_fields=["outcome_code", "calls"])
                reminders.close_case(case=case, cause="refused", actor=ACTOR, now=now)

    def answered(self, case: Case, task: CallTask, code: str) -> None:
        CallTask.objects.filter(pk=task.pk).update(status="done", attempts=task.attempts + 1)
        for due in case.reasons.filter(status="open", booking=None):
            due.outcome_code, due.calls = code, due.calls + 1
            due.save(update_fields=["outcome_code", "calls"])

    def book(self, case: Case, task: CallTask, day: date) -> None:
        clock = self.luck.choice(["09:00", "10:00", "14:00", "15:00"])
        wanted = local_moment(
            day + timedelta(days=self.luck.randint(1, 6)), at(day).time().fromisoformat(clock)
        )
        try:
            booking = appointments.book(
                dealer=self.world.east, car=case.car, customer=case.customer, labour_ids=[self.labour.pk],
                starts_at=wanted, actor=ACTOR, now=at(day, 10),
            )  # fmt: skip
        except SlotTaken:
            return
        self.bookings += 1
        CallTask.objects.filter(pk=task.pk).update(status="done", attempts=task.attempts + 1)
        uncovered = set(case.reasons.filter(status="open", booking=None).values_list("pk", flat=True))
        reminders.settle_booking(booking_id=booking.pk, actor=ACTOR, now=at(day, 10))
        settled = case.reasons.filter(pk__in=uncovered, booking=booking)
        settled.update(outcome_code="booked", calls=F("calls") + 1)
        self.partial += case.reasons.filter(status="open", booking=None).exists()

    def visitors(self, day: date) -> None:
        """Booked customers come, or do not; some cars come without a booking."""
        start = local_moment(day, at(day, 0).time())
        today = Booking.objects.filter(starts_at__gte=start, starts_at__lt=start + timedelta(days=1))
        for booking in list(today.filter(status="tentative").select_related("car")):
            if self.luck.random() < 0.8:
                self.visits += 1
                appointments.arrive(booking=booking, actor=ACTOR, now=booking.arrive_at)
                self.come(booking.car, day, "定期保养")
                reminders.settle_arrival(car_id=booking.car_id, actor=ACTOR, now=at(day, 18))
            else:
                appointments.mark_no_show(booking=booking, actor=ACTOR, now=at(day, 18))
                reminders.ask_again(booking_id=booking.pk, actor=ACTOR, now=at(day, 18))
        if self.luck.random() < 0.08:
            car = self.luck.choice(self.cars)
            self.come(car, day, self.luck.choice(["定期保养", "一般维修"]))

    def come(self, car: Car, day: date, business: str) -> None:
        """One visit a day: who booked and walks in, comes once."""
        if (car.pk, day) not in self.came:
            self.came.add((car.pk, day))
            visit(self.world.east, car, day, self.km(car, day), business)

    def surprises(self, day: date) -> None:
        """People refuse, sell, scrap; new cars are delivered; work is advised."""
        chance = self.luck.random()
        car = self.luck.choice(self.cars)
        if chance < 0.02:
            owner = car.ownerships.get(bond="owner", end_date=None).customer
            make_opt_out(
                self.world.east, customer=owner, purpose="all", channel="all", recorded_at=at(day, 17)
            )
            appointments.heed_refusal(customer_id=owner.pk, actor=ACTOR, now=at(day, 17))
        elif chance < 0.03:
            Car.objects.filter(pk=car.pk).update(status=self.luck.choice(["sold_on", "scrapped"]))
        elif chance < 0.05:
            car.ownerships.filter(end_date=None).update(end_date=day)
            buyer = make_customer(self.world.east, name=f"新车主{day:%m%d}")
            car.ownerships.create(dealer=self.world.east, customer=buyer, start_date=day)
        elif chance < 0.09:
            self.cars.append(
                make_car(self.world.east, sale_date=day, compulsory_insurance_end_date=add_months(day, 12))
            )
        elif chance < 0.14:
            make_finding(self.world.east, car=car, found_date=day, text=f"建议{day:%m%d}")

    def km(self, car: Car, day: date) -> int:
        return 30 * (day - (car.vehicle.sale_date or FIRST)).days + car.pk % 500

    def prepare(self) -> None:
        east = self.world.east
        make_schedule(east, first_months=3, first_km=5_000, interval_months=6, interval_km=10_000)
        self.labour = make_labour(east, name="常规保养", skill="快保")
        for _ in range(2):
            make_bay(east, skill="快保")
            make_technician(east, skills=("快保",))
            make_advisor(east)
        for n in range(CARS):
            sold = FIRST - timedelta(days=40 * n + 10)
            car = make_car(
                east, sale_date=sold, warranty_start_date=sold, warranty_end_date=add_months(sold, 36),
                compulsory_insurance_end_date=FIRST + timedelta(days=10 * n), inspection_due_date=add_months(FIRST, n % 14),
                owner=make_customer(east, birthday=date(1980 + n % 20, 1 + n % 12, 1 + n % 28)),
            )  # fmt: skip
            self.cars.append(car)
            for back in range(60 + 5 * n, (FIRST - sold).days, 180):
                visit(east, car, FIRST - timedelta(days=back), self.km(car, FIRST - timedelta(days=back)))


@pytest.fixture
def year() -> Iterator[Year]:
    world = make_world()
    with dealer_scope(world.east.pk):
        made = Year(world)
        made.prepare()
        yield made


def _evening(day: date) -> None:
    with connection.cursor() as cursor:
        for what, statement in NEVER.items():
            cursor.execute(statement, {"day": day})
            assert cursor.fetchall() == [], f"{day}: {what}"


def _census_adds_up(year: Year, month: date) -> None:
    found = census.census(month=month)
    base = Car.objects.filter(status="active").count()
    left = sum(row.cars for row in found.rows if row.cause in {"sold_on", "scrapped"})
    assert found.frozen
    assert base <= found.base <= base + left + len(year.cars) - base
    assert sum(found.by_bucket.values()) == found.base
    for kind, buckets in found.by_kind.items():
        due = Due.objects.filter(kind=kind, due_date__gte=month, due_date__lt=add_months(month, 1))
        assert sum(buckets.values()) >= due.values("car_id").distinct().count(), kind


@pytest.mark.timeout(900)
def test_a_year_day_by_day(year: Year) -> None:
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=n)
        year.morning(day)
        _evening(day)  # before anybody worked: the run alone must leave no gap
        year.calls(day)
        year.visitors(day)
        year.surprises(day)
        if day.day == 1 and day > date(2026, 2, 1):
            _census_adds_up(year, add_months(day, -1))

    assert year.bookings > 50
    assert year.visits > 30
    assert year.partial > 10
    assert len(census.months()) == 12
    closed = set(Case.objects.exclude(close_cause="").values_list("close_cause", flat=True))
    assert {"returned", "refused"} <= closed
