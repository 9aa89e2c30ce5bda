"""The way in: welcome, mobile and code, registration (WX-02), invitations, links of messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.owners import links, operations, policies, queries
from huichang.domains.owners.limits import limits
from huichang.domains.owners.operations import CodeRefused
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.portal import codes, wechat
from huichang.interfaces.portal.admission import admit
from huichang.interfaces.portal.forms import CodeForm, MobileForm, RegisterForm
from huichang.interfaces.portal.requests import (
    HOME,
    STORE_COOKIE,
    TICKET_COOKIE,
    OwnerRequest,
    address_of,
    own_path,
    read_signed,
    set_cookie,
)
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import unscoped
from huichang.kernel.sensitive import blind_index
from huichang.kernel.worktime import local_date

NOTICE = "2026-11"  # version of the privacy notice: a new text asks for a new version
WAITING = timedelta(hours=1)  # how long a browser remembers that it asked for a code


def welcome(request: OwnerRequest) -> HttpResponse:
    """What owners get here (APT-27), and the ways in; owners who are in go on to their cars."""
    if request.is_owner:
        return redirect("portal:home")
    return render(request, "portal/welcome.html", {"store": _store(request), "wechat": wechat.is_set_up()})


def _store(request: OwnerRequest) -> Dealer | None:
    """The store whose poster was scanned, by its code; nothing personal."""
    code = request.GET.get("store") or request.COOKIES.get(STORE_COOKIE, "")
    return Dealer.objects.filter(code=code, is_active=True).first() if code else None


def _benefit(store: Dealer | None, request: OwnerRequest) -> str:
    if store is None:
        return ""
    with unscoped("what a store offers those who register is no secret of the store"):
        return policy(policies.BENEFIT, store, local_date(request.now))


def sign_in(request: OwnerRequest) -> HttpResponse:
    """A mobile, then a code. Known or not looks the same: an account begins when the code is right."""
    following = own_path(request.POST.get("next") or request.GET.get("next") or HOME)
    form = MobileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _ask(request, form, {"kind": "sign_in"}, following, "portal/sign_in.html", {"next": following})
    context = {"form": form, "next": following, "wechat": wechat.is_set_up()}
    return render(request, "portal/sign_in.html", context, status=422 if form.errors else 200)


def register(request: OwnerRequest) -> HttpResponse:
    """VIN, identity number, mobile; the code follows. The same answer for what is unknown and what is wrong."""
    if request.is_owner:
        return redirect("portal:add-car")
    store = _store(request)
    context = {"store": store, "benefit": _benefit(store, request), "wechat": wechat.is_set_up()}
    form = RegisterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            found = operations.look_for_car(
                vin_tail=data["vin"], id_number=data["id_number"], mobile_index=blind_index(data["mobile"]),
                address=address_of(request), bounds=limits(request.now), now=request.now,
            )  # fmt: skip
        except OperationRefused as refusal:
            add_refusal(form, refusal)
        else:
            return _ask(request, form, queries.errand_of(found), HOME, "portal/register.html", context)
    response = render(
        request, "portal/register.html", {**context, "form": form}, status=422 if form.errors else 200
    )
    if store is not None:
        set_cookie(response, STORE_COOKIE, store.code, WAITING)
    return response


def _ask(
    request: OwnerRequest, form: Form, errand: Mapping[str, Any], following: str, template: str,
    context: Mapping[str, Any],
) -> HttpResponse:  # fmt: skip
    """Send a code and go on to the page that takes it."""
    try:
        asked = operations.ask_code(
            mobile=form.cleaned_data["mobile"], address=address_of(request), bounds=limits(request.now),
            now=request.now, errand=errand, openid=wechat.waiting_openid(request),
        )  # fmt: skip
        codes.send(request, asked, following)
    except OperationRefused as refusal:
        add_refusal(form, refusal)
        return render(request, template, {**context, "form": form}, status=422)
    return _to_code(asked, following)


def _to_code(asked: operations.Asked, following: str) -> HttpResponse:
    response = redirect("portal:code")
    set_cookie(response, TICKET_COOKIE, json.dumps([asked.ticket, following]), WAITING, signed=True)
    return response


def _waiting(request: OwnerRequest) -> tuple[str, str]:
    """The ticket of this browser and where to go afterwards; two empty texts when it asked for nothing."""
    kept = read_signed(request, TICKET_COOKIE, WAITING)
    ticket, following = json.loads(kept) if kept else ("", "")
    return ticket, following


def code(request: OwnerRequest) -> HttpResponse:
    """The code from the message. Right: a new session begins and the errand is done."""
    ticket, following = _waiting(request)
    asked = queries.code_behind(ticket)
    if asked is None:
        return redirect("portal:sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entered = operations.enter(
                ticket=ticket,
                code=form.cleaned_data["code"],
                notice=NOTICE,
                language=request.language,
                now=request.now,
            )
        except CodeRefused as refusal:
            add_refusal(form, refusal)
        else:
            return _finish(request, entered, following)
    context = {"form": form, "mobile": asked.mobile, "is_over": queries.code_of(ticket, request.now) is None}
    return render(request, "portal/code.html", context, status=422 if form.errors else 200)


def code_again(request: OwnerRequest) -> HttpResponse:
    """Another code for the same mobile and errand, within the same limits."""
    ticket, following = _waiting(request)
    asked = queries.code_behind(ticket)
    if asked is None:
        return redirect("portal:sign-in")
    try:
        again = operations.ask_code(
            mobile=asked.mobile, address=address_of(request), bounds=limits(request.now), now=request.now,
            errand=asked.errand, openid=asked.openid,
        )  # fmt: skip
        codes.send(request, again, following)
    except OperationRefused as refusal:
        form = CodeForm()
        context = {"form": form, "mobile": asked.mobile, "refusal": str(refusal)}
        return render(request, "portal/code.html", context, status=422)
    return _to_code(again, following)


def _finish(request: OwnerRequest, entered: operations.Entered, following: str) -> HttpResponse:
    done = operations.finish_errand(
        account=entered.account, mobile=entered.account.mobile, errand=entered.errand, now=request.now
    )
    if done.is_refused:
        target = f"{reverse('portal:add-car')}?refused={entered.errand.get('kind', '')}"
    elif entered.errand.get("kind") == "sign_in" and following == HOME and entered.is_new:
        target = reverse("portal:add-car")
    elif done.bindings:
        target = f"{reverse('portal:home')}?welcome=1"
    else:
        target = following
    return admit(request, entered.account, target)


def invited(request: OwnerRequest, token: str) -> HttpResponse:
    """An owner's invitation: whoever holds it proves a mobile and may use the car. No plate, no name before that."""
    invite = queries.invite_of(token, request.now)
    if invite is None:
        return render(request, "portal/link_over.html", {"invite": True}, status=404)
    errand = {"kind": "invite", "store": invite.dealer_id, "invite": invite.pk}
    if request.is_owner and request.method == "POST":
        operations.finish_errand(
            account=request.account, mobile=request.account.mobile, errand=errand, now=request.now
        )
        return redirect("portal:home")
    form = MobileForm(request.POST or None)
    context = {"store": invite.dealer, "until": invite.expires_at}
    if request.method == "POST" and form.is_valid():
        return _ask(request, form, errand, HOME, "portal/invited.html", context)
    return render(
        request, "portal/invited.html", {**context, "form": form}, status=422 if form.errors else 200
    )


