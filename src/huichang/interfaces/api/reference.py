"""The description of the API for programs (`/api/openapi.json`) and for people (`/api/`), served by ourselves."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from huichang.interfaces.api.problems import NAMES, title


def _schema() -> dict[str, Any]:
    from huichang.interfaces.api.urls import api  # the routes are complete once the addresses are

    return api.get_openapi_schema()


def description(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1 in the language the client accepts."""
    return JsonResponse(_schema(), json_dumps_params={"ensure_ascii": False})


def reference(request: HttpRequest) -> HttpResponse:
    """The same as a page: every route with its permission, parameters, body and answer."""
    schema = _schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_shown(schema, path, method, operation))
    problems = [{"status": code, "name": name, "title": title(code)} for code, name in sorted(NAMES.items())]
    return render(
        request, "api/reference.html", {"groups": groups, "problems": problems, "info": schema["info"]}
    )


def _shown(schema: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    good = next(r for code, r in operation["responses"].items() if int(code) < 300)
    answer = good.get("content", {}).get("application/json", {}).get("schema")
    return {
        "path": path, "method": method.upper(), "summary": operation["summary"], "id": operation["operationId"],
        "description": operation["description"], "permission": operation["x-permission"],
        "parameters": [
            {**one, "type": _type(schema, one["schema"])} for one in operation["parameters"]
        ],
        "body": _fields(schema, body) if body else [],
        "answer": _fields(schema, answer) if answer else [],
        "statuses": sorted(int(code) for code in operation["responses"]),
    }  # fmt: skip


def _resolve(schema: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    name = one.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["schemas"][name] if name else one
    return found


def _fields(schema: dict[str, Any], one: dict[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    """Fields with dotted names, lists as `items[]`; three levels are enough to read."""
    found = []
    resolved = _resolve(schema, one)
    for name, field in resolved.get("properties", {}).items():
        label = f"{prefix}{name}"
        found.append(
            {"name": label, "type": _type(schema, field), "required": name in resolved.get("required", ())}
        )
        inner = _resolve(schema, field)
        if inner.get("type") == "array":
            inner, label = _resolve(schema, inner["items"]), f"{label}[]"
        if inner.get("properties") and prefix.count(".") < 2:
            found += _fields(schema, inner, f"{label}.")
    return found


def _type(schema: dict[str, Any], one: dict[str, Any]) -> str:
    if "anyOf" in one:
        return " | ".join(_type(schema, each) for each in one["anyOf"])
    inner = _resolve(schema, one)
    if "enum" in inner:
        return " | ".join(str(value) or '""' for value in inner["enum"])
    kind = str(inner.get("format") or inner.get("type", "object"))
    return f"{_type(schema, inner['items'])}[]" if kind == "array" else kind
