"""`owner_page(route, view, needs=…)`: the portal's table of pages is its table of rights, as `page()` is for staff.

A page of a car names its binding in the route (`cars/<int:binding>/…`). The wrapper finds it among the signed-in
owner's own (anybody else's is 404), opens that store's scope around the view and gives the request an actor with
exactly the rights of the binding.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import translation

from huichang.domains.owners import queries
from huichang.interfaces.portal.requests import OwnerRequest, attach_owner, keep_signed_in, renew_cookie
from huichang.kernel.actors import Permission, PermissionRefused
from huichang.kernel.scoping import dealer_scope

# Nothing runs on these pages, so nothing may: stricter than the staff pages (ui.middleware).
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)


class OwnerDoor(Permission):
    """What a page may need besides a right over a car."""

    PUBLIC = "owner_door.public"
    ACCOUNT = "owner_door.account"


class View(Protocol):
    __name__: str

    def __call__(self, request: OwnerRequest, **kwargs: Any) -> HttpResponseBase: ...


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """One declared page of the portal; `writes` answers POST only."""

    name: str
    route: str
    needs: Permission
    view: View
    writes: bool = False


OWNER_PAGES: dict[str, OwnerPage] = {}


def owner_page(
    route: str, view: Callable[..., HttpResponseBase], *, needs: Permission, name: str, writes: bool = False
) -> URLPattern:
    """Declare a page of the portal and give its URL pattern."""
    of_a_car = "<int:binding>" in route
    if of_a_car is isinstance(needs, OwnerDoor):
        raise ValueError(f"{name}: a page of a car needs a right over it, and only such a page does")
    declared = OwnerPage(name, route, needs, view, writes)
    OWNER_PAGES[name] = declared
    return path(route, _guarded(declared), name=name)


def _guarded(declared: OwnerPage) -> Callable[..., HttpResponseBase]:
    view = declared.view

    @functools.wraps(view)
    def run(request: OwnerRequest, **kwargs: Any) -> HttpResponseBase:
        request.declared = declared
        attach_owner(request)
        with translation.override(request.language):
            response = _answer(request, declared, kwargs)
        renew_cookie(request, response)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Content-Language"] = request.language
        return response

    return run


def _answer(request: OwnerRequest, declared: OwnerPage, kwargs: dict[str, Any]) -> HttpResponseBase:
    try:
        keep_signed_in(request)
        if declared.writes and request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        if declared.needs is OwnerDoor.PUBLIC:
            return declared.view(request, **kwargs)
        if not request.is_owner:
            return redirect(f"{reverse('portal:sign-in')}?next={quote(_here(request))}")
        if declared.needs is OwnerDoor.ACCOUNT:
            return declared.view(request, **kwargs)
        return _of_a_car(request, declared, kwargs)
    except Http404:
        return render(request, "portal/404.html", status=404)
    except PermissionRefused:
        return render(request, "portal/403.html", status=403)


def _of_a_car(request: OwnerRequest, declared: OwnerPage, kwargs: dict[str, Any]) -> HttpResponseBase:
    binding = queries.binding_of(request.account, kwargs.pop("binding"))
    if binding is None:
        raise Http404
    request.binding, request.dealer = binding, binding.dealer
    request.actor = queries.actor_for(binding)
    request.actor.require(declared.needs)
    with dealer_scope(binding.dealer_id):
        return declared.view(request, **kwargs)


def _here(request: OwnerRequest) -> str:
    """Where to come back to: what was only to be written is not repeated."""
    return request.get_full_path() if request.method == "GET" else reverse("portal:home")
