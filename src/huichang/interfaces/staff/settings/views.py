"""【系统管理→基础参数设置】: every declared policy, its value in force and origin, its change and its effect."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import Level
from huichang.domains.dealers import operations, queries
from huichang.domains.dealers.permissions import P
from huichang.interfaces.forms import add_refusal
from huichang.interfaces.sessions import StaffRequest
from huichang.interfaces.staff.settings import catalogue, previews
from huichang.interfaces.staff.settings.catalogue import Place
from huichang.interfaces.staff.settings.details import StoreForm
from huichang.interfaces.staff.settings.forms import PolicyForm
from huichang.kernel.operations import OperationRefused
from huichang.kernel.policies import POLICIES, Policy
from huichang.kernel.worktime import local_date


def settings(request: StaffRequest) -> HttpResponse:
    """All policies of the place, grouped; `?q=` narrows, `?own=1` shows only what somebody set."""
    place = _place(request)
    text, own = request.GET.get("q", ""), request.GET.get("own") == "1"
    context = {
        "place": place,
        "places": _places(request),
        "groups": catalogue.groups(place, local_date(request.now), text=text, own=own),
        "q": text,
        "own": own,
    }
    return render(request, "staff/settings/list.html", context)


def edit(request: StaffRequest, key: str) -> HttpResponse:
    """One policy: what holds where, the form, the history. POST sets a new value."""
    policy, place, today = _policy(key), _place(request), local_date(request.now)
    form = PolicyForm(request.POST or None, policy=policy, today=today, initial={"effective_date": today})
    if request.method == "POST":
        _require_editable(request, policy, place)
        if form.is_valid() and _set(request, policy, place, form):
            return redirect(_url("settings", place))
    current = place.in_force([policy], today)[key]
    if not form.is_bound:
        form.initial["value"] = policy.format(current.value)
    context = {
        "policy": policy, "place": place, "form": form, "current": current,
        "label": catalogue.label(policy), "help_text": _(policy.help) if policy.help else "",
        "unit": _(policy.unit) if policy.unit else "", "value": catalogue.shown(policy, current.value),
        "origin": catalogue.origin(current.origin), "may_edit": _may_edit(request, policy, place),
        "history": _history(policy, place, today), "back": _url("settings", place),
        "preview_url": _url("settings-preview", place, key=key), "can_preview": previews.of(key) is not None,
    }  # fmt: skip
    return render(request, "staff/settings/edit.html", context, status=422 if form.errors else 200)


def _set(request: StaffRequest, policy: Policy[Any], place: Place, form: PolicyForm) -> bool:
    try:
        operations.set_policy(
            key=policy.key, raw=form.cleaned_data["value"], dealer=place.dealer, region=place.region,
            effective_date=form.cleaned_data["effective_date"], reason=form.cleaned_data["reason"],
            actor=request.actor, now=request.now,
        )  # fmt: skip
    except OperationRefused as error:
        if error.field == policy.key:
            error.field = "value"
        add_refusal(form, error)
        return False
    messages.success(request, _("已保存“{label}”。").format(label=catalogue.label(policy)))
    return True


def preview(request: StaffRequest, key: str) -> HttpResponse:
    """What a value would change, counted on the place's own data. Writes nothing."""
    policy, place, today = _policy(key), _place(request), local_date(request.now)
    form = PolicyForm(request.GET, policy=policy, today=today)
    form.is_valid()
    result = None
    if "value" in form.cleaned_data:
        result = previews.preview(policy, form.cleaned_data["value"], place, request.now)
    context: dict[str, Any] = {"result": result, "errors": form.errors.get("value", []), "place": place}
    return render(request, "staff/settings/_preview.html", context)


def _policy(key: str) -> Policy[Any]:
    catalogue.load()
    if key not in POLICIES:
        raise Http404
    return POLICIES[key]


def _place(request: StaffRequest) -> Place:
    """The store the person sits in; for people of the network a region they see, or the manufacturer."""
    if request.store is not None:
        return Place(dealer=request.store)
    chosen = request.GET.get("region", "")
    regions = queries.regions_of(request.actor.dealer_ids)
    if chosen:
        found = [region for region in regions if str(region.pk) == chosen]
        if not found:
            raise Http404
        return Place(region=found[0])
    if request.reach.network_level == Level.MAKER or not regions:
        return Place()
    return Place(region=regions[0])


def _places(request: StaffRequest) -> list[dict[str, str]]:
    """The switch between manufacturer and regions, for people of the network."""
    if request.store is not None:
        return []
    whole = [Place()] if request.reach.network_level == Level.MAKER else []
    places = [*whole, *(Place(region=region) for region in queries.regions_of(request.actor.dealer_ids))]
    return [{"name": place.name, "url": _url("settings", place)} for place in places]


def _url(name: str, place: Place, **kwargs: str) -> str:
    url = reverse(f"staff:{name}", kwargs=kwargs or None)
    return f"{url}?region={place.region.pk}" if place.region else url


def _may_edit(request: StaffRequest, policy: Policy[Any], place: Place) -> bool:
    if place.dealer is not None:
        return request.actor.can(P.EDIT_POLICIES) and policy.domain not in catalogue.NETWORK_ONLY
    return request.actor.can(P.EDIT_POLICIES) and request.actor.can(P.EDIT_NETWORK_POLICIES)


def _require_editable(request: StaffRequest, policy: Policy[Any], place: Place) -> None:
    request.actor.require(P.EDIT_POLICIES)
    if place.dealer is None or policy.domain in catalogue.NETWORK_ONLY:
        request.actor.require(P.EDIT_NETWORK_POLICIES)


def _history(policy: Policy[Any], place: Place, today: Any) -> list[dict[str, Any]]:
    return [
        {
            "value": catalogue.shown(policy, policy.parse(row.value)),
            "place": catalogue.place_of(row),
            "row": row,
            "is_coming": row.effective_date > today,
        }
        for row in place.history(policy.key)
    ]


def store_details(request: StaffRequest) -> HttpResponse:
    """Name, city, address and telephone of the store, as letters and messages show them."""
    may_edit = request.actor.can(P.EDIT_POLICIES)
    form = StoreForm(request.POST or None, initial=model_to_dict(request.dealer))
    if request.method == "POST":
        request.actor.require(P.EDIT_POLICIES)
        if form.is_valid():
            operations.describe_dealer(dealer=request.dealer, actor=request.actor, **form.cleaned_data)
            messages.success(request, _("门店资料已保存。"))
            return redirect("staff:store-details")
    context = {"form": form, "may_edit": may_edit}
    return render(request, "staff/settings/store.html", context, status=422 if form.errors else 200)
