"""The call desk's pages: claims, refusals in place, corrections on the phone, the supervisor's hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from huichang.domains.contacts.models import Call, CallResult, ContactPreference, OptOut, OutcomeCode
from huichang.domains.customers.models import Customer, CustomerPhone
from huichang.domains.customers.queries import version
from huichang.domains.dealers.operations import set_policy
from huichang.domains.reminders.batch import area_of
from huichang.domains.reminders.forecast import learn
from huichang.domains.reminders.models import Case, Renewal
from huichang.domains.vehicles.models import OdometerReading
from huichang.domains.worklist.models import CallTask
from huichang.kernel.actors import system
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_moment
from tests.factories.world import (
    NOW,
    TODAY,
    World,
    make_booking,
    make_call,
    make_case,
    make_customer,
    make_due,
    make_message,
    make_opt_out,
    make_order,
    make_reading,
    make_user,
    signed_in,
)

pytestmark = pytest.mark.django_db


def text(response: Any) -> str:
    return str(response.content.decode())


def task_of(case: Case) -> CallTask:
    """The call task that the case's factory made."""
    assert case.task is not None
    return case.task


def record(client: Client, task: CallTask, **fields: str) -> Any:
    posted = {f"call-{name.replace('__', '-')}": value for name, value in fields.items()}
    return client.post(f"/desk/record?task={task.pk}", posted)


def test_next_opens_the_most_urgent_customer_and_renews_the_queue(world: World, li: Client) -> None:
    case = make_case(world.east)
    response = li.post("/desk/next?tab=today")
    assert response.status_code == 200
    assert response["HX-Retarget"] == "#workspace"
    assert case.customer.name in text(response)
    assert 'hx-swap-oob="true"' in text(response)
    with dealer_scope(world.east.pk):
        assert CallTask.objects.get().claimed_by == world.li


def test_looking_at_a_customer_takes_nothing(world: World, li: Client) -> None:
    case = make_case(world.east)
    url = f"/desk?task={task_of(case).pk}"
    seen = text(li.get(url))
    assert "您在查看,还没有领取" in seen
    assert '/renew"' not in seen  # the claim is not kept alive
    assert "放回" not in seen
    with dealer_scope(world.east.pk):
        assert CallTask.objects.get().claimed_by is None
    signed_in(world.wang).post(f"/desk/task/{task_of(case).pk}/take")
    seen = text(li.get(url))
    assert "王建国 正在处理" in seen
    assert '/renew"' not in seen  # the claim is not kept alive
    with dealer_scope(world.east.pk):
        assert CallTask.objects.get().claimed_by == world.wang
        CallTask.objects.update(status="done")
    assert "已经处理完了" in text(li.get(url))


def test_another_page_takes_the_task_and_goes_to_the_desk(world: World, li: Client) -> None:
    case = make_case(world.east)
    taken = li.post(f"/desk/task/{task_of(case).pk}/take?open=page")
    assert taken["HX-Redirect"] == f"/desk?task={task_of(case).pk}"
    with dealer_scope(world.east.pk):
        assert CallTask.objects.get().claimed_by == world.li
    assert f"/desk/task/{task_of(case).pk}/renew" in text(li.get(taken["HX-Redirect"]))


def test_what_a_visit_covers_is_shown_and_not_asked_about(world: World, li: Client) -> None:
    case = make_case(world.east)
    make_due(world.east, car=case.car, case=case, kind="compulsory_insurance", key="ins")
    with dealer_scope(world.east.pk):
        visit = make_booking(world.east, car=case.car, starts_at=NOW + timedelta(days=4))
        case.reasons.filter(kind="scheduled_service").update(booking=visit)
    seen = text(li.post("/desk/next"))
    assert "已预约 2026-06-20" in seen
    assert "各事由结果不同" not in seen  # one reason is left to talk about
    record(li, task_of(case), outcome="refused")
    with dealer_scope(world.east.pk):
        assert {due.kind: due.close_cause for due in case.reasons.all()} == {
            "scheduled_service": "", "compulsory_insurance": "refused",
        }  # fmt: skip
        assert CallTask.objects.get().status == "done"


def test_an_empty_queue_says_what_will_appear(world: World, li: Client) -> None:
    assert "现在没有要打的电话" in text(li.get("/desk"))
    assert "队列里没有可以打的电话了" in text(li.post("/desk/next"))


