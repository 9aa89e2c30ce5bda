"""The rules of capacity by page: limits of kinds of work, equipment, discounts by channel, screens on the wall."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.appointments.models import (
    BookingBand,
    Channel,
    Equipment,
    EquipmentNeed,
    JobLimit,
    WelcomeScreen,
)
from huichang.domains.appointments.operations import rules
from huichang.domains.appointments.screens import guests
from huichang.domains.catalog import queries as catalog
from huichang.domains.catalog.models import LabourOperation
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments.forms import WEEKDAYS
from huichang.kernel.operations import OperationRefused


def capacity(
    request: StaffRequest, *, refusal: OperationRefused | None = None, key: str = ""
) -> HttpResponse:
    """Everything that is counted beside hours, in one place."""
    needs: dict[str, list[EquipmentNeed]] = {}
    for need in EquipmentNeed.objects.select_related("labour").order_by("labour__name"):
        needs.setdefault(need.kind, []).append(need)
    equipment = list(Equipment.objects.order_by("kind", "name"))
    bands = BookingBand.objects.filter(is_peak=False).prefetch_related("discounts").order_by("starts_at")
    context = {
        "limits": JobLimit.objects.select_related("labour").order_by("name"), "weekdays": WEEKDAYS,
        "labour": catalog.labour(request.dealer), "skills": catalog.skills(request.dealer), "equipment": equipment,
        "kinds": [(kind, needs.get(kind, [])) for kind in dict.fromkeys(one.kind for one in equipment)],
        "bands": [(band, _percents(band)) for band in bands], "channels": Channel.choices,
        "screens": WelcomeScreen.objects.filter(is_active=True).order_by("name"), "refusal": refusal,
        "address": request.build_absolute_uri(reverse("board:welcome", args=[key])) if key else "",
    }  # fmt: skip
    return render(request, "staff/appointments/capacity.html", context, status=422 if refusal else 200)


def _percents(band: BookingBand) -> list[tuple[str, Any, int | None]]:
    """Each channel with its label and its own discount, if it has one."""
    own = {row.channel: row.discount_percent for row in band.discounts.all()}
    return [(value, label, own.get(value)) for value, label in Channel.choices if value != Channel.WALK_IN]


def save(request: StaffRequest) -> HttpResponse:
    """One of the page's small forms; `what` says which."""
    data = request.POST
    try:
        done = _SAVES[data.get("what", "")](request)
    except KeyError:
        return redirect("staff:capacity")
    except OperationRefused as refusal:
        return capacity(request, refusal=refusal)
    if isinstance(done, str):
        return capacity(request, key=done)
    messages.success(request, _("已保存,新的预约按它计算。"))
    return redirect("staff:capacity")


def _add_limit(request: StaffRequest) -> None:
    kind, _sep, value = request.POST.get("kind", "").partition(":")
    labour = LabourOperation.objects.filter(pk=_number(value)).first() if kind == "labour" else None
    limit = JobLimit(
        dealer=request.dealer, name=request.POST.get("name", "")[:40], labour=labour,
        skill=value[:20] if kind == "skill" else "", per_day=min(999, _number(request.POST.get("per_day"))),
        weekday=int(day) if (day := request.POST.get("weekday", "")) in {"0", "1", "2", "3", "4", "5", "6"} else None,
    )  # fmt: skip
    rules.save_limit(limit=limit, actor=request.actor)


def _remove_limit(request: StaffRequest) -> None:
    limit = get_object_or_404(JobLimit.objects.all(), pk=_number(request.POST.get("pk")))
    rules.remove_limit(limit=limit, actor=request.actor)


def _add_equipment(request: StaffRequest) -> None:
    piece = Equipment(
        dealer=request.dealer, name=request.POST.get("name", "")[:40], kind=request.POST.get("kind", "")[:40]
    )
    rules.save_equipment(equipment=piece, actor=request.actor)


def _switch_equipment(request: StaffRequest) -> None:
    piece = get_object_or_404(Equipment.objects.all(), pk=_number(request.POST.get("pk")))
    piece.is_active = not piece.is_active
    rules.save_equipment(equipment=piece, actor=request.actor)


def _set_needs(request: StaffRequest) -> None:
    chosen = LabourOperation.objects.filter(pk__in=[_number(pk) for pk in request.POST.getlist("labour")])
    rules.set_needs(
        dealer=request.dealer,
        kind=request.POST.get("kind", "")[:40],
        labour=list(chosen),
        actor=request.actor,
    )


def _set_discounts(request: StaffRequest) -> None:
    band = get_object_or_404(BookingBand.objects.all(), pk=_number(request.POST.get("pk")))
    given = {value: request.POST.get(f"percent-{value}", "").strip() for value in Channel.values}
    percents = {value: _number(text) for value, text in given.items() if text}
    rules.set_discounts(band=band, percents=percents, actor=request.actor)


def _add_screen(request: StaffRequest) -> str:
    name = request.POST.get("name", "")
    return rules.add_screen(dealer=request.dealer, name=name, actor=request.actor, now=request.now)[1]


def _close_screen(request: StaffRequest) -> None:
    screen = get_object_or_404(WelcomeScreen.objects.all(), pk=_number(request.POST.get("pk")))
    rules.close_screen(screen=screen, actor=request.actor)


_SAVES = {
    "add-limit": _add_limit, "remove-limit": _remove_limit, "add-equipment": _add_equipment,
    "switch-equipment": _switch_equipment, "set-needs": _set_needs, "set-discounts": _set_discounts,
    "add-screen": _add_screen, "close-screen": _close_screen,
}  # fmt: skip


def welcome(request: StaffRequest) -> HttpResponse:
    """The welcome board as the screens show it, for somebody who is signed in."""
    context = {"store": request.dealer, "guests": guests(request.dealer, request.now), "now": request.now}
    return render(request, "board/welcome.html", context)


def _number(raw: str | None) -> int:
    return int(raw) if raw and raw.isdecimal() and len(raw) < 18 else 0
