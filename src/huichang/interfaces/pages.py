"""`page(route, view, needs=…)`: the URL table is the permission table.

Every page of the house is declared with what it needs; there is no default. The wrapper checks the sign-in and the
permission and opens the person's dealer scope (one transaction) around the view, so that an exception rolls
everything back and another store's row is simply not there (404).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, path, reverse

from huichang.interfaces.sessions import StaffRequest, open_scope
from huichang.kernel.actors import Permission, PermissionRefused


class Door(Permission):
    """What a page may need besides a domain's permission."""

    PUBLIC = "door.public"
    SIGNED_IN = "door.signed_in"


class View(Protocol):
    __name__: str

    def __call__(self, request: StaffRequest, **kwargs: Any) -> HttpResponseBase: ...


@dataclass(frozen=True, slots=True)
class Rail:
    """A page's place in the rail. `count` gives the live number beside the label, cheaply.

    `who` names the work the page is for, any of these permissions: others may still open it, from a link or a
    search, but do not find it in their way every day. Without it the page stands in the rail of all who may open it.
    """

    group: str
    icon: str
    order: int
    count: Callable[[StaffRequest], int] | None = None
    who: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One declared page. `sample` gives the arguments under which `huichang screens` and the matrix open it."""

    name: str
    route: str
    needs: Permission
    title: str
    view: View
    rail: Rail | None = None
    help: str = ""
    keys: tuple[tuple[str, str], ...] = ()
    network: bool = False
    writes: bool = False
    sample: Callable[[], Mapping[str, Any]] | None = None
    screens: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)


PAGES: dict[str, Page] = {}


def page(
    route: str,
    view: Callable[..., HttpResponseBase],
    *,
    needs: Permission,
    name: str,
    title: str = "",
    rail: Rail | None = None,
    help: str = "",  # noqa: A002  # the word the page's author would look for
    keys: tuple[tuple[str, str], ...] = (),
    network: bool = False,
    writes: bool = False,
    sample: Callable[[], Mapping[str, Any]] | None = None,
    screens: bool = True,
) -> URLPattern:
    """Declare a page and give its URL pattern.

    `title` is Chinese (translated on display). `network` pages also open for people of a region or the
    manufacturer, over all the stores they see. `writes` marks routes that answer POST only.
    """
    declared = Page(
        name=name, route=route, needs=needs, title=title, view=view, rail=rail, help=help, keys=keys,
        network=network, writes=writes, sample=sample, screens=screens and not writes,
    )  # fmt: skip
    if name in PAGES and PAGES[name].view is not view:
        raise ValueError(f"page {name} is declared twice")
    twin = next((one.name for one in PAGES.values() if one.route == route and one.name != name), None)
    if twin:
        raise ValueError(f"pages {twin} and {name} share the route {route!r}: only one could ever be opened")
    PAGES[name] = declared
    return path(route, _guarded(declared), name=name)


def _guarded(declared: Page) -> Callable[..., HttpResponseBase]:
    view = declared.view

    @functools.wraps(view)
    def run(request: StaffRequest, **kwargs: Any) -> HttpResponseBase:
        request.page = declared
        if declared.needs is Door.PUBLIC:
            return _rendered(view(request, **kwargs))
        if not request.signed_in:
            return _to_sign_in(request)
        if detour := _first_things_first(request, declared):
            return detour
        if declared.writes and request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        if not may_open(request, declared):
            return refused(request, declared.needs)
        try:
            with open_scope(request):
                return _rendered(view(request, **kwargs))
        except PermissionRefused as error:
            return refused(request, error.permission)

    return run


def may_open(request: StaffRequest, declared: Page) -> bool:
    """Whether this person, where they sit now, may open the page."""
    if declared.needs in {Door.PUBLIC, Door.SIGNED_IN}:
        return True
    if request.actor.dealer_id is None and not declared.network:
        return False
    return request.actor.can(declared.needs)


def in_rail(request: StaffRequest, declared: Page) -> bool:
    """Whether the page stands in this person's rail."""
    rail = declared.rail
    if rail is None or not may_open(request, declared):
        return False
    return not rail.who or any(request.actor.can(work) for work in rail.who)


def _first_things_first(request: StaffRequest, declared: Page) -> HttpResponse | None:
    """A new password or a one-time code that the role demands comes before any other page."""
    if declared.needs is Door.SIGNED_IN:
        return None
    if request.user.must_change_password:
        return redirect("staff:password")
    if request.needs_totp and not request.user.has_totp:
        return redirect("staff:totp")
    return None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    target = f"{reverse('staff:sign-in')}?next={quote(request.get_full_path())}"
    if request.headers.get("HX-Request"):  # a partial must not be filled with the sign-in page
        return HttpResponse(status=401, headers={"HX-Redirect": target})
    return redirect(target)


def refused(request: StaffRequest, permission: Permission) -> HttpResponse:
    """403 in words: what is missing and whom to ask."""
    context = {"permission": permission.value}
    return render(request, "403.html", context, status=403)


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Render lazy responses while the scope is still open."""
    if isinstance(response, SimpleTemplateResponse) and not response.is_rendered:
        return response.render()
    return response
