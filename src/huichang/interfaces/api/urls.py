from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, re_path
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from huichang.interfaces.api.application import build
from huichang.interfaces.api.doors import rate_headers
from huichang.interfaces.api.problems import Problem, answer
from huichang.interfaces.api.reference import description, reference

app_name = "api"
api = build()


def _spoken(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer in the language the client accepts, say how much room its token has, make problems of wrong methods."""

    @csrf_exempt
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = view(request, *args, **kwargs)
            if isinstance(response, HttpResponseNotAllowed):
                # ninja keeps the methods in a set: sorted, the answer is the same every time
                methods = sorted(method.strip() for method in response.headers.get("Allow", "").split(","))
                response = answer(Problem(405, headers={"Allow": ", ".join(methods)}))
        response.headers["Content-Language"] = language
        response.headers["Vary"] = "Accept-Language, Authorization"
        if room := getattr(request, "room", None):
            for name, value in rate_headers(room).items():
                response.headers.setdefault(name, value)
        return response

    return run


def _nothing_here(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return answer(Problem(404))


def _patterns() -> list[URLPattern]:
    found, _app, _namespace = api.urls
    patterns = [
        pattern for pattern in found if isinstance(pattern, URLPattern) and pattern.name != "api-root"
    ]
    for pattern in patterns:
        pattern.callback = _spoken(pattern.callback)
    return [path("v1/" + str(pattern.pattern), pattern.callback, name=pattern.name) for pattern in patterns]


urlpatterns = [
    path("", _spoken(reference), name="reference"),
    path("openapi.json", _spoken(description), name="description"),
    *_patterns(),
    re_path(r"^.*$", _spoken(_nothing_here)),
]
