"""The API as one object: version, exceptions, every resource."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.openapi.schema import OpenAPISchema

from huichang.interfaces.api import (
    bookings,
    calls,
    cars,
    census,
    customers,
    messages,
    openapi,
    parts,
    problems,
    reminders,
    visits,
)
from huichang.interfaces.api.doors import Token

PREFIX = "api/v1/"
RESOURCES: tuple[tuple[str, Router], ...] = (
    ("客户", customers.router),
    ("车辆", cars.router),
    ("进厂", visits.router),
    ("到期", reminders.router),
    ("个案", calls.router),
    ("预约", bookings.router),
    ("配件", parts.router),
    ("消息", messages.router),
    ("月度统计", census.router),
)


class HuichangAPI(NinjaAPI):
    """NinjaAPI whose description also tells the errors every route may answer with."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix or PREFIX, path_params=path_params)
        return openapi.complete(schema)

    def create_response(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().create_response(request, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response


def build() -> HuichangAPI:
    """The one API of this process. Called once, by `urls`."""
    api = HuichangAPI(
        title="Huichang 回厂",
        version="1.0.0",
        auth=Token(),
        docs_url=None,
        openapi_url=None,
        urls_namespace="api-v1",
    )
    problems.handle(api)
    for tag, router in RESOURCES:
        api.add_router("", router, tags=[tag])
    return api
