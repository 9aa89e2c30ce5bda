"""What every page shows around itself: the rail with live counts, the store switcher, the person."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from huichang.interfaces.pages import PAGES, Page, may_open
from huichang.interfaces.sessions import NETWORK, StaffRequest
from huichang.kernel.scoping import is_open

# The order of the duties in the rail; a group appears when one of its pages does.
GROUPS = (
    _noop("招揽"),
    _noop("预约"),
    _noop("客户管理"),
    _noop("配件"),
    _noop("车间"),
    _noop("统计"),
    _noop("系统管理"),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Outside a staff request (error pages before the middleware) it gives an empty shell."""
    staff = cast("StaffRequest", request)
    actor = getattr(staff, "actor", None)
    if actor is None or not staff.signed_in:
        return {
            "rail": [],
            "stores": [],
            "store": None,
            "actor": None,
            "page": None,
            "languages": settings.LANGUAGES,
        }
    current = getattr(staff, "page", None)
    return {
        "rail": _rail(staff, current),
        "stores": staff.stores,
        "store": staff.store,
        "has_network": bool(staff.reach.network_dealer_ids),
        "network_value": NETWORK,
        "actor": actor,
        "languages": settings.LANGUAGES,
        "page": _page(current),
    }


def _page(current: Page | None) -> dict[str, Any] | None:
    if current is None:
        return None
    return {
        "name": current.name,
        "title": _(current.title) if current.title else "",
        "help": current.help,
        "keys": [{"key": key, "label": _(label)} for key, label in current.keys],
    }


def _rail(request: StaffRequest, current: Page | None) -> list[dict[str, Any]]:
    groups: dict[str, list[Page]] = {}
    for declared in PAGES.values():
        if declared.rail and may_open(request, declared):
            groups.setdefault(declared.rail.group, []).append(declared)
    return [
        {"label": _(group), "items": [_item(request, entry, current) for entry in _sorted(groups[group])]}
        for group in GROUPS
        if group in groups
    ]


def _sorted(entries: list[Page]) -> list[Page]:
    return sorted(entries, key=lambda entry: entry.rail.order if entry.rail else 0)


def _item(request: StaffRequest, declared: Page, current: Page | None) -> dict[str, Any]:
    rail = declared.rail
    assert rail is not None  # only pages with a place in the rail come here
    in_scope = is_open() and request.actor.dealer_id is not None
    return {
        "label": _(declared.title),
        "url": reverse(f"staff:{declared.name}"),
        "icon": rail.icon,
        "count": rail.count(request) if rail.count and in_scope else None,
        "active": current is not None and current.rail is rail,
    }
