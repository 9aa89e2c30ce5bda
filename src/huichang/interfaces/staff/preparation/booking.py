"""One booking: what is promised, how far it is prepared, its time line, its papers, and what can be done now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from huichang.domains.appointments import policies_keeping as rules
from huichang.domains.appointments import proposals, queries, readiness, waiting
from huichang.domains.appointments.house import rules_told
from huichang.domains.appointments.models import (
    BOOKING_LIFECYCLE,
    PROMISED,
    Booking,
    BookingDocument,
    BookingStatus,
    DocumentKind,
    DocumentStatus,
    PaperPlace,
    Preparation,
    Touch,
    TouchStatus,
)
from huichang.domains.appointments.papers import unprinted
from huichang.domains.appointments.permissions import P
from huichang.domains.appointments.timeline import timeline
from huichang.domains.dealers.queries import values_in_force
from huichang.domains.parts.models import IssueSlip, Reservation
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.appointments.history import history_of
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date

S = BookingStatus
_TONES = {
    TouchStatus.DONE: "ok", TouchStatus.FAILED: "bad", TouchStatus.ASKED: "accent", TouchStatus.PLANNED: "",
    TouchStatus.SKIPPED: "",
}  # fmt: skip
_ICONS = {
    "received": "mail", "confirm_call": "phone-call", "names": "message", "sales_names": "message-circle",
    "one_hour": "bell", "arrival": "car", "no_show_message": "message", "no_show_call": "phone-call",
    "changed": "calendar-time", "cancelled": "calendar-cancel", "confirmed": "calendar-check", "parts_late": "package",
    "parts_call": "phone-call", "reminder_call": "phone-call", "reminder_message": "message",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the time line: a touch, or a move of the booking."""

    at: datetime
    title: str
    who: str
    icon: str
    tone: str
    state: str = ""
    text: str = ""
    proof: str = ""
    touch_id: int = 0
    changes: tuple[dict[str, str], ...] = ()
    is_ahead: bool = False


def found(pk: int) -> Booking:
    """The booking of a page, or 404."""
    try:
        return queries.get(pk)
    except Booking.DoesNotExist as error:
        raise Http404 from error


def show(request: StaffRequest, pk: int) -> HttpResponse:
    """The record of one booking."""
    return page_of(request, found(pk))


def of_touch(request: StaffRequest, pk: int) -> HttpResponse:
    """The record of the booking that a touch belongs to: where a call task leads."""
    touch = Touch.objects.filter(pk=pk).first()
    if touch is None:
        raise Http404
    return redirect("staff:booking", touch.booking_id)


def page_of(
    request: StaffRequest, booking: Booking, *, refusal: OperationRefused | None = None, status: int = 200
) -> HttpResponse:
    """The record, with a refusal on top when there is one."""
    promised = booking.status in PROMISED
    state = readiness.of(request.dealer, [booking], request.now)[booking.pk] if promised else None
    papers = BookingDocument.objects.filter(booking=booking).select_related("printed_by").order_by("pk")
    said = Preparation.objects.filter(booking=booking).first()
    late = said.parts_expected_date if said and promised else None
    context = {
        "booking": booking, "blocks": queries.work_blocks(booking), "advisor": queries.advisor_of(booking),
        "state": state, "said": said, "papers": [row for row in papers if row.status == DocumentStatus.VALID],
        "old_papers": [row for row in papers if row.status != DocumentStatus.VALID],
        "estimate": getattr(booking, "estimate", None), "lines": _lines(booking, request.now), "late": late,
        "proposals": proposals.keepable(booking, now=request.now, ready_date=late) if late else [],
        "told": rules_told(request.dealer, local_date(request.now)) if promised else [],
        "hands": _hands(booking, said), "offer": waiting.open_offer_of(booking.car), "refusal": refusal,
        "missed": _missed(booking),
        **_may(request, booking, said),
    }  # fmt: skip
    return render(request, "staff/preparation/booking.html", context, status=status)


def _hands(booking: Booking, said: Preparation | None) -> dict[str, Any]:
    """Where the papers are, as steps, and whom they go to next once they are printed."""
    places = list(PaperPlace)
    now = places.index(PaperPlace(said.papers_with)) if said else 0
    states = ["done" if number < now else "now" if number == now else "next" for number in range(len(places))]
    steps = [{"label": place.label, "state": state} for place, state in zip(places, states, strict=True)]
    goes_on = now + 1 < len(places) and not unprinted(booking)
    return {"steps": steps, "next": places[now + 1] if goes_on else None}


