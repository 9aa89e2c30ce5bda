from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from huichang.interfaces.sessions import StaffRequest, attach_person

LANGUAGE_COOKIE = "language"


class ActorMiddleware:
    """Attach the person and speak their language. The scope itself is opened by `page()`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        staff = cast("StaffRequest", request)
        attach_person(staff)
        language = _language(staff)
        with translation.override(language):
            request.LANGUAGE_CODE = language  # Django's own templates read it
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


def _language(request: StaffRequest) -> str:
    if request.signed_in:
        return str(request.user.language)
    cookie = request.COOKIES.get(LANGUAGE_COOKIE, "")
    return cookie if cookie in {"zh-hans", "en"} else "zh-hans"
