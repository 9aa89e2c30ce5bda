"""`/customers`: people and companies of the store's file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field

from huichang.domains.customers import operations
from huichang.domains.customers.models import Customer, CustomerPhone
from huichang.domains.customers.operations import Phone
from huichang.domains.customers.permissions import P
from huichang.domains.customers.queries import primary_phones, search
from huichang.interfaces.api.cursors import Page, PagingQuery, page
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.types import (
    Count,
    Day,
    Filled30,
    Filled80,
    Given,
    Line30,
    Line60,
    Line80,
    Line200,
    Line254,
    Line400,
    PathId,
    Truth,
    in_reach,
)
from huichang.kernel.actors import Actor
from huichang.kernel.sensitive import mask

router = Router()
MOST_HITS = 200
Gender = Literal["", "male", "female"]
CustomerType = Literal["person", "company"]


class PhoneIn(Given):
    number: Filled30
    is_primary: Truth = False


class CustomerIn(Given):
    """A new customer. An identity number is checked, kept encrypted and never given out in clear."""

    name: Filled80
    kind: CustomerType = "person"
    gender: Gender = ""
    birthday: Day | None = None
    address: Line200 = ""
    email: Line254 = ""
    preferred_time: Line60 = ""
    remark: Line400 = ""
    has_wechat: Truth = False
    id_number: Line30 = ""
    phones: Annotated[list[PhoneIn], Field(max_length=10, default_factory=list)]


class CustomerChange(Given):
    """What changes; fields that are left out stay. `phones` replaces all numbers. `version` refuses stale changes."""

    name: Filled80 = ""
    kind: CustomerType = "person"
    gender: Gender = ""
    birthday: Day | None = None
    address: Line200 = ""
    email: Line254 = ""
    preferred_time: Line60 = ""
    remark: Line400 = ""
    has_wechat: Truth = False
    id_number: Line30 = ""
    phones: Annotated[list[PhoneIn], Field(max_length=10, default_factory=list)]
    version: Count | None = None


class PhoneOut(Schema):
    """`number` is masked unless the token may see whole numbers (`customers.reveal_mobile`)."""

    number: str
    kind: str
    is_primary: bool
    is_wrong: bool


class CustomerOut(Schema):
    id: int
    number: str
    kind: str
    name: str
    gender: str
    birthday: Day | None
    address: str
    email: str
    preferred_time: str
    remark: str
    has_wechat: bool
    id_number: str
    phones: list[PhoneOut]
    called_through_id: int | None
    merged_into_id: int | None


def show(customer: Customer, actor: Actor) -> CustomerOut:
    """A customer with `phones` prefetched, masked as the actor may see it."""
    columns = (
        "id", "number", "kind", "name", "gender", "birthday", "address", "email", "preferred_time", "remark",
        "has_wechat", "called_through_id", "merged_into_id",
    )  # fmt: skip
    return CustomerOut(
        **{name: getattr(customer, name) for name in columns},
        id_number=mask(customer.id_number),
        phones=[_phone(phone, actor) for phone in customer.phones.all()],
    )


def _phone(phone: CustomerPhone, actor: Actor) -> PhoneOut:
    number = phone.number if actor.can(P.REVEAL_MOBILE) else mask(phone.number)
    return PhoneOut(number=number, kind=phone.kind, is_primary=phone.is_primary, is_wrong=phone.is_wrong)


class CustomerFilter(Schema):
    """`search` takes what the search field of the pages takes; the others are equalities."""

    search: Line60 = ""
    number: Line30 = ""
    name: Line80 = ""


def _rows() -> Any:
    return Customer.objects.prefetch_related(primary_phones())


@route(router, "GET", "/customers", needs=P.SEE, response=Page[CustomerOut], summary=_("客户列表与搜索"))
def list_customers(
    request: ApiRequest, wanted: Annotated[CustomerFilter, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """Customers by id. `search`: a name, pinyin, a phone or its end, a plate or its end, a VIN or its end, a number."""
    rows = _rows()
    if wanted.search:
        hits = search(dealer=request.auth.dealer, text=wanted.search, most=MOST_HITS)
        rows = rows.filter(pk__in=[hit.customer_id for hit in hits if hit.customer_id])
    for field in ("number", "name"):
        if value := getattr(wanted, field):
            rows = rows.filter(**{field: value})
    return page(rows, paging, lambda row: show(row, request.auth.actor), of="customers")


@route(router, "GET", "/customers/{customer_id}", needs=P.SEE, response=CustomerOut, summary=_("一位客户"))
def get_customer(request: ApiRequest, customer_id: PathId) -> CustomerOut:
    """One customer. Numbers are masked unless the token may see them; identity numbers always are."""
    return show(_rows().get(pk=customer_id), request.auth.actor)


@route(router, "POST", "/customers", needs=P.EDIT, response=CustomerOut, status=201, summary=_("新建客户"))
def add_customer(request: ApiRequest, customer: CustomerIn) -> CustomerOut:
    """Open a file for a person or company."""
    in_reach(customer.birthday, "birthday")
    made = operations.add_customer(
        dealer=request.auth.dealer, facts=customer.model_dump(exclude={"phones", "id_number"}),
        phones=[Phone(one.number, one.is_primary) for one in customer.phones], id_number=customer.id_number,
        actor=request.auth.actor, now=request.now,
    )  # fmt: skip
    return show(_rows().get(pk=made.pk), request.auth.actor)


@route(router, "PATCH", "/customers/{customer_id}", needs=P.EDIT, response=CustomerOut, summary=_("修改客户"))
def change_customer(request: ApiRequest, customer_id: PathId, change: CustomerChange) -> CustomerOut:
    """Change what is sent and leave the rest."""
    in_reach(change.birthday, "birthday")
    given = change.model_fields_set
    phones = [Phone(one.number, one.is_primary) for one in change.phones] if "phones" in given else None
    operations.edit_customer(
        customer=Customer.objects.get(pk=customer_id),
        facts=change.model_dump(exclude_unset=True, exclude={"phones", "id_number", "version"}),
        phones=phones, id_number=change.id_number if "id_number" in given else None, seen=change.version,
        actor=request.auth.actor,
    )  # fmt: skip
    return show(_rows().get(pk=customer_id), request.auth.actor)
