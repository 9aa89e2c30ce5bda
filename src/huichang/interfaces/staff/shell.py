"""What every page shows around itself: the rail with live counts, the store switcher, the person."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from huichang.interfaces.pages import PAGES, Page, in_rail, may_open
from huichang.interfaces.sessions import NETWORK, StaffRequest
from huichang.kernel.scoping import is_open

# The duties in the order of the rail, each with its key in the cookie; a group appears when one of its pages does.
GROUPS = {
    _noop("我的工作"): "mine",
    _noop("招揽"): "calls",
    _noop("预约"): "bookings",
    _noop("客户管理"): "customers",
    _noop("配件"): "parts",
    _noop("车间"): "workshop",
    _noop("统计"): "reports",
    _noop("系统管理"): "system",
}
# A long rail folds these, the first first, until it fits a laptop; a person unfolds what they like, and that stays.
FOLDS_FIRST = ("系统管理", "车间", "配件")
FITS = 22
FOLD_COOKIE = "rail"  # written by the page: "parts-o.system-f" = the parts open, the administration folded


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
        "can_search": may_open(staff, PAGES["search"]),
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
        if declared.rail and in_rail(request, declared):
            groups.setdefault(declared.rail.group, []).append(declared)
    here = current.rail.group if current and current.rail else ""
    folded = _folded(groups, request.COOKIES.get(FOLD_COOKIE, "")) - {here}
    return [
        _group(key, group, [_item(request, entry, current) for entry in _sorted(groups[group])], folded)
        for group, key in GROUPS.items()
        if group in groups
    ]


def _group(key: str, group: str, items: list[dict[str, Any]], folded: set[str]) -> dict[str, Any]:
    waiting = sum(item["count"] or 0 for item in items)
    return {"label": _(group), "key": key, "folded": group in folded, "count": waiting, "items": items}


def _folded(groups: dict[str, list[Page]], chosen: str) -> set[str]:
    """The groups that show only their heading: those that make the rail too long, then as the person chose."""
    folded: set[str] = set()
    for group in FOLDS_FIRST:
        if sum(len(pages) for name, pages in groups.items() if name not in folded) <= FITS:
            break
        folded.add(group)
    wishes = dict(wish.split("-", 1) for wish in chosen.split(".") if "-" in wish)
    for group, key in GROUPS.items():
        if wish := wishes.get(key):
            folded = folded | {group} if wish == "f" else folded - {group}
    return folded


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
