"""All routes. Staff pages declare what they need beside the route; the API does the same in its own router."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/", include("huichang.interfaces.api.urls")),
    path("hooks/", include("huichang.interfaces.hooks.urls")),
    path("screen/", include("huichang.interfaces.board.urls")),
    path("m/", include("huichang.interfaces.portal.urls")),
    path("", include("huichang.interfaces.staff.urls")),
]
