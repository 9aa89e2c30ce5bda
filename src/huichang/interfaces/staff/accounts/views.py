from __future__ import annotations

from datetime import timedelta
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from huichang.domains.accounts import operations, policies
from huichang.domains.accounts.models import Language, User
from huichang.domains.accounts.permissions import P
from huichang.domains.appointments.permissions import P as AppointmentsP
from huichang.domains.catalog.permissions import P as CatalogP
from huichang.domains.customers.models import Car
from huichang.domains.customers.permissions import P as CustomersP
from huichang.domains.dealers.permissions import P as DealersP
from huichang.domains.dealers.queries import network_policy
from huichang.domains.intake.permissions import P as IntakeP
from huichang.domains.parts.permissions import P as PartsP
from huichang.domains.reminders.permissions import P as RemindersP
from huichang.domains.worklist.permissions import P as WorklistP
from huichang.domains.workshop.permissions import P as WorkshopP
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.guide import chapter
from huichang.interfaces.middleware import LANGUAGE_COOKIE
from huichang.interfaces.pages import PAGES, may_open
from huichang.interfaces.sessions import NETWORK, STORE, StaffRequest
from huichang.interfaces.staff.accounts.forms import CodeForm, PasswordForm, SignInForm
from huichang.kernel.actors import Permission
from huichang.kernel.operations import OperationRefused
from huichang.kernel.scoping import unscoped

WAITING_FOR_CODE = "waiting_for_code"  # session key: who gave the right password, and until when
CODE_MINUTES = 5
BACKEND = "django.contrib.auth.backends.ModelBackend"

# Where each kind of person starts: the first page of these that they may open and whose work is theirs.
STARTS: tuple[tuple[str, Permission], ...] = (
    ("desk-manage", WorklistP.ASSIGN),  # who leads the callers sees first what is about to be too late
    ("bookings", AppointmentsP.RUN_DAY),
    ("advisor-day", WorkshopP.RECORD_VISIT),
    ("desk", RemindersP.CALL),
    ("parts-picking", PartsP.MOVE),
    ("preparation", CatalogP.EDIT),
    ("imports", IntakeP.IMPORT),
    ("census", RemindersP.SEE_CENSUS),
    ("due", RemindersP.SEE),
    ("bookings", AppointmentsP.SEE),
    ("customers", CustomersP.SEE),
    ("people", P.SEE_PEOPLE),
    ("settings", DealersP.SEE_POLICIES),
)


def home(request: StaffRequest) -> HttpResponse:
    """Send a person to the page their work starts on; in an empty store to the import, who may import."""
    imports = PAGES["imports"]
    if may_open(request, imports) and not Car.objects.exists():
        return redirect("staff:imports")  # nothing else has anything to show before the first import
    mine = (name for name, work in STARTS if request.actor.can(work) and may_open(request, PAGES[name]))
    return redirect(f"staff:{next(mine, 'profile')}")


def sign_in(request: StaffRequest) -> HttpResponse:
    """Name and password; people with one-time codes go on to `sign_in_code`."""
    if request.signed_in and request.method == "GET":
        return redirect("staff:home")
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = operations.sign_in(
                username=form.cleaned_data["username"], password=form.cleaned_data["password"],
                address=request.META.get("REMOTE_ADDR") or None, limits=_limits(request), now=request.now,
            )  # fmt: skip
        except OperationRefused as error:
            form.add_error(None, str(error))
        else:
            return _admit_or_ask_code(request, user)
    nobody = request.method == "GET" and not User.objects.exists()
    context = {"form": form, "next": request.GET.get("next", ""), "nobody": nobody}
    return render(request, "staff/accounts/sign_in.html", context, status=200 if not form.errors else 422)


def _limits(request: StaffRequest) -> operations.SignInLimits:
    on = request.now.date()
    return operations.SignInLimits(
        attempts=network_policy(policies.ATTEMPTS, on),
        window=timedelta(minutes=network_policy(policies.ATTEMPTS_WINDOW, on)),
        lock=timedelta(minutes=network_policy(policies.LOCK_MINUTES, on)),
        address_attempts=network_policy(policies.ADDRESS_ATTEMPTS, on),
    )


def _admit_or_ask_code(request: StaffRequest, user: User) -> HttpResponse:
    target = _next(request)
    if user.has_totp:
        until = (request.now + timedelta(minutes=CODE_MINUTES)).timestamp()
        request.session[WAITING_FOR_CODE] = [user.pk, until, target]
        return redirect("staff:sign-in-code")
    login(request, user, backend=BACKEND)
    return redirect(target)