def link(request: OwnerRequest, token: str) -> HttpResponse:
    """A link of a message: on to the booking with its reason known, after signing in, for the car's own people only."""
    found = links.read(token, request.now)
    if found is None:
        return render(request, "portal/link_over.html", status=404)
    if not request.is_owner:
        store = Dealer.objects.filter(pk=found.dealer_id, is_active=True).first()
        context = {
            "form": MobileForm(),
            "next": request.path,
            "store": store,
            "wechat": wechat.is_set_up(),
            "from_link": True,
        }
        return render(request, "portal/sign_in.html", context)
    mine = [one for one in queries.bindings_of(request.account) if one.car_id == found.car_id]
    if not mine:
        return render(request, "portal/not_yours.html", status=404)
    return redirect(target_of(mine[0].pk, found))


def target_of(binding_id: int, found: links.Link) -> str:
    """The page behind a link."""
    if found.subject == "booking" and found.value.isdigit():
        return reverse("portal:booking", args=[binding_id, int(found.value)])
    if found.subject == "waiting":
        return reverse("portal:waiting", args=[binding_id])
    if found.subject == "kind":
        return f"{reverse('portal:times', args=[binding_id])}?why={found.value}"
    return reverse("portal:reasons", args=[binding_id])


def notice(request: OwnerRequest) -> HttpResponse:
    """What is kept of an owner, why and how long (PIPL art. 17)."""
    return render(request, "portal/notice.html", {"version": NOTICE, "store": _store(request)})
