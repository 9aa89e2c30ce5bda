"""Roles: what each may do, in plain words; changed by who reaches every store."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import Role
from huichang.domains.accounts.permissions import P
from huichang.domains.dealers import operations
from huichang.domains.dealers.models import StorePost
from huichang.domains.dealers.reach import may_hand_out, stores_of
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.people import directory, labels
from huichang.interfaces.staff.people.forms import RoleForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date


def roles(request: StaffRequest) -> HttpResponse:
    """Every role with how many hold it here and how much it may do. Two queries."""
    lasting = Q(end_date=None) | Q(end_date__gt=local_date(request.now))
    held = dict(
        StorePost.objects.filter(lasting).values_list("role").annotate(n=Count("user", distinct=True))
    )
    rows = [
        {
            "role": role,
            "name": directory.role_name(role, request.user.language),
            "people": held.get(role.pk, 0),
            "permissions": len(role.permissions),
        }
        for role in Role.objects.filter(is_active=True).order_by("pk")
    ]
    return render(request, "staff/people/roles.html", {"rows": rows})


def role(request: StaffRequest, pk: int) -> HttpResponse:
    """One role, its permissions by domain; POST changes them."""
    found = get_object_or_404(Role, pk=pk)
    may_edit = _may_edit(request)
    form = RoleForm(
        request.POST or None, known=list(labels.LABELS), initial={"requires_totp": found.requires_totp}
    )
    if request.method == "POST":
        request.actor.require(P.EDIT_ROLES)
        if form.is_valid() and _shape(request, found, form):
            return redirect("staff:roles")
    chosen = set(request.POST.getlist("permissions")) if form.is_bound else set(found.permissions)
    context = {
        "role": found, "name": directory.role_name(found, request.user.language), "form": form,
        "may_edit": may_edit, "groups": _groups(request, chosen, set(found.permissions)),
    }  # fmt: skip
    return render(request, "staff/people/role.html", context, status=422 if form.errors else 200)


def _may_edit(request: StaffRequest) -> bool:
    """Roles hold in every store: who does not reach them all may only look."""
    everywhere = set(stores_of(None, None)) <= set(request.actor.dealer_ids)
    return request.actor.can(P.EDIT_ROLES) and everywhere


def _groups(request: StaffRequest, chosen: set[str], before: set[str]) -> list[dict[str, Any]]:
    return [
        {
            "label": group.label,
            "items": [
                {
                    "name": name,
                    "label": labels.label(name),
                    "checked": name in chosen,
                    # What the person does not hold they may take away, not give.
                    "locked": name not in before and not may_hand_out(request.actor, [name]),
                }
                for name in group.permissions
            ],
        }
        for group in labels.groups()
    ]


def _shape(request: StaffRequest, found: Role, form: RoleForm) -> bool:
    try:
        operations.shape_role(
            role=found, permissions=form.cleaned_data["permissions"],
            requires_totp=form.cleaned_data["requires_totp"], actor=request.actor,
        )  # fmt: skip
    except OperationRefused as error:
        add_refusal(form, error)
        return False
    messages.success(request, _("角色“{name}”已保存。").format(name=found.name))
    return True