def test_a_claim_survives_a_reload(world: World, li: Client) -> None:
    case = make_case(world.east)
    li.post("/desk/next")
    assert f"/desk/task/{task_of(case).pk}/renew" in text(li.get("/desk"))


def test_a_customer_another_agent_has_can_be_read_but_not_saved(world: World, li: Client) -> None:
    case = make_case(world.east)
    signed_in(world.wang).post(f"/desk/task/{task_of(case).pk}/take")
    seen = text(li.post(f"/desk/task/{task_of(case).pk}/take"))
    assert "王建国 正在处理" in seen
    assert '/renew"' not in seen  # the claim is not kept alive
    saved = record(li, task_of(case), outcome="refused", note="不需要了")
    assert saved.status_code == 422
    assert "王建国 正在处理" in text(saved)
    assert "不需要了" in text(saved)


def test_a_refusal_keeps_the_input_and_touches_only_the_outcome_panel(world: World, li: Client) -> None:
    case = make_case(world.east)
    li.post("/desk/next")
    response = record(li, task_of(case), outcome="call_later", note="周五再打")
    assert (response.status_code, response["HX-Retarget"]) == (422, "#outcome")
    assert "周五再打" in text(response)
    assert "请填写和客户约好的时间" in text(response)
    with dealer_scope(world.east.pk):
        assert not Call.objects.exists()


def test_in_the_evening_a_reason_is_asked_for_and_kept(
    world: World, li: Client, clock: Callable[[datetime], None]
) -> None:
    case = make_case(world.east)
    clock(local_moment(TODAY, time(21, 30)))
    assert "现在不宜致电" in text(li.post("/desk/next"))
    assert record(li, task_of(case), outcome="refused").status_code == 422
    assert record(li, task_of(case), outcome="refused", override_reason="客户约在晚上").status_code == 200
    with dealer_scope(world.east.pk):
        assert Call.objects.get().override_reason == "客户约在晚上"


def test_an_agreed_time_is_the_stores_clock(world: World, li: Client) -> None:
    case = make_case(world.east)
    li.post("/desk/next")
    record(li, task_of(case), outcome="call_later", call_later_at="2026-06-17T15:30")
    with dealer_scope(world.east.pk):
        assert CallTask.objects.get().ready_at == local_moment(TODAY + timedelta(days=1), time(15, 30))


def test_another_stores_customer_is_not_there(world: World, li: Client) -> None:
    case = make_case(world.west)
    assert li.post(f"/desk/task/{task_of(case).pk}/take").status_code == 404
    assert li.get(f"/desk?task={task_of(case).pk}").status_code == 404
    assert li.get(f"/desk?customer={case.customer.pk}&direction=in").status_code == 404
    assert li.get(f"/desk/customer/{case.customer.pk}/owner").status_code == 404
    assert case.customer.name not in text(li.get("/desk/queue"))


def test_a_technician_has_no_business_here(world: World, li: Client) -> None:
    technician = signed_in(make_user("technician", world.east))
    assert technician.get("/desk").status_code == 403
    assert li.get("/desk/manage").status_code == 403


@pytest.mark.parametrize("url", ["/desk/queue", "/desk", "/calls"])
def test_pages_need_no_more_queries_for_more_rows(
    world: World, li: Client, queries: Callable[[Client, str], int], url: str
) -> None:
    first = make_case(world.east)
    make_call(world.east, car=first.car)
    one = queries(li, url)
    for _ in range(2):
        make_call(world.east, car=make_case(world.east).car)
    assert queries(li, url) == one


def test_numbers_are_masked_until_the_call_is_made(world: World, li: Client) -> None:
    customer = make_customer(world.east, mobile="13912344418")
    make_case(world.east, customer=customer)
    assert "13912344418" not in text(li.get("/desk")).replace('value="13912344418"', "")
    dialled = text(li.post(f"/desk/customer/{customer.pk}/dial", {"call-number": "13912344418"}))
    assert 'href="tel:13912344418"' in dialled
    assert "call-started_at" in dialled


def test_the_owner_is_corrected_on_the_phone(world: World, li: Client) -> None:
    customer = make_customer(world.east, name="周建国")
    with dealer_scope(world.east.pk):
        seen = version(customer)
    fields = {
        "name": "周建国", "gender": "male", "new_phone": "139 1234 4418", "avoid_from": "12:00",
        "avoid_until": "14:00", "channel": "wechat", "seen": seen,
    }  # fmt: skip
    assert li.post(f"/desk/customer/{customer.pk}/owner", fields).status_code == 200
    with dealer_scope(world.east.pk):
        assert Customer.objects.get(pk=customer.pk).gender == "male"
        assert CustomerPhone.objects.get(customer=customer, is_primary=True).number == "13912344418"
        assert ContactPreference.objects.get().avoid_until == time(14)


