"""Which owners are registered (WX, REM-20), inviting them (WX-03, WX-05), the poster (WX-09, APT-28), their pictures."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import segno
from django.contrib import messages
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.appointments.models import Booking
from huichang.domains.contacts.models import Channel, Message, MessageStatus
from huichang.domains.contacts.purposes import PURPOSES, Klass
from huichang.domains.customers.models import Car, CarStatus, Customer
from huichang.domains.customers.queries import cars_of
from huichang.domains.owners import links, operations, queries
from huichang.domains.owners.models import FaultPhoto, OwnerBinding, Proof
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.worktime import day_bounds, local_date

SHOWN = 50
REMINDERS = tuple(code for code, purpose in PURPOSES.items() if purpose.klass is Klass.REMINDER)
ARRIVED = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.READ)
FILTERS = ("all", "wechat", "told", "untold", "new_mobile")


def owners(request: StaffRequest) -> HttpResponse:
    """The registered owners of the store, the latest first, and who of them WeChat has reminded already (REM-20)."""
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in FILTERS else FILTERS[0]
    rows = _told(queries.registered())
    figures = _figures(request, rows)
    before = request.GET.get("before", "")
    shown = _filtered(rows, chosen).order_by("-pk")
    if before.isascii() and before.isdigit() and len(before) < 19:
        shown = shown.filter(pk__lt=int(before))
    found = list(shown[: SHOWN + 1])
    context = {
        "rows": found[:SHOWN], "older": found[SHOWN - 1].pk if len(found) > SHOWN else None, "shown": chosen,
        "figures": figures, "labels": _labels(),
    }  # fmt: skip
    return render(request, "staff/owners/list.html", context)


def _labels() -> list[tuple[str, str]]:
    words = (_("全部"), _("微信已绑定"), _("已微信提醒"), _("还没有微信提醒"), _("手机号与档案不同"))
    return list(zip(FILTERS, words, strict=True))


def _told(rows: QuerySet[OwnerBinding]) -> QuerySet[OwnerBinding]:
    """With `told_at`, when a reminder last went to the owner by WeChat."""
    told = Message.objects.filter(
        customer_id=OuterRef("customer_id"), channel=Channel.WECHAT, status__in=ARRIVED, purpose__in=REMINDERS
    )
    latest = told.order_by("-created_at").values("created_at")[:1]
    return rows.annotate(told_at=Subquery(latest, output_field=DateTimeField()))


def _filtered(rows: QuerySet[Any], chosen: str) -> QuerySet[Any]:
    if chosen == "wechat":
        return rows.exclude(account__openid_index="")
    if chosen in {"told", "untold"}:
        return rows.filter(told_at__isnull=chosen == "untold")
    return rows.filter(proof=Proof.NEW_MOBILE) if chosen == "new_mobile" else rows


def _figures(request: StaffRequest, rows: QuerySet[OwnerBinding]) -> dict[str, Any]:
    first = local_date(request.now).replace(day=1)
    cars = Car.objects.filter(status=CarStatus.ACTIVE).count()
    registered = rows.values("car_id").distinct().count()
    return {
        "registered": registered, "cars": cars, "share": registered / cars if cars else None,
        "month": rows.filter(began_at__gte=day_bounds(first)[0]).count(),
        "wechat": _filtered(rows, "wechat").count(), "told": _filtered(rows, "told").count(),
    }  # fmt: skip


def poster(request: StaffRequest) -> HttpResponse:
    """A sheet for the reception and the lounge: the code to scan, and what booking brings."""
    target = links.address(f"/m/register?store={quote(request.dealer.code)}")
    picture = segno.make(target, error="m").svg_data_uri(scale=8, border=2)
    return render(request, "staff/owners/poster.html", {"picture": picture, "target": target})


def invite(request: StaffRequest, pk: int) -> HttpResponse:
    """Send the customer a message with the way to register."""
    customer = get_object_or_404(Customer, pk=pk)
    cars = cars_of(customer)
    status = operations.invite_owner(
        dealer=request.dealer,
        customer=customer,
        car=cars[0] if cars else None,
        actor=request.actor,
        now=request.now,
    )
    if status == MessageStatus.SUPPRESSED:
        messages.warning(request, _("没有发出:客户不接收消息,或没有可用的手机号。"))
    else:
        messages.success(request, _("登记邀请已进入发送队列。"))
    return redirect("staff:customer", pk)


def booking_photos(request: StaffRequest, pk: int) -> HttpResponse:
    """The pictures an owner sent with a booking, for its page."""
    booking = get_object_or_404(Booking, pk=pk)
    return render(request, "staff/owners/_photos.html", {"photos": queries.photos_of([booking.number])})


def photo(request: StaffRequest, pk: int) -> HttpResponse:
    """One picture, of a booking of this store only."""
    found = get_object_or_404(FaultPhoto, pk=pk)
    return HttpResponse(
        bytes(found.content), content_type="image/jpeg",
        headers={"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"},
    )  # fmt: skip
