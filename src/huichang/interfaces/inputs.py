"""The outermost door: who asks behind a proxy, and what is refused before anybody reads it.

Refused are requests far too large for their address, and characters that no database stores.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

# Open to everybody, so small; only the two forms that carry photographs of a signed-in owner may be larger.
_OUTSIDE = ("/m/", "/hooks/")
_WITH_PHOTOS = re.compile(r"/m/cars/\d+/(book/confirm|bookings/\d+/photos)")
SMALL, WITH_PHOTOS = 256 * 2**10, 200 * 2**20
OWNER_COOKIE = "owner"


class InputMiddleware:
    """413 for what is too large, 400 for NUL in an address or a form: tools send it, no browser does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.BEHIND_TLS and (address := _told_by_proxy(request)):
            request.META["REMOTE_ADDR"] = address
        if _is_too_large(request):
            return HttpResponse(status=413)
        if "\0" in request.path or _has_nul(request.GET):
            return HttpResponse(status=400)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_given: object
    ) -> HttpResponse | None:
        """Forms only: the check against forgery reads them anyway. Programs and providers are heard by their own doors."""
        if getattr(view, "csrf_exempt", False):
            return None
        is_form = request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}
        if request.method == "POST" and is_form and _has_nul(request.POST):
            return HttpResponse(status=400)
        return None


def _told_by_proxy(request: HttpRequest) -> str:
    """The address that our own proxy saw: the last one it wrote. What stands before it anybody can write."""
    last = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(last))
    except ValueError:
        return ""


def _is_too_large(request: HttpRequest) -> bool:
    if not request.path.startswith(_OUTSIDE):
        return False
    length = request.META.get("CONTENT_LENGTH") or "0"
    photos = OWNER_COOKIE in request.COOKIES and _WITH_PHOTOS.fullmatch(request.path)
    return not length.isdecimal() or int(length) > (WITH_PHOTOS if photos else SMALL)


def _has_nul(values: QueryDict) -> bool:
    return any("\0" in key or any("\0" in one for one in many) for key, many in values.lists())
