"""`/messages`: what was sent to customers and what became of it; one more into the outbox."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from huichang.domains.contacts import operations
from huichang.domains.contacts.choosing import templates_named
from huichang.domains.contacts.models import Message
from huichang.domains.contacts.outgoing import cause_label
from huichang.domains.contacts.permissions import P
from huichang.domains.contacts.purposes import purpose_of_template
from huichang.domains.customers.duplicates import standing
from huichang.domains.customers.models import Car
from huichang.interfaces.api.cursors import Page, PagingQuery, page
from huichang.interfaces.api.doors import ApiRequest, route
from huichang.interfaces.api.problems import conflict
from huichang.interfaces.api.types import Given, Id, Line32, Line200, Moment, PathId, in_reach

router = Router()
Status = Literal["", "waiting", "sending", "sent", "delivered", "read", "failed", "suppressed", "cancelled"]
Way = Literal["", "sms", "wechat", "mini", "email", "letter"]
# What the store's own rules send; `owner.code`, staff mail and letters are nobody else's to cause.
Template = Annotated[
    str, StringConstraints(max_length=40, pattern=r"^(booking|parts|waiting|reminder|activity)\.[a-z_]+$")
]
Key = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_.:-]+$")]
Variable = Literal[
    "time", "advisor", "technician", "items", "amount", "reason", "due_date", "minutes", "text", "series",
]  # fmt: skip


class MessageOut(Schema):
    """One message over one channel. `failed` and `suppressed` say why; `fallback_of` is the one it stands in for.

    `cause` is a code, `cause_text` its words; `provider_code` is the provider's own. `to` is masked, codes are dots.
    """

    id: int
    key: str
    customer_id: int
    car_id: int | None
    purpose: str
    template: str
    language: str
    channel: str
    status: str
    cause: str
    cause_text: str
    provider_code: str
    to: str
    text: str
    attempts: int
    created_at: Moment
    planned_for: Moment
    expires_at: Moment | None
    sent_at: Moment | None
    delivered_at: Moment | None
    read_at: Moment | None
    failed_at: Moment | None
    fallback_of: int | None


class MessageQuery(Schema):
    """Empty fields do not narrow; the period holds `created_at` and ends before its end."""

    status: Status = ""
    channel: Way = ""
    purpose: Line32 = ""
    customer_id: PathId | None = None
    car_id: PathId | None = None
    key: Line200 = ""
    created_from: Moment | None = None
    created_before: Moment | None = None


def _rows() -> Any:
    """Messages to customers; sign-in codes and mail to the store's people are not among them."""
    return Message.objects.filter(customer__isnull=False).exclude(purpose="code")


@route(
    router, "GET", "/messages", needs=P.SEE_MESSAGES, response=Page[MessageOut], summary=_("消息登记簿")
)  # fmt: skip
def list_messages(
    request: ApiRequest, wanted: Annotated[MessageQuery, Query()], paging: PagingQuery
) -> dict[str, Any]:
    """Messages in the order in which they were queued, with what became of each."""
    rows = _rows()
    for field in ("created_from", "created_before"):
        moment = getattr(wanted, field)
        in_reach(moment.date() if moment else None, field)
    exact = ("status", "channel", "purpose", "customer_id", "car_id", "key")
    rows = rows.filter(**{name: value for name in exact if (value := getattr(wanted, name))})
    if wanted.created_from:
        rows = rows.filter(created_at__gte=wanted.created_from)
    if wanted.created_before:
        rows = rows.filter(created_at__lt=wanted.created_before)
    return page(rows, paging, show_message, of="messages")


@route(
    router, "GET", "/messages/{message_id}", needs=P.SEE_MESSAGES, response=MessageOut, summary=_("一条消息")
)  # fmt: skip
def get_message(request: ApiRequest, message_id: PathId) -> MessageOut:
    """One message as it stands now."""
    return show_message(_rows().get(pk=message_id))


class MessageIn(Given):
    """What to tell a customer. The template decides the purpose, and so consent, quiet hours and pressure.

    `key` names the event in your program: the same key again is the same message, whatever else is sent with it.
    """

    key: Key
    customer_id: Id
    car_id: Id | None = None
    template: Template
    values: Annotated[dict[Variable, Line200], Field(default_factory=dict)]
    language: Literal["", "zh-hans", "en"] = ""
    not_before: Moment | None = None
    expires_at: Moment | None = None


@route(
    router, "POST", "/messages", needs=P.NOTIFY, response=MessageOut, status=201, summary=_("发消息")
)  # fmt: skip
def add_message(request: ApiRequest, message: MessageIn) -> MessageOut:
    """Put a message into the outbox. It is never refused for what the customer wants: then it is `suppressed`, with its cause."""
    dealer = request.auth.dealer
    for moment, field in ((message.not_before, "not_before"), (message.expires_at, "expires_at")):
        in_reach(moment.date() if moment else None, field)
    customer = standing(message.customer_id)
    if customer is None:
        raise conflict(gettext("没有这位客户。"), "customer_id")
    car = Car.objects.select_related("vehicle").filter(pk=message.car_id).first() if message.car_id else None
    if message.car_id and car is None:
        raise conflict(gettext("没有这辆车。"), "car_id")
    if not templates_named(dealer, message.template):
        raise conflict(gettext("没有这个模板。"), "template")
    made = operations.queue_message(
        dealer=dealer, customer=customer, car=car, purpose=purpose_of_template(message.template),
        template=message.template, values={str(name): value for name, value in message.values.items()},
        key=f"api:{request.auth.token.pk}:{message.key}", language=message.language, not_before=message.not_before,
        expires_at=message.expires_at, actor=request.auth.actor, now=request.now,
    )  # fmt: skip
    return show_message(made)


@route(
    router, "POST", "/messages/{message_id}/cancel", needs=P.NOTIFY, response=MessageOut, summary=_("撤回消息")
)  # fmt: skip
def cancel_message(request: ApiRequest, message_id: PathId) -> MessageOut:
    """Take back a message that this token queued and that has not gone. 409 when it is too late."""
    found = _rows().filter(key__startswith=f"api:{request.auth.token.pk}:").get(pk=message_id)
    taken_back = operations.cancel_message(
        dealer=request.auth.dealer, key=found.key, actor=request.auth.actor, now=request.now
    )
    if not taken_back:
        raise conflict(gettext("已经发出或已经结束,不能撤回。"))
    return show_message(_rows().get(pk=message_id))


def show_message(row: Message) -> MessageOut:
    assert row.customer_id is not None  # `_rows` and `add_message` have nothing else
    plain = (
        "id", "key", "customer_id", "car_id", "purpose", "language", "channel", "status", "cause", "provider_code",
        "attempts", "created_at", "planned_for", "expires_at", "sent_at", "delivered_at", "read_at", "failed_at",
    )  # fmt: skip
    return MessageOut(
        **{name: getattr(row, name) for name in plain}, template=row.template_name, to=row.address_hint,
        text=row.body, cause_text=cause_label(row.cause) if row.cause else "", fallback_of=row.fallback_of_id,
    )  # fmt: skip
