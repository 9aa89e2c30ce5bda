"""The register of messages: what was sent, what failed and why, what customers answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.contacts import outgoing
from huichang.domains.contacts.models import Message, MessageStatus
from huichang.domains.contacts.operations import send_again
from huichang.domains.contacts.outgoing import Search
from huichang.domains.contacts.permissions import P
from huichang.domains.contacts.purposes import PURPOSES
from huichang.domains.contacts.register import Place
from huichang.domains.customers.queries import search as find_customers
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.contacts.sending_forms import MessagesForm
from huichang.kernel.models import StatusChange
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date

PAGE = 50
TONES = {
    "waiting": "accent", "sending": "accent", "sent": "", "delivered": "ok", "read": "ok", "failed": "bad",
    "suppressed": "warn", "cancelled": "",
}  # fmt: skip


def names() -> dict[str, Any]:
    """What the templates say for codes."""
    return {
        "purposes": {code: purpose.label for code, purpose in PURPOSES.items()}, "tones": TONES,
        "causes": {code: outgoing.cause_label(code) for code in outgoing.CAUSES},
    }  # fmt: skip


def register(request: StaffRequest) -> HttpResponse:
    """Every message of the store, newest first, with filters and the number in each status."""
    form, wanted = _filters(request)
    found = outgoing.messages(wanted, after=Place.parse(request.GET.get("after", "")), size=PAGE)
    shown = found[:PAGE]
    every = Search(
        start=wanted.start, end=wanted.end, customer_ids=wanted.customer_ids, channel=wanted.channel
    )
    numbers = outgoing.counts(every)
    context = {
        "form": form, "messages_found": shown, "now_status": wanted.status,
        "statuses": [(value, label, numbers.get(value, 0), TONES[value]) for value, label in MessageStatus.choices],
        "total": sum(numbers.values()),
        "next": str(Place(shown[-1].created_at, shown[-1].pk)) if len(found) > PAGE else "",
    }  # fmt: skip
    return render(request, "staff/contacts/messages.html", context | names())


def _filters(request: StaffRequest) -> tuple[MessagesForm, Search]:
    """The filter form and what it asks for; the last 30 days when nothing is asked."""
    today = local_date(request.now)
    form = MessagesForm(request.GET)
    data: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    text = (data.get("q") or "").strip()
    first = data.get("first") or (None if text else today - timedelta(days=30))
    hits = find_customers(dealer=request.dealer, text=text, most=50) if text else []
    status = request.GET.get("status", "")
    return form, Search(
        start=day_bounds(first)[0] if first else None,
        end=day_bounds(data["last"])[1] if data.get("last") else None,
        status=status if status in MessageStatus.values else "", channel=data.get("channel") or "",
        purpose=data.get("purpose") or "", cause=data.get("cause") or "",
        customer_ids=[hit.customer_id for hit in hits if hit.customer_id] if text else None,
    )  # fmt: skip


def message(request: StaffRequest, pk: int) -> HttpResponse:
    """One message: its text, its way through the channels, its time line."""
    found = get_object_or_404(
        Message.objects.select_related("customer", "car", "staff", "template", "account"), pk=pk
    )
    context = {
        "message": found, "chain": outgoing.chain_of(found), "reports": list(found.reports.order_by("pk")),
        "changes": _changes(found),
        "may_send": request.actor.can(P.SEND_AGAIN) and found.status in {"failed", "suppressed"},
    }  # fmt: skip
    return render(request, "staff/contacts/message.html", context | names())


def _changes(found: Message) -> list[dict[str, Any]]:
    labels = dict(MessageStatus.choices)
    rows = StatusChange.objects.filter(table_name=found._meta.db_table, row_id=found.pk).order_by(
        "-at", "-pk"
    )
    return [
        {
            "title": labels.get(row.after, row.after), "at": row.at, "who": row.actor_name, "tone": TONES.get(row.after),
            "why": outgoing.cause_label(row.reason),
        }
        for row in rows[:50]
    ]  # fmt: skip


def again(request: StaffRequest, pk: int) -> HttpResponse:
    """Try a failed message once more."""
    found = get_object_or_404(Message.objects.select_related("customer", "dealer"), pk=pk)
    try:
        send_again(
            message=found, actor=request.actor, now=request.now, reason=request.POST.get("reason", "").strip()
        )
    except OperationRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已放回发送队列。"))
    return redirect("staff:message", pk=pk)


def replies(request: StaffRequest) -> HttpResponse:
    """What customers wrote back."""
    return render(request, "staff/contacts/replies.html", {"replies": outgoing.replies()})
