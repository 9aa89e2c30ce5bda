"""The file of a customer and their cars: everything known, tab by tab."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.contacts.models import Channel
from huichang.domains.contacts.permissions import P as ContactsP
from huichang.domains.customers.models import Car, CarStatus, Customer
from huichang.domains.customers.permissions import P
from huichang.domains.customers.queries import cars
from huichang.domains.intake.permissions import P as IntakeP
from huichang.domains.owners.permissions import P as OwnersP
from huichang.domains.vehicles.permissions import P as VehiclesP
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.customers import merging, record, timeline
from huichang.interfaces.staff.customers.forms import RefusalForm, purposes
from huichang.interfaces.staff.customers.record import File
from huichang.kernel.worktime import local_date

TABS = ("overview", "visits", "contacts", "changes")


def customer(request: StaffRequest, pk: int) -> HttpResponse:
    """The file of a customer; `?car=` puts one of their cars in focus, `?tab=` opens a part."""
    person = get_object_or_404(Customer.objects.select_related("called_through", "confirmed_by"), pk=pk)
    if person.merged_into_id is not None:
        messages.info(request, _("客户 {number} 的档案已并入这一份。").format(number=person.number))
        return redirect("staff:customer", pk=person.merged_into_id)
    return _file(request, record.file_of_customer(person, request.GET.get("car", "")))


def car(request: StaffRequest, pk: int) -> HttpResponse:
    """The file behind a car, also when its owner is unknown."""
    return _file(request, record.file_of_car(get_object_or_404(cars(), pk=pk)))


def _file(request: StaffRequest, shown: File) -> HttpResponse:
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    context = file_context(request, shown) | {
        "tab": tab, "tabs": [(name, label, _address(shown, name)) for name, label in _tab_labels()],
        **_content(request, shown, tab),
    }  # fmt: skip
    return render(request, "staff/customers/file.html", context)


def file_context(request: StaffRequest, shown: File) -> dict[str, Any]:
    """What the panels of a file need, also when one of them is drawn alone."""
    may = request.actor.can
    today = local_date(request.now)
    return {
        "file": shown, "customer": shown.customer, "car": shown.car, "today": today,
        "may_edit": may(P.EDIT), "may_reveal_id": may(P.REVEAL_ID), "may_reveal_mobile": may(P.REVEAL_MOBILE),
        "may_read": may(VehiclesP.RECORD_READING), "may_judge": may(VehiclesP.JUDGE_READING),
        "may_refuse": may(ContactsP.OPT_OUT), "may_lift": may(ContactsP.LIFT_OPT_OUT),
        "may_resolve": may(IntakeP.RESOLVE),
        "may_see_owners": may(OwnersP.SEE), "may_invite": may(OwnersP.INVITE), "may_ask": may(OwnersP.ASK),
        "may_merge": may(P.MERGE),
        "age": record.age_of(shown.car.vehicle.sale_date, today) if shown.car else "",
        "moves": _moves(shown.car), "refusal_form": RefusalForm(),
        "purposes": dict(purposes()), "channels": dict(Channel.choices),
    }  # fmt: skip


def _moves(shown: Car | None) -> list[tuple[str, str]]:
    """The statuses a car may be moved to: buttons come from the lifecycle."""
    if shown is None:
        return []
    possible = Car.LIFECYCLE.available(shown.status)
    return [(value, str(label)) for value, label in CarStatus.choices if value in possible]


def _tab_labels() -> list[tuple[str, str]]:
    return list(zip(TABS, (_("概况"), _("进厂与消费"), _("联系与投诉"), _("变更记录")), strict=True))


def _address(shown: File, tab: str) -> str:
    if shown.customer is None:
        assert shown.car is not None  # a file is of a customer or of a car
        return f"{reverse('staff:car', args=[shown.car.pk])}?tab={tab}"
    focus = f"&car={shown.car.pk}" if shown.car else ""
    return f"{reverse('staff:customer', args=[shown.customer.pk])}?tab={tab}{focus}"


def _content(request: StaffRequest, shown: File, tab: str) -> dict[str, Any]:
    if tab == "visits":
        return record.visits(shown, request.now)
    if tab == "contacts":
        return record.contacts(shown)
    if tab == "changes":
        return {"entries": timeline.entries(shown, request.dealer)}
    alike = merging.alike(shown.customer) if shown.customer and request.actor.can(P.MERGE) else []
    return record.overview(shown, request.now) | {"alike": alike}
