"""What django-ninja does not say by itself: the problems, the idempotency key, texts in the reader's language."""

from __future__ import annotations

from typing import Any, TypeVar

from django.utils.translation import gettext as _

from huichang.interfaces.api.doors import KEY, KEY_LENGTH, ROUTES
from huichang.interfaces.api.problems import CONTENT_TYPE, title

D = TypeVar("D", bound=dict[str, Any])

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def complete(schema: D) -> D:
    """Add to the generated description, in place."""
    schema["info"]["description"] = _("汽车经销商售后平台的接口。每个令牌属于一家门店。")
    schema["servers"] = [{"url": "/"}]
    schema["components"]["schemas"]["Problem"] = PROBLEM
    schema["components"]["securitySchemes"]["Token"]["description"] = _("门店系统管理员在“接口令牌”页面创建")
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            _complete(path, operation)
    return schema


def _complete(path: str, operation: dict[str, Any]) -> None:
    declared = ROUTES[operation["operationId"]]
    operation["summary"] = str(operation["summary"])
    operation["tags"] = [_(tag) for tag in operation.get("tags", ())]
    operation["x-permission"] = declared.needs.value
    operation["description"] = " ".join(str(operation.get("description", "")).split())
    if declared.writes:
        operation["parameters"].append(
            {
                "in": "header",
                "name": KEY,
                "required": False,
                "description": _("同一个值和同样的内容只写入一次"),
                "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[!-~]+$"},
            }
        )
    names = {parameter["name"] for parameter in operation["parameters"]}
    codes = [401, 403, 429]
    if "{" in path or "cursor" in names:
        codes.append(404)
    if operation["parameters"] or "requestBody" in operation:
        codes += [409, 422]
    if "requestBody" in operation:
        codes.append(400)
    for code in sorted(codes):
        operation["responses"][code] = {
            "description": title(code),
            "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
