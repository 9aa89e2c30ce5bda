"""The call desk by keyboard: from "next case" to "booked" in at most six actions, without loading a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from huichang.domains.accounts.models import User
from huichang.domains.contacts import operations as contacts
from huichang.domains.contacts.models import Call
from huichang.domains.dealers.models import Dealer
from huichang.domains.reminders.models import Case
from huichang.domains.worklist.models import CallTask
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope, unscoped
from tests.factories.world import (
    NOW,
    TODAY,
    make_advisor,
    make_bay,
    make_call,
    make_car,
    make_case,
    make_complaint,
    make_customer,
    make_due,
    make_finding,
    make_labour,
    make_opt_out,
    make_order,
    make_technician,
    make_user,
    make_world,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = (
    ("周建国", "渝B62D81", "锐界", "male"), ("刘洋", "渝A7K3M9", "福克斯", ""), ("王雪梅", "渝AD03528", "蒙迪欧", "female"),
    ("何敏", "渝A5T9L2", "福睿斯", "female"), ("孙志强", "渝B1H6E3", "探险者", "male"),
)  # fmt: skip


@pytest.fixture
def east() -> Dealer:
    """A store with five customers to call: plain, with two reasons, late, complaining, with a refusal."""
    dealer = make_world().east
    with unscoped("codes are the network's"):
        contacts.seed_codes(actor=system("test"))
    for number, (name, plate, series, gender) in enumerate(PEOPLE):
        owner = make_customer(dealer, name=name, gender=gender, preferred_time="周六上午")
        car = make_car(
            dealer, owner=owner, plate=plate, series=series, model_name="2023款", sales_advisor_name="李涛",
            sale_date=date(2023, 12, 1),
        )  # fmt: skip
        case = make_case(dealer, car=car, due_date=TODAY + timedelta(days=3 + 2 * number))
        make_order(dealer, car=car, arrived=NOW - timedelta(days=200 + number), advisor_name="吴倩")
        if number in {0, 4}:
            why = {
                "ends": "2026-12-01",
                "due_km": 100000,
                "by": "date",
                "km_per_day": 54,
                "basis": "readings",
                "readings": 3,
            }
            make_due(dealer, car=car, case=case, kind="warranty_end", key="w", why=why)
            make_due(
                dealer,
                car=car,
                case=case,
                kind="compulsory_insurance",
                key="i",
                due_date=TODAY + timedelta(days=25),
            )
            make_finding(dealer, car=car, text="前刹车片 3.5 mm")
            make_call(dealer, car=car, rating=7, note="洗车太慢", agent=User.objects.get(username="li"))
        if number == 3:
            make_complaint(dealer, car=car)
        if number == 4:
            make_opt_out(dealer, customer=owner, purpose="insurance")
    make_bay(dealer), make_technician(dealer), make_advisor(dealer)
    make_labour(dealer, name="定期保养")
    make_labour(dealer, name="保修期末全面检查")
    return dealer


@pytest.fixture
def agent(east: Dealer) -> User:
    return make_user("dcrc_agent", east, name="陈静")


def last_outcome() -> str | None:
    """The outcome of the latest call, in the open scope."""
    return Call.objects.order_by("-pk").values_list("outcome__code", flat=True).first()


def wait_for_panel(page: Page) -> None:
    page.wait_for_selector("#booking .bk-slot[data-key='1'], #booking .ui-empty, #booking .ui-alert")


def test_from_next_case_to_booked_by_keyboard_alone(
    east: Dealer, agent: User, open_page: Callable[..., Page]
) -> None:
    page = open_page(agent, "/desk")
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url))
    actions = 0

    def press(key: str) -> None:
        nonlocal actions
        actions += 1
        page.keyboard.press(key)

    press("n")
    page.wait_for_selector(".desk-head h2")
    wait_for_panel(page)
    press("k")  # call: the number in clear
    page.wait_for_selector("#dial a[href^='tel:']")
    press("1")  # the first slot that can be kept is held
    page.wait_for_selector("#booking .bk-act button[type=submit]")
    press("Enter")
    page.wait_for_selector(".ui-toast:has-text('已预约')")
    page.wait_for_selector(".desk-name:has-text('刘洋')")  # the next case is open already
    assert actions <= 6, actions
    assert loads == []
    with dealer_scope(east.pk):
        booked = Case.objects.get(status="booked")
        assert booked.customer.name == "周建国"
        assert last_outcome() == "booked"
        assert CallTask.objects.get(source_id=booked.pk).status == "done"


def test_an_outcome_by_keyboard_and_the_next_case_follows(
    east: Dealer, agent: User, open_page: Callable[..., Page]
) -> None:
    page = open_page(agent, "/desk")
    page.keyboard.press("n")
    page.wait_for_selector(".desk-name:has-text('周建国')")
    page.keyboard.press("u")  # nobody answered
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".desk-name:has-text('刘洋')")
    with dealer_scope(east.pk):
        assert last_outcome() == "no_answer"


def test_a_refused_save_keeps_what_was_typed_and_a_reload_too(
    east: Dealer, agent: User, open_page: Callable[..., Page]
) -> None:
    page = open_page(agent, "/desk")
    page.keyboard.press("n")
    page.wait_for_selector(".desk-name")
    page.keyboard.press("l")  # an agreed time is asked for
    page.wait_for_selector(".desk-when input")
    page.fill("#call-note", "周五下午再打")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".desk-when .ui-error")
    assert page.input_value("#call-note") == "周五下午再打"
    page.reload()
    page.wait_for_selector(".desk-name")  # the claim is still one's own
    assert page.input_value("#call-note") == "周五下午再打"
    assert page.is_checked("[value=call_later]")


def test_two_agents_see_who_has_the_customer(
    east: Dealer, agent: User, open_page: Callable[..., Page]
) -> None:
    page = open_page(agent, "/desk")
    page.keyboard.press("n")
    page.wait_for_selector(".desk-name:has-text('周建国')")
    other = open_page(make_user("dcrc_agent", east, name="林芳"), "/desk")
    other.click(".desk-row:has-text('周建国')")
    other.wait_for_selector("#claim:has-text('陈静')")
    other.keyboard.press("n")
    other.wait_for_selector(".desk-name:has-text('刘洋')")


def test_while_a_complaint_is_open_the_script_apologises(
    east: Dealer, agent: User, open_page: Callable[..., Page]
) -> None:
    page = open_page(agent, "/desk")
    page.click(".desk-row:has-text('何敏')")
    page.wait_for_selector(".desk-script:has-text('抱歉')")
    assert "定期保养" not in page.inner_text(".desk-script")
    assert "投诉处理中" in page.inner_text(".desk-brief")


def test_a_mileage_that_rolls_back_is_asked_about(
    east: Dealer, agent: User, open_page: Callable[..., Page]
) -> None:
    with dealer_scope(east.pk):
        from huichang.domains.customers.models import Car
        from huichang.domains.vehicles.models import OdometerReading

        vehicle = Car.objects.get(plate="渝B62D81").vehicle
        OdometerReading.objects.create(dealer=east, vehicle=vehicle, km=30000, read_on=TODAY, source="visit")
    page = open_page(agent, "/desk")
    page.keyboard.press("n")
    page.wait_for_selector("#reading_km")
    page.fill("#reading_km", "3000")
    page.click("#reading button[type=submit]")
    page.wait_for_selector("#reading .ui-alert:has-text('请向客户核实')")
    page.click("#reading button[value=suspect]")
    page.wait_for_selector("#reading .ui-alert:has-text('待核实')")
    with dealer_scope(east.pk):
        assert OdometerReading.objects.get(km=3000).status == "suspect"


@pytest.mark.parametrize("width", [1440, 1280, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_desk_fits_every_width(
    east: Dealer,
    agent: User,
    open_page: Callable[..., Page],
    width: int,
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    User.objects.filter(pk=agent.pk).update(language=language)
    page = open_page(agent, "/desk", width=width, height=844 if width == 390 else 900)
    page.click(".desk-next button")
    page.wait_for_selector(".desk-name")
    wait_for_panel(page)
    if folder := request.config.getoption("--pictures", default=None):
        page.screenshot(path=f"{folder}/desk-{width}-{language}.png", full_page=width == 390)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


def test_looking_takes_nothing_and_taking_is_one_click(
    east: Dealer, agent: User, open_page: Callable[..., Page]
) -> None:
    with dealer_scope(east.pk):
        task = CallTask.objects.get(customer__name="刘洋")
    page = open_page(agent, f"/desk?task={task.pk}")
    page.wait_for_selector("#claim:has-text('还没有领取')")
    with dealer_scope(east.pk):
        assert CallTask.objects.get(pk=task.pk).claimed_by is None
    page.click("#claim button")
    page.wait_for_selector("#claim button", state="detached")
    page.wait_for_selector(".desk-name:has-text('刘洋')")
    with dealer_scope(east.pk):
        assert CallTask.objects.get(pk=task.pk).claimed_by == agent


def test_from_the_list_of_who_is_due_to_the_desk(
    east: Dealer, agent: User, open_page: Callable[..., Page]
) -> None:
    page = open_page(agent, "/due")
    page.click("button[aria-label='致电周建国'] >> nth=0")
    page.wait_for_url("**/desk?task=*")
    page.wait_for_selector(".desk-name:has-text('周建国')")
    with dealer_scope(east.pk):
        assert CallTask.objects.get(customer__name="周建国").claimed_by == agent


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_supervisor_assigns_in_bulk(
    east: Dealer,
    agent: User,
    open_page: Callable[..., Page],
    width: int,
    language: str,
    request: pytest.FixtureRequest,
) -> None:
    lead = make_user("dcrc_lead", east, name="林主管")
    User.objects.filter(pk=lead.pk).update(language=language)
    with dealer_scope(east.pk):
        CallTask.objects.update(last_safe_day=TODAY)
    page = open_page(lead, "/desk/manage", width=width, height=844 if width == 390 else 900)
    if folder := request.config.getoption("--pictures", default=None):
        page.screenshot(path=f"{folder}/manage-{width}-{language}.png", full_page=True)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    if width == 390:
        return
    page.check("[data-tick-all]")
    assert page.locator("input[name=tasks]:checked").count() == len(PEOPLE)
    page.select_option("select[name=to]", str(agent.pk))
    page.click("button[name=action][value=assign]")
    page.wait_for_selector(".ui-toast")
    with dealer_scope(east.pk):
        assert CallTask.objects.filter(assigned_to=agent).count() == len(PEOPLE)
