"""The register of messages: search, pages, numbers; how a cause is said to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from huichang.domains.contacts.models import Message, Reply
from huichang.domains.contacts.register import Place

CAUSES = {
    "opt_out": _("客户不愿意收到"), "no_consent": _("没有客户的同意"), "forbidden": _("服务商不让发这类内容"),
    "no_credit": _("小程序订阅次数用完"), "no_address": _("没有可用的地址"), "no_template": _("这种方式没有模板"),
    "no_account": _("门店没有开通渠道"), "pressure": _("联系次数已到上限"), "complaint": _("投诉处理中"),
    "expired": _("已过有效时间"), "template": _("模板缺少内容"), "withdrawn": _("已撤回"), "retry": _("服务商故障,正在重试"),
    "provider_down": _("服务商一直故障"), "refused": _("服务商退回"), "wrong": _("地址有误"), "gone": _("客户已取消关注"),
    "stop": _("客户在服务商处退订"), "undelivered": _("没有送达"), "unknown": _("发送中断,不知是否送达"),
    "no_report": _("一直没有送达报告"), "returned": _("信函被退回"),
}  # fmt: skip


def cause_label(cause: str) -> str:
    """A cause in the active language; its code when a later version removed it."""
    return gettext(CAUSES[cause]) if cause in CAUSES else cause


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for among messages; empty fields do not narrow. `end` is exclusive; `customer_ids` None: anybody.

    Mail to the store's own people is left out unless its purpose is asked for.
    """

    start: datetime | None = None
    end: datetime | None = None
    status: str = ""
    channel: str = ""
    purpose: str = ""
    cause: str = ""
    customer_ids: Sequence[int] | None = None


def messages(search: Search, *, after: Place | None = None, size: int = 50) -> list[Message]:
    """One page, newest first, and one row more when there is more; one query."""
    rows = _found(search)
    if after:
        rows = rows.filter(Q(created_at__lt=after.at) | Q(created_at=after.at, pk__lt=after.pk))
    return list(
        rows.select_related("customer", "car", "staff", "fallback").order_by("-created_at", "-pk")[: size + 1]
    )


def counts(search: Search) -> dict[str, int]:
    """How many messages of a search are in each status; one query."""
    rows = _found(search).order_by().values_list("status").annotate(number=Count("pk"))
    return dict(rows)


def _found(search: Search) -> QuerySet[Message]:
    rows = Message.objects.all()
    if search.start:
        rows = rows.filter(created_at__gte=search.start)
    if search.end:
        rows = rows.filter(created_at__lt=search.end)
    exact = {
        "status": search.status, "channel": search.channel, "purpose": search.purpose, "cause": search.cause,
    }  # fmt: skip
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if not search.purpose:
        rows = rows.exclude(purpose="staff")
    if search.customer_ids is not None:
        rows = rows.filter(customer_id__in=list(search.customer_ids))
    return rows


def chain_of(message: Message) -> list[Message]:
    """Every channel that was tried for it, the first one first; one query."""
    root = message.root_key
    rows = Message.objects.filter(Q(key=root) | Q(key__startswith=f"{root}>"))
    return list(rows.order_by("pk"))


def replies(*, limit: int = 100) -> list[Reply]:
    """What customers wrote back, newest first; one query."""
    return list(Reply.objects.select_related("customer").order_by("-received_at", "-pk")[:limit])
