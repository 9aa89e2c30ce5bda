"""Errors as RFC 9457 asks for: `application/problem+json` with type, title, status, detail and the fields at fault.

422  the request does not fit the schema          400  it is not even JSON
409  it does, and the rules of the house refuse   404  there is no such thing (or it is another store's)
401 / 403 / 429  no token / not allowed / too often
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from huichang.kernel.actors import PermissionRefused
from huichang.kernel.operations import OperationRefused

CONTENT_TYPE = "application/problem+json"
logger = logging.getLogger("huichang.api")


class Problem(Exception):
    """An answer that is no success. `errors` are pairs of a field and what is wrong with it.

    `extra` are further members of the answer, which RFC 9457 allows (the slots that could be kept instead).
    """

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = str(detail)
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


def conflict(detail: str, field: str = "") -> Problem:
    """409: understood, and refused by the rules."""
    return Problem(409, detail, errors=((field, str(detail)),) if field else ())


def title(status: int) -> str:
    titles = {
        400: _("请求无法读取"),
        401: _("缺少令牌或令牌无效"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("不支持这种方法"),
        409: _("与业务规则冲突"),
        422: _("请求内容不符合格式"),
        429: _("请求太频繁"),
    }
    return titles.get(status, _("服务器出错"))


NAMES = {
    400: "malformed", 401: "unauthorized", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
    409: "conflict", 422: "invalid", 429: "too-many-requests", 500: "server-error",
}  # fmt: skip


def answer(problem: Problem) -> HttpResponse:
    """The response of a problem; `type` leads to its explanation on the reference page."""
    body: dict[str, Any] = {
        "type": f"/api/#{NAMES.get(problem.status, 'server-error')}",
        "title": title(problem.status),
        "status": problem.status,
        "detail": problem.detail or title(problem.status),
        "errors": [{"field": field, "detail": detail} for field, detail in problem.errors],
        **problem.extra,
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=problem.status, content_type=CONTENT_TYPE
    )
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def handle(api: NinjaAPI) -> None:
    """Turn every exception a view may raise into a problem."""
    handlers: dict[type[Exception], Any] = {
        Problem: lambda error: error,
        AuthenticationError: lambda _error: Problem(
            401, headers={"WWW-Authenticate": 'Bearer realm="huichang"'}
        ),
        PermissionRefused: lambda error: Problem(
            403, _("令牌没有权限“{permission}”。").format(permission=error.permission.value)
        ),
        OperationRefused: lambda error: conflict(str(error), error.field),
        Http404: lambda _error: Problem(404),
        ObjectDoesNotExist: lambda _error: Problem(404),
        HttpError: lambda error: Problem(error.status_code, str(error)),
        ValidationError: _of_validation,
        Exception: _of_surprise,
    }
    for kind, turn in handlers.items():
        api.add_exception_handler(kind, _handler(turn))


def _handler(turn: Any) -> Any:
    def run(request: HttpRequest, error: Exception) -> HttpResponse:
        return answer(turn(error))

    return run


def _of_validation(error: ValidationError) -> Problem:
    """Field paths are as the client wrote them: `phones.0.number`, without our parameter names."""
    errors = []
    for one in error.errors:
        where = [str(part) for part in one["loc"]]
        place = where[0] if where else ""
        path = where[2:] if place == "body" else where[1:]
        errors.append((".".join(path) or place, str(one["msg"])))
    return Problem(422, errors=errors)


def _of_surprise(error: Exception) -> Problem:
    """Our own mistake: logged with its trace, told without it."""
    logger.error("the API failed", exc_info=error)
    return Problem(500)
