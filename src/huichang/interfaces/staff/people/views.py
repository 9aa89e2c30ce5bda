"""People: who has which post here, new people, passwords, delegation (PRM-01, PRM-04, PRM-10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from huichang.domains.accounts import operations as accounts
from huichang.domains.accounts.models import User
from huichang.domains.accounts.permissions import P
from huichang.domains.dealers import operations
from huichang.domains.dealers.models import Delegation, NetworkPost, StorePost
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.people import directory
from huichang.interfaces.staff.people.changes import explained
from huichang.interfaces.staff.people.directory import Person
from huichang.interfaces.staff.people.forms import (
    DelegationForm,
    JoinForm,
    NewPersonForm,
    PasswordForm,
    PostForm,
    passing_password,
)
from huichang.kernel.audit import history
from huichang.kernel.operations import OperationRefused
from huichang.kernel.worktime import local_date


def people(request: StaffRequest) -> HttpResponse:
    """The people of the store, or of the network's stores."""
    today = local_date(request.now)
    text, gone = request.GET.get("q", ""), request.GET.get("gone") == "1"
    found = directory.people(request, today, text=text, gone=gone, after=request.GET.get("after", ""))
    context = {
        "people": found, "q": text, "gone": gone, "today": today,
        "may_edit": request.actor.can(P.EDIT_PEOPLE),
        "delegations": directory.delegations(today) if request.store else [],
    }  # fmt: skip
    return render(request, "staff/people/list.html", context)


def new(request: StaffRequest) -> HttpResponse:
    """A person with a first sign-in and a first post, both or neither."""
    form = NewPersonForm(request.POST or None, request=request, today=local_date(request.now))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            with transaction.atomic():
                user = accounts.add_user(
                    username=data["username"], name=data["name"], mobile=data["mobile"],
                    password=data["password"], actor=request.actor,
                )  # fmt: skip
                _give(request, user, form)
        except OperationRefused as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("{name}可以登录了。请把临时密码告诉本人。").format(name=user.name))
            return redirect("staff:person", user.pk)
    context = {"form": form, "title": _("新建人员"), "joins": False}
    return render(request, "staff/people/new.html", context, status=422 if form.errors else 200)


def join(request: StaffRequest) -> HttpResponse:
    """A post here for a person of another store, who keeps the one sign-in."""
    form = JoinForm(request.POST or None, request=request, today=local_date(request.now))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        dealer, _region = form.place_chosen()
        assert dealer is not None  # the form offers stores only
        try:
            post = operations.engage(
                dealer=dealer, username=data["username"], name=data["name"], role=data["role"],
                start_date=data["start_date"], actor=request.actor,
            )  # fmt: skip
        except OperationRefused as error:
            add_refusal(form, error)
        else:
            messages.success(request, _("{name}现在也在这里工作。").format(name=post.user.name))
            return redirect("staff:person", post.user_id)
    context = {"form": form, "title": _("加入已有人员"), "joins": True}
    return render(request, "staff/people/new.html", context, status=422 if form.errors else 200)


def _give(request: StaffRequest, user: User, form: PostForm) -> None:
    dealer, region = form.place_chosen()
    given: dict[str, Any] = {
        "user": user, "role": form.cleaned_data["role"], "start_date": form.cleaned_data["start_date"],
        "actor": request.actor,
    }  # fmt: skip
    if dealer is not None:
        operations.give_post(dealer=dealer, **given)
    else:
        operations.give_network_post(region=region, **given)


def person(request: StaffRequest, pk: int) -> HttpResponse:
    """One person: posts, sign-in, delegations, what was changed when and by whom."""
    return _person_page(request, directory.person_or_404(request, pk))


def _person_page(
    request: StaffRequest, found: Person, *, post_form: PostForm | None = None, refusal: str = ""
) -> HttpResponse:
    today = local_date(request.now)
    context = {
        "person": found, "today": today, "may_edit": request.actor.can(P.EDIT_PEOPLE), "refusal": refusal,
        "is_me": found.user.pk == request.actor.user_id,
        "post_form": post_form or PostForm(request=request, today=today),
        "password_form": PasswordForm(initial={"password": passing_password()}),
        "delegations": directory.delegations(today, user=found.user) if request.store else [],
        "changes": explained(history([found.user, *found.posts], limit=30)),
        "today_is_locked": bool(found.user.locked_until and found.user.locked_until > request.now),
    }  # fmt: skip
    refused = bool(refusal or (post_form is not None and post_form.errors))
    return render(request, "staff/people/person.html", context, status=422 if refused else 200)