def test_who_changed_the_owner_meanwhile_is_told_and_my_input_stays(world: World, li: Client) -> None:
    customer = make_customer(world.east, name="周建国")
    with dealer_scope(world.east.pk):
        seen = version(customer)
        Customer.objects.filter(pk=customer.pk).update(address="新地址 1 号")
    mine = {"name": "周建军", "seen": seen}
    refused = li.post(f"/desk/customer/{customer.pk}/owner", mine)
    assert refused.status_code == 422
    assert "周建军" in text(refused)
    with dealer_scope(world.east.pk):
        assert Customer.objects.get(pk=customer.pk).name == "周建国"
        now = version(customer)
    assert f'value="{now}"' in text(refused)


def test_a_leap_is_asked_about_before_it_is_kept(world: World, li: Client) -> None:
    case = make_case(world.east)
    make_reading(world.east, car=case.car, km=20_000, read_on=TODAY - timedelta(days=10))
    url = f"/desk/car/{case.car.pk}/reading"
    assert "增加得太快" in text(li.post(url, {"km": "200000"}))
    with dealer_scope(world.east.pk):
        assert OdometerReading.objects.count() == 1
    assert "待核实" in text(li.post(url, {"km": "200000", "answer": "suspect"}))
    assert "可信" in text(li.post(url, {"km": "20500"}))


def test_only_the_customers_words_lift_a_refusal(world: World, li: Client) -> None:
    refusal = make_opt_out(world.east)
    assert li.post(f"/desk/refusal/{refusal.pk}/lift", {"how": ""}).status_code == 422
    assert "已恢复联系" in text(
        li.post(f"/desk/refusal/{refusal.pk}/lift", {"how": "6 月 16 日来电要求恢复"})
    )
    with dealer_scope(world.east.pk):
        assert OptOut.objects.get().lifted_at == NOW


def test_the_supervisor_sees_who_is_nearly_late_and_gives_the_work(world: World, li: Client) -> None:
    case = make_case(world.east, due_date=TODAY + timedelta(days=5))
    make_call(world.east, car=case.car, agent=world.li)
    wang = signed_in(world.wang)
    seen = text(wang.get("/desk/manage"))
    assert case.customer.name in seen
    assert "李伟" in seen
    wang.post("/desk/manage/assign", {"tasks": [task_of(case).pk], "to": world.li.pk, "action": "assign"})
    with dealer_scope(world.east.pk):
        assert CallTask.objects.get().assigned_to == world.li


def test_the_supervisor_gives_all_tasks_of_an_absent_agent_to_another(world: World, li: Client) -> None:
    sun = make_user("service_advisor", world.east, name="孙晓梅")
    held = [make_case(world.east, due_date=TODAY + timedelta(days=60)) for _ in range(3)]
    other = make_case(
        world.east, due_date=TODAY + timedelta(days=60), customer=make_customer(world.east, name="与他无关")
    )
    with dealer_scope(world.east.pk):
        CallTask.objects.exclude(pk=task_of(other).pk).update(assigned_to=sun)
    wang = signed_in(world.wang)
    seen = text(wang.get(f"/desk/manage?holder={sun.pk}"))
    assert all(case.customer.name in seen for case in held)
    assert other.customer.name not in seen
    ids = [task_of(case).pk for case in held]
    wang.post("/desk/manage/assign", {"tasks": ids, "to": world.li.pk, "action": "assign"})
    with dealer_scope(world.east.pk):
        assert CallTask.objects.filter(assigned_to=world.li).count() == 3
    wang.post("/desk/manage/assign", {"tasks": ids[:1], "to": "", "action": "assign"})
    with dealer_scope(world.east.pk):
        assert CallTask.objects.filter(assigned_to=None).count() == 2


def test_the_supervisor_sees_what_the_agents_cannot_do_in_time(world: World, li: Client) -> None:
    with dealer_scope(world.east.pk):
        learn(area_of([world.east], TODAY))
    put_policy(world, "worklist.calls_per_agent", "2")
    for _ in range(5):
        make_case(world.east, due_date=TODAY + timedelta(days=5), last_safe_day=TODAY + timedelta(days=1))
    seen = text(signed_in(world.wang).get("/desk/manage"))  # two people work calls: eight calls in two days
    assert seen.count("轮不到</span>") == 0
    put_policy(world, "worklist.calls_per_agent", "1")
    seen = text(signed_in(world.wang).get("/desk/manage"))
    assert seen.count("轮不到</span>") == 1