def sign_in_code(request: StaffRequest) -> HttpResponse:
    """The one-time code of a person whose password was right a moment ago."""
    waiting = request.session.get(WAITING_FOR_CODE)
    if not waiting or waiting[1] < request.now.timestamp():
        return redirect("staff:sign-in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = User.objects.get(pk=waiting[0])
        if user.is_active and operations.check_totp(
            user=user, code=form.cleaned_data["code"], now=request.now
        ):
            login(request, user, backend=BACKEND)
            request.session.pop(WAITING_FOR_CODE, None)
            return redirect(waiting[2])
        waiting[1] -= CODE_MINUTES * 60 / 5  # five wrong codes use the time up
        request.session[WAITING_FOR_CODE] = waiting
        form.add_error("code", _("口令不对,或者已经用过。请等手机显示下一个。"))
    return render(request, "staff/accounts/code.html", {"form": form}, status=200 if not form.errors else 422)


def _next(request: StaffRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else reverse("staff:home")


def sign_out(request: StaffRequest) -> HttpResponse:
    logout(request)
    return redirect("staff:sign-in")


def profile(request: StaffRequest) -> HttpResponse:
    """Who I am here: my posts, duties I stand in for, language, password, one-time codes."""
    with unscoped("a person's own posts lie in every store they work in"):
        posts = list(
            request.user.store_posts.filter(end_date=None)
            .select_related("dealer", "role")
            .order_by("dealer__code")
        )
    network = list(request.user.network_posts.filter(end_date=None).select_related("role", "region"))
    substituted = User.objects.filter(pk__in=request.actor.substitute_for)
    context = {"posts": posts, "network_posts": network, "substituted": substituted}
    return render(request, "staff/accounts/profile.html", context)


def password(request: StaffRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.change_password(
                user=request.user,
                old=form.cleaned_data["old"],
                new=form.cleaned_data["new"],
                actor=request.actor,
            )
        except OperationRefused as error:
            add_refusal(form, error)
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, _("密码已修改。"))
            return redirect("staff:home")
    return render(
        request, "staff/accounts/password.html", {"form": form}, status=200 if not form.errors else 422
    )


def totp(request: StaffRequest) -> HttpResponse:
    """Set up one-time codes: scan, type the code, done."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operations.confirm_totp(
                user=request.user, code=form.cleaned_data["code"], actor=request.actor, now=request.now
            )
        except OperationRefused as error:
            add_refusal(form, error)
            return _totp_page(request, form, request.session.get("totp_address", ""))
        request.session.pop("totp_address", None)
        messages.success(request, _("动态口令已启用。下次登录时会用到。"))
        return redirect("staff:profile")
    try:
        address = operations.begin_totp(user=request.user, actor=request.actor)
    except OperationRefused as refusal:
        messages.info(request, str(refusal))
        return redirect("staff:profile")
    request.session["totp_address"] = address
    return _totp_page(request, form, address)


def _totp_page(request: StaffRequest, form: CodeForm, address: str) -> HttpResponse:
    picture = segno.make(address).svg_data_uri(scale=5) if address else ""
    context: dict[str, Any] = {"form": form, "picture": picture, "secret": request.user.totp_secret}
    return render(request, "staff/accounts/totp.html", context, status=200 if not form.errors else 422)


def language(request: StaffRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = HttpResponseRedirect(_back(request))
    if chosen not in Language.values:
        return response
    if request.signed_in:
        operations.choose_language(user=request.user, language=chosen, actor=request.actor)
    response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=365 * 86400, httponly=True, samesite="Lax")
    return response


def _back(request: StaffRequest) -> str:
    target = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else reverse("staff:home")


def choose_store(request: StaffRequest) -> HttpResponse:
    """Sit down in another of one's stores, or look at the network."""
    chosen = request.POST.get("dealer", "")
    if chosen == NETWORK and request.reach.network_dealer_ids:
        request.session[STORE] = NETWORK
    else:
        allowed = {str(store.pk): store.pk for store in request.stores}
        if chosen not in allowed:
            raise Http404
        request.session[STORE] = allowed[chosen]
    return redirect("staff:home")


def guide(request: StaffRequest, slug: str) -> HttpResponse:
    """A chapter of the user guide, shown beside the page it explains."""
    text = chapter(slug, request.user.language)
    if text is None:
        raise Http404
    return render(request, "staff/accounts/help.html", {"chapter": text})
