"""The owner's account: the cars, the phones, the language, leaving."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from huichang.domains.owners import operations, queries
from huichang.domains.owners.limits import limits
from huichang.domains.owners.operations.register import NO_MATCH
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.guide import chapter
from huichang.interfaces.middleware import LANGUAGE_COOKIE
from huichang.interfaces.portal import garage, wechat
from huichang.interfaces.portal.forms import CarForm
from huichang.interfaces.portal.requests import (
    HOME,
    SESSION_COOKIE,
    OwnerRequest,
    address_of,
    drop_cookie,
    own_path,
)
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import dealer_scope

YEAR = 365 * 86400


def home(request: OwnerRequest) -> HttpResponse:
    """All my cars, each with what comes next; one car opens by itself."""
    bindings = queries.bindings_of(request.account)
    if not bindings:
        return redirect("portal:add-car")
    if len(bindings) == 1 and "welcome" not in request.GET:
        return redirect("portal:car", bindings[0].pk)
    cars = []
    for binding in bindings:
        with dealer_scope(binding.dealer_id):
            cars.append(garage.garage_of(binding, request.now))
    context = {"cars": cars, "welcome": "welcome" in request.GET, "tab": "car"}
    return render(request, "portal/home.html", context)


def me(request: OwnerRequest) -> HttpResponse:
    """Who I am here, and everything I can take back."""
    context = {
        "account": request.account, "bindings": queries.bindings_of(request.account), "wechat": wechat.is_set_up(),
        "phones": queries.phones_of(request.account, request.now), "phone": request.phone, "tab": "me",
    }  # fmt: skip
    return render(request, "portal/me.html", context)


def add_car(request: OwnerRequest) -> HttpResponse:
    """One more car by VIN and identity number; the mobile is proved already."""
    form = CarForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = operations.add_car(
                account=request.account, vin_tail=form.cleaned_data["vin"], id_number=form.cleaned_data["id_number"],
                address=address_of(request), bounds=limits(request.now), actor=request.actor, now=request.now,
            )  # fmt: skip
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            if not done.is_refused:
                return redirect(f"{HOME}?welcome=1")
            form.add_error(None, _(NO_MATCH))
    refused = request.GET.get("refused", "")
    context = {
        "form": form, "tab": "me", "has_cars": bool(queries.bindings_of(request.account)),
        "refusal": _(NO_MATCH) if refused == "register" and request.method == "GET" else "",
        "invite_over": refused == "invite" and request.method == "GET",
    }  # fmt: skip
    return render(request, "portal/add_car.html", context, status=422 if form.errors else 200)


def language(request: OwnerRequest) -> HttpResponse:
    """The other language, from now on."""
    chosen = request.POST.get("language", "")
    response = redirect(own_path(request.POST.get("next", HOME)))
    if chosen in {"zh-hans", "en"}:
        if request.is_owner:
            operations.choose_language(account=request.account, language=chosen, actor=request.actor)
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, httponly=True, samesite="Lax")
    return response


def sign_out(request: OwnerRequest) -> HttpResponse:
    """Sign this phone out, or with `everywhere` all of them."""
    assert request.phone is not None  # the page needs an account
    if "everywhere" in request.POST:
        operations.end_all_sessions(account=request.account, actor=request.actor, now=request.now)
    else:
        operations.end_session(session=request.phone, actor=request.actor, now=request.now)
    return _gone()


def close(request: OwnerRequest) -> HttpResponse:
    """Leave altogether, after asking once: bindings end, mobile and WeChat identity are erased."""
    if request.method != "POST":
        return render(request, "portal/close.html", {"tab": "me"})
    operations.close_account(account=request.account, actor=request.actor, now=request.now)
    return _gone()


def _gone() -> HttpResponse:
    response = redirect("portal:welcome")
    drop_cookie(response, SESSION_COOKIE)
    return response


def guide(request: OwnerRequest) -> HttpResponse:
    """How it works: the chapter of the guide for owners."""
    text = chapter("owners-phone", request.language)
    return render(request, "portal/help.html", {"chapter": text, "tab": "me"})
