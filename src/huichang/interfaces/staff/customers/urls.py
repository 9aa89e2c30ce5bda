from __future__ import annotations

from typing import Any

from django.db.models import F

from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.customers.models import Car, Customer, Ownership
from huichang.domains.customers.permissions import P
from huichang.domains.vehicles.permissions import P as VehiclesP
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.customers import (
    consents,
    editing,
    listing,
    merging,
    owning,
    readings,
    together,
    views,
)


def _a_customer() -> dict[str, Any]:
    bond = (
        Ownership.objects.filter(end_date=None)
        .order_by(F("car__last_visit_date").desc(nulls_last=True), "pk")
        .first()
    )
    return {"pk": bond.customer_id if bond else 0}


def _a_car() -> dict[str, Any]:
    car = Car.objects.order_by(F("last_visit_date").desc(nulls_last=True), "pk").first()
    return {"pk": car.pk if car else 0}


def _two_customers() -> dict[str, Any]:
    ids = list(Customer.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True)[:2])
    return {"pk": ids[0], "other": ids[1]} if len(ids) == 2 else {"pk": 0, "other": 1}


urlpatterns = [
    page("search", listing.typeahead, needs=P.SEE, name="search", title="搜索", screens=False),
    page(
        "customers", listing.cars, needs=P.SEE, name="customers", title="客户与车辆",
        rail=Rail("客户管理", "users", 10), help="customers",
    ),
    page("customers/people", listing.people, needs=P.SEE, name="customer-list", title="客户名单", help="customers"),
    page("customers/new", editing.new_customer, needs=P.EDIT, name="customer-new", title="新建客户", help="customers"),
    page(
        "customers/<int:pk>", views.customer, needs=P.SEE, name="customer", title="客户档案", help="customers",
        sample=_a_customer,
    ),
    page(
        "cars/<int:pk>", views.car, needs=P.SEE, name="car", title="车辆档案", help="customers",
        sample=_a_car,
    ),
    page(
        "customers/<int:pk>/who", editing.who, needs=P.SEE, name="customer-who", title="客户资料",
        sample=_a_customer, screens=False,
    ),
    page(
        "cars/<int:pk>/facts", editing.car_facts, needs=P.SEE, name="car-facts", title="车辆资料",
        sample=_a_car, screens=False,
    ),
    page(
        "customers/<int:pk>/cars/new", editing.new_car, needs=P.EDIT, name="car-new", title="新建车辆",
        help="customers", sample=_a_customer,
    ),
    page("customers/<int:pk>/tags", editing.tags, needs=P.EDIT, name="customer-tags", writes=True, sample=_a_customer),
    page("customers/<int:pk>/id-number", editing.id_number, needs=P.REVEAL_ID, name="customer-id", writes=True,
         sample=_a_customer),
    page("phones/<int:pk>/wrong", editing.wrong_phone, needs=P.EDIT, name="phone-wrong", writes=True),
    page("cars/<int:pk>/owner", owning.owner, needs=P.EDIT, name="car-owner", title="更换车主", sample=_a_car,
         screens=False),
    page("cars/<int:pk>/status", owning.status, needs=P.EDIT, name="car-status", writes=True, sample=_a_car),
    page("cars/<int:pk>/reading", readings.record, needs=VehiclesP.RECORD_READING, name="car-reading", writes=True,
         sample=_a_car),
    page("customers/spending", listing.spending, needs=P.SEE, name="spending", title="消费排行", help="customers"),
    page("customers/duplicates", merging.duplicate_list, needs=P.MERGE, name="duplicates", title="疑似重复", help="customers"),
    page("customers/<int:pk>/merge/<int:other>", merging.compare, needs=P.MERGE, name="customer-merge", title="合并客户",
         help="customers", sample=_two_customers),
    page("customers/<int:pk>/apart/<int:other>", merging.apart, needs=P.MERGE, name="customers-apart", writes=True,
         sample=_two_customers),
    page("customers/<int:pk>/household", together.group, needs=P.EDIT, name="customer-household", title="一起联系",
         sample=_a_customer, screens=False),
    page("customers/<int:pk>/needs", together.need, needs=P.EDIT, name="customer-need", writes=True, sample=_a_customer),
    page("needs/<int:pk>/end", together.need_over, needs=P.EDIT, name="need-end", writes=True),
    page("customers/<int:pk>/confirm", together.confirm, needs=P.EDIT, name="customer-confirm", writes=True,
         sample=_a_customer),
    page("readings/<int:pk>/judge", readings.judge, needs=VehiclesP.JUDGE_READING, name="reading-judge", writes=True),
    page("customers/<int:pk>/opt-out", consents.refuse, needs=ContactsP.OPT_OUT, name="customer-opt-out", writes=True,
         sample=_a_customer),
    page("opt-outs/<int:pk>/lift", consents.lift, needs=ContactsP.LIFT_OPT_OUT, name="opt-out-lift", writes=True),
]  # fmt: skip
