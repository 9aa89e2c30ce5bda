"""Test drives and talks by page: what is agreed, a new one, what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.appointments.models import Meeting, MeetingKind, MeetingStatus
from huichang.domains.appointments.operations import meetings as operations
from huichang.domains.appointments.permissions import P
from huichang.domains.catalog.models import Duty, StaffMember
from huichang.domains.customers import identifiers
from huichang.domains.customers.models import Customer, CustomerPhone
from huichang.domains.customers.operations import Phone, add_customer
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.kernel.actors import PermissionRefused
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds, local_date

_SHOWN, _BEFORE = 300, timedelta(days=7)
_DUTIES = (Duty.SALES, Duty.ADVISOR, Duty.OTHER)


class MeetingForm(forms.Form):
    """A test drive or talk. The customer is found by the mobile, or a file is opened for a new one."""

    kind = forms.ChoiceField(label=gettext_lazy("来做什么"), choices=MeetingKind.choices)
    name = forms.CharField(label=gettext_lazy("客户姓名"), max_length=40)
    mobile = forms.CharField(
        label=gettext_lazy("手机"),
        max_length=20,
        help_text=gettext_lazy("已有档案的按手机号找到,没有的新建档案"),
    )
    starts_at = forms.DateTimeField(
        label=gettext_lazy("开始"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    minutes = forms.IntegerField(label=gettext_lazy("时长(分钟)"), initial=60, min_value=10, max_value=480)
    staff: forms.ModelChoiceField[Any] = forms.ModelChoiceField(None, label=gettext_lazy("谁接待"))
    subject = forms.CharField(label=gettext_lazy("车型或内容"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = StaffMember.objects.filter(is_active=True, duty__in=_DUTIES).order_by("duty", "name")
        self.fields["staff"].queryset = people  # type: ignore[attr-defined]  # a scope is open only now


def meetings(request: StaffRequest) -> HttpResponse:
    """What is agreed from today on, and what of the last week nobody has said the end of."""
    start = day_bounds(local_date(request.now))[0]
    rows = Meeting.objects.select_related("customer", "staff").order_by("starts_at", "pk")
    late = rows.filter(status=MeetingStatus.AGREED, starts_at__lt=start, starts_at__gte=start - _BEFORE)
    context = {
        "rows": rows.filter(starts_at__gte=start)[:_SHOWN], "late": late[:_SHOWN], "may_book": request.actor.can(P.BOOK),
        "now": request.now,
    }  # fmt: skip
    return render(request, "staff/appointments/meetings.html", context)


def new(request: StaffRequest) -> HttpResponse:
    """Agree on one."""
    form = MeetingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            meeting = operations.arrange(
                dealer=request.dealer, customer=_customer(request, data["name"], data["mobile"]), staff=data["staff"],
                kind=data["kind"], starts_at=data["starts_at"], minutes=data["minutes"], subject=data["subject"],
                actor=request.actor, now=request.now,
            )  # fmt: skip
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(
                request, _("已约好,{name} 会收到通知和提醒。").format(name=meeting.customer.name)
            )
            return redirect("staff:meetings")
    context = {"form": form, "title": _("约试驾或洽谈"), "back": "staff:meetings", "skills": []}
    return render(request, "staff/catalog/edit.html", context, status=422 if form.errors else 200)


def _customer(request: StaffRequest, name: str, mobile: str) -> Customer:
    """The customer with this mobile, else a new file. Raises OperationRefused at the mobile."""
    digits, _kind, wrong = identifiers.phone(mobile)
    if wrong is not None:
        raise OperationRefused(wrong.message, field="mobile")
    known = CustomerPhone.objects.filter(number=digits).select_related("customer").order_by("pk").first()
    if known is not None:
        return known.customer
    try:
        return add_customer(
            dealer=request.dealer, facts={"name": name}, phones=[Phone(mobile, is_primary=True)], actor=request.actor,
            now=request.now,
        )  # fmt: skip
    except PermissionRefused as error:
        raise OperationRefused(_("您不能新建客户档案,请先请同事登记这位客户。"), field="mobile") from error


def close(request: StaffRequest, pk: int) -> HttpResponse:
    """Came, did not come, called off."""
    meeting = get_object_or_404(Meeting.objects.all(), pk=pk)
    outcome = request.POST.get("outcome", "")
    if outcome not in MeetingStatus.values:
        return redirect("staff:meetings")
    try:
        operations.close(
            meeting=meeting,
            outcome=outcome,
            reason=request.POST.get("reason", ""),
            actor=request.actor,
            now=request.now,
        )
    except OperationRefused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("已登记。"))
    return redirect("staff:meetings")


def a_meeting() -> dict[str, int]:
    """For the pictures and the permission matrix."""
    return {"pk": Meeting.objects.order_by("-pk").values_list("pk", flat=True).first() or 0}
