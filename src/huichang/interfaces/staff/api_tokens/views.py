"""Tokens of other programs: made by who holds the permissions, shown once, revoked at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huichang.domains.integrations import operations, queries
from huichang.domains.integrations.models import ApiToken
from huichang.domains.integrations.permissions import P
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.people import labels
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import day_bounds


class TokenForm(forms.Form):
    """What a new token is for, what it may do, how long. Empty numbers take the store's parameters."""

    name = forms.CharField(label=gettext_lazy("令牌用途"), max_length=60)
    last_day = forms.DateField(
        label=gettext_lazy("最后一天"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    requests_per_minute = forms.IntegerField(
        label=gettext_lazy("每分钟最多请求"), required=False, min_value=1, max_value=60_000
    )
    permissions = forms.MultipleChoiceField(label=gettext_lazy("权限"))

    def __init__(self, data: Any = None, *, held: list[str]) -> None:
        super().__init__(data)
        self.fields["permissions"].choices = [(name, name) for name in held]  # type: ignore[attr-defined]  # a ChoiceField


def tokens(request: StaffRequest) -> HttpResponse:
    """The store's tokens, when each was last used, what each may do."""
    rows = [
        {
            "token": token,
            "last_used_at": token.usage.last_used_at if hasattr(token, "usage") else None,
            "permissions": [labels.label(name) for name in token.permissions],
            "is_over": token.revoked_at is not None or token.expires_at <= request.now,
        }
        for token in queries.tokens()
    ]
    context = {"rows": rows, "may_edit": request.actor.can(P.EDIT_TOKENS)}
    return render(request, "staff/api_tokens/list.html", context)


def new(request: StaffRequest) -> HttpResponse:
    """Make a token; the answer shows it this once."""
    held = [name for name in labels.LABELS if name in request.actor.permissions]
    form = TokenForm(request.POST or None, held=held)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            token, secret = operations.add_token(
                dealer=request.dealer, name=data["name"], permissions=data["permissions"], actor=request.actor,
                now=request.now, requests_per_minute=data["requests_per_minute"],
                expires_at=day_bounds(data["last_day"] + timedelta(days=1))[0] if data["last_day"] else None,
            )  # fmt: skip
        except OperationRefused as error:
            error.field = {"expires_at": "last_day"}.get(error.field, error.field)
            add_refusal(form, error)
        else:
            return render(request, "staff/api_tokens/made.html", {"token": token, "secret": secret})
    chosen = set(request.POST.getlist("permissions"))
    groups = [
        {
            "label": group.label,
            "items": [
                {"name": name, "label": labels.label(name), "checked": name in chosen}
                for name in group.permissions
                if name in held
            ],
        }
        for group in labels.groups()
    ]
    context = {"form": form, "groups": [group for group in groups if group["items"]]}
    return render(request, "staff/api_tokens/new.html", context, status=422 if form.errors else 200)


def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Refuse a token from now on."""
    token = get_object_or_404(ApiToken, pk=pk)
    operations.revoke_token(token=token, actor=request.actor, now=request.now)
    messages.success(request, _("令牌“{name}”已停用。").format(name=token.name))
    return redirect("staff:api-tokens")