def put_policy(world: World, key: str, value: str) -> None:
    with dealer_scope(world.east.pk):
        set_policy(key=key, raw=value, effective_date=TODAY, dealer=world.east, actor=system("test"), now=NOW)


def test_a_store_cannot_give_away_another_stores_tasks(world: World) -> None:
    case = make_case(world.west)
    signed_in(world.wang).post(
        "/desk/manage/assign", {"tasks": [task_of(case).pk], "to": world.li.pk, "action": "assign"}
    )
    assert task_of(case).assigned_to is None


def test_conversion_is_told_by_agent_and_by_reason(world: World, li: Client) -> None:
    codes = {code.code: code for code in OutcomeCode.objects.filter(dealer=None)}
    for name in ("booked", "refused", "no_answer"):
        case = make_case(world.east, due_date=TODAY - timedelta(days=1))
        call = make_call(world.east, car=case.car, agent=world.li, direction="out", outcome=codes[name])
        with dealer_scope(world.east.pk):
            CallResult.objects.create(
                dealer=world.east,
                call=call,
                car=case.car,
                kind="scheduled_service",
                purpose="service",
                outcome=codes[name],
            )
    page = " ".join(text(signed_in(world.wang).get("/desk/manage")).split())
    agents, reasons = page.split('aria-label="按事由"', 1)
    assert re.search(r"李伟</td>.*?>3<.*?>0<.*?>2<.*?>1<.*?>1<.*?50", agents), agents[
        agents.index("按经办人") :
    ]
    assert re.search(r"定期保养</td>.*?>3<.*?>3<.*?>2<.*?>1<.*?>1<.*?50", reasons)


def test_the_share_of_booked_visits_is_held_against_its_target(world: World, li: Client) -> None:
    booked, walked_in = make_case(world.east).car, make_case(world.east).car
    make_booking(world.east, car=booked, starts_at=NOW, status="arrived")
    make_booking(world.east, car=walked_in, starts_at=NOW, status="no_show")
    for car in (booked, walked_in):
        make_order(world.east, car=car, arrived=NOW)
    seen = " ".join(text(signed_in(world.wang).get("/desk/manage")).split())
    assert "2 次进厂中 1 次有预约,目标 80%" in seen
    put_policy(world, "reminders.booked_share_percent", "40")
    assert "目标 40%" in text(signed_in(world.wang).get("/desk/manage"))


def test_the_reminder_slip_prints_what_the_call_is_about(world: World, li: Client) -> None:
    case = make_case(world.east, customer=make_customer(world.east, name="周建国", mobile="13912344418"))
    make_message(world.east, customer=case.customer, channel="sms", status="sent")
    make_call(world.east, car=case.car, note="下周再说")
    slip = text(li.get(f"/desk/task/{task_of(case).pk}/slip"))
    assert "车辆提醒单" in slip
    assert "上次保养" in slip
    assert "短信 · 已发出" in slip
    assert "13912344418" not in slip
    assert f"/desk/task/{task_of(case).pk}/slip" in text(li.post("/desk/next"))
    assert li.get("/desk/task/0/slip").status_code == 404


def test_a_renewal_is_written_down_beside_the_call_and_counted_for_the_supervisor(
    world: World, li: Client
) -> None:
    case = make_case(world.east)
    form = text(li.get(f"/desk/car/{case.car_id}/renewal"))
    assert "登记续保" in form

    wrong = li.post(f"/desk/car/{case.car_id}/renewal", {"kind": "commercial_insurance", "premium": "0"})
    assert wrong.status_code == 422
    kept = li.post(
        f"/desk/car/{case.car_id}/renewal",
        {
            "kind": "commercial_insurance", "insurer": "平安", "premium": "3000",
            "end_date": (TODAY + timedelta(days=400)).isoformat(),
        },
    )  # fmt: skip

    assert "已登记续保" in text(kept)
    with dealer_scope(world.east.pk):
        assert Renewal.objects.get().agent == world.li
    manage = signed_in(make_user("dcrc_lead", world.east)).get("/desk/manage")
    assert "本月续保完成率" in text(manage)