def give_post(request: StaffRequest, pk: int) -> HttpResponse:
    found = directory.person_or_404(request, pk)
    form = PostForm(request.POST, request=request, today=local_date(request.now))
    if form.is_valid():
        try:
            _give(request, found.user, form)
        except OperationRefused as error:
            add_refusal(form, error)
    if form.errors:
        return _person_page(request, found, post_form=form)
    messages.success(request, _("岗位已生效。"))
    return redirect("staff:person", pk)


def end_post(request: StaffRequest, pk: int, post: int) -> HttpResponse:
    found = directory.person_or_404(request, pk)
    held = _one(StorePost.objects.filter(user=found.user, pk=post, end_date=None).select_related("role"))
    return _do(
        request, found, _("岗位已结束。"),
        lambda: operations.end_post(post=held, end_date=local_date(request.now), actor=request.actor),
    )  # fmt: skip


def end_network_post(request: StaffRequest, pk: int, post: int) -> HttpResponse:
    found = directory.person_or_404(request, pk)
    held = _one(NetworkPost.objects.filter(user=found.user, pk=post, end_date=None).select_related("region"))
    return _do(
        request, found, _("岗位已结束。"),
        lambda: operations.end_network_post(post=held, end_date=local_date(request.now), actor=request.actor),
    )  # fmt: skip


def password(request: StaffRequest, pk: int) -> HttpResponse:
    found = directory.person_or_404(request, pk)
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _person_page(request, found, refusal=_("请填写临时密码。"))
    new_one = form.cleaned_data["password"]
    return _do(
        request, found, _("临时密码已生效。请当面告诉本人。"),
        lambda: operations.renew_password(
            user=found.user, password=new_one, actor=request.actor, now=request.now
        ),
    )  # fmt: skip


def active(request: StaffRequest, pk: int) -> HttpResponse:
    found = directory.person_or_404(request, pk)
    is_active = request.POST.get("active") == "1"
    return _do(
        request, found, _("已恢复登录。") if is_active else _("已停用登录。"),
        lambda: operations.admit(
            user=found.user, is_active=is_active, actor=request.actor, now=request.now
        ),
    )  # fmt: skip


def _one(rows: Any) -> Any:
    found = rows.first()
    if found is None:
        raise Http404
    return found


def _do(request: StaffRequest, found: Person, done: str, act: Any) -> HttpResponse:
    """Run an operation of the person's page; a refusal is shown above it."""
    try:
        act()
    except OperationRefused as error:
        return _person_page(request, found, refusal=str(error))
    messages.success(request, done)
    return redirect("staff:person", found.user.pk)


def delegations(request: StaffRequest) -> HttpResponse:
    """Who stands in for whom; POST arranges it."""
    today = local_date(request.now)
    form = DelegationForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid() and _delegate(request, form):
        return redirect("staff:delegations")
    context = {
        "form": form, "today": today,
        "delegations": directory.delegations(today), "past": directory.past_delegations(today),
    }  # fmt: skip
    return render(request, "staff/people/delegations.html", context, status=422 if form.errors else 200)


def _delegate(request: StaffRequest, form: forms.Form) -> bool:
    data = form.cleaned_data
    try:
        made = operations.delegate(
            dealer=request.dealer, giver=data["giver"], substitute=data["substitute"],
            start_date=data["start_date"], end_date=data["last_date"] + timedelta(days=1),
            reason=data["reason"], actor=request.actor,
        )  # fmt: skip
    except OperationRefused as error:
        if error.field == "end_date":
            error.field = "last_date"
        add_refusal(form, error)
        return False
    text = _("{substitute}将代理{giver}的职责。").format(
        substitute=made.substitute.name, giver=made.giver.name
    )
    messages.success(request, text)
    return True


def end_delegation(request: StaffRequest, pk: int) -> HttpResponse:
    found = _one(Delegation.objects.filter(pk=pk))
    operations.end_delegation(delegation=found, actor=request.actor, now=request.now)
    messages.success(request, _("代理已结束。"))
    return redirect("staff:delegations")