def _missed(booking: Booking) -> int:
    """How often this customer did not come."""
    return (
        Booking.objects.filter(customer=booking.customer_id, status=S.NO_SHOW).exclude(pk=booking.pk).count()
    )


def _may(request: StaffRequest, booking: Booking, said: Preparation | None) -> dict[str, Any]:
    """What this person may do with the booking now: what its lifecycle allows and the permissions hold."""
    can, moves = request.actor.can, BOOKING_LIFECYCLE.available(booking.status)
    promised = booking.status in PROMISED
    return {
        "may_change": promised and can(P.CHANGE),
        "may_cancel": promised and S.CANCELLED in moves and can(P.CHANGE),
        "may_arrive": S.ARRIVED in moves and can(P.ARRIVE),
        "may_miss": S.NO_SHOW in moves and can(P.ARRIVE) and request.now > booking.arrive_at,
        "may_confirm": promised and can(P.BOOK) and not (said and said.confirmed_at),
        "may_prepare": promised and can(P.PREPARE),
        "may_return": can(P.PREPARE),
        "may_agree": promised and can(P.AGREE),
        "may_wait": promised and can(P.BOOK),
    }


def _lines(booking: Booking, now: datetime) -> list[Line]:
    """Touches and moves in one line, the latest on top."""
    lines = [
        Line(
            at=one.at, title=one.title, who=_who(one.who), icon=_ICONS.get(one.kind, "point-filled"),
            tone=_TONES.get(TouchStatus(one.status), ""), state=one.status_label, text=one.why,
            proof=_proof(one.proof), is_ahead=one.status == TouchStatus.PLANNED and one.at > now,
            touch_id=one.touch.pk if one.touch and _by_hand(one.touch.kind, one.status) else 0,
        )
        for one in timeline(booking)
    ]  # fmt: skip
    lines += [
        Line(
            at=row.at,
            title=row.title,
            who=row.who,
            icon=row.icon,
            tone=row.tone,
            text=row.text,
            changes=row.changes,
        )
        for row in history_of(booking)
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _who(name: str) -> str:
    """A person's name; the rules of the house act as the system."""
    return _("系统") if name.split(".", maxsplit=1)[0] == "appointments" else name


def _by_hand(kind: str, status: str) -> bool:
    """Whether a person says that it was done: the sales advisor's own text."""
    return kind == "sales_names" and status in {TouchStatus.PLANNED, TouchStatus.ASKED}


def _proof(proof: str) -> str:
    kind, _colon, number = proof.partition(":")
    words = {"call": _("通话 {number}"), "message": _("信息 {number}"), "person": _("本人登记")}
    return words[kind].format(number=number) if kind in words else ""


def _guarantee(request: StaffRequest, booking: Booking) -> dict[str, Any]:
    """The guarantee of the work as the estimate prints it (EST-14)."""
    wanted = (rules.GUARANTEE_KM, rules.GUARANTEE_DAYS)
    found = values_in_force(wanted, booking.dealer, local_date(request.now))
    return {"km": found[wanted[0].key], "days": found[wanted[1].key]}


def paper(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """One paper of a booking, or all three, ready to print."""
    booking = found(pk)
    wanted = list(DocumentKind.values) if kind == "all" else [kind]
    rows = BookingDocument.objects.filter(booking=booking, kind__in=wanted, status=DocumentStatus.VALID)
    papers = sorted(rows, key=lambda row: list(DocumentKind.values).index(row.kind))
    if kind not in {*DocumentKind.values, "all"}:
        raise Http404
    slip = IssueSlip.objects.filter(reference=booking.number).order_by("-pk").first()
    parts = Reservation.objects.filter(reference=booking.number).exclude(status="released")
    context = {
        "booking": booking, "papers": papers, "blocks": queries.work_blocks(booking),
        "advisor": queries.advisor_of(booking), "estimate": getattr(booking, "estimate", None), "slip": slip,
        "parts": list(parts.select_related("part").order_by("part__code", "pk")),
        "guarantee": _guarantee(request, booking), "reading": booking.car.last_visit_km,
    }  # fmt: skip
    return render(request, "staff/preparation/paper.html", context)
