"""`route(…, needs=…)`: the API's table of routes is its table of permissions, as `page()` is for the staff pages.

Around each view: the token's permission, its store's scope (one transaction, rolled back by any problem), and on
writes the `Idempotency-Key`.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status
from ninja.security import HttpBearer

from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import policy
from huichang.domains.integrations import batch, policies
from huichang.domains.integrations.models import ApiToken
from huichang.domains.integrations.queries import token_of
from huichang.interfaces.api.problems import Problem
from huichang.kernel.actors import Actor, Permission
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date

KEY = "Idempotency-Key"
KEY_LENGTH = 200
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a token of a store, as the actor of what it does."""

    token: ApiToken
    actor: Actor

    @property
    def dealer(self) -> Dealer:
        return self.token.dealer


class ApiRequest(HttpRequest):
    """A request whose token was recognised. `now` is set by `ActorMiddleware`; `room` by the rate limit."""

    auth: Caller
    now: datetime
    room: tuple[int, int, int]  # requests allowed a minute, still left, seconds until the next minute


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route."""

    name: str
    method: str
    path: str
    needs: Permission

    @property
    def writes(self) -> bool:
        return self.method != "GET"


ROUTES: dict[str, Route] = {}


class Token(HttpBearer):
    """`Authorization: Bearer hc_…`; counts the request before anything else is done for it."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        now: datetime = request.now  # type: ignore[attr-defined]  # set by ActorMiddleware
        found = token_of(token, now)
        if found is None:
            return None
        request.room = _room(found, now)  # type: ignore[attr-defined]  # read by the response's headers
        actor = Actor(
            name=_("接口·{name}").format(name=found.name)[:80],
            dealer_id=found.dealer_id,
            dealer_ids=(found.dealer_id,),
            permissions=frozenset(found.permissions),
        )
        return Caller(found, actor)


def _room(token: ApiToken, now: datetime) -> tuple[int, int, int]:
    """Count the request in its own transaction. Raises Problem 429."""
    with dealer_scope(token.dealer_id):
        most = token.requests_per_minute or policy(policies.REQUESTS, token.dealer, local_date(now))
        used = batch.count_request(token=token, now=now)
    wait = 60 - now.second
    if used > most:
        raise Problem(
            429,
            _("每分钟最多 {most} 次请求。请 {wait} 秒后再试。").format(most=most, wait=wait),
            headers={"Retry-After": str(wait), **rate_headers((most, 0, wait))},
        )
    return most, most - used, wait


def rate_headers(room: tuple[int, int, int]) -> dict[str, str]:
    most, left, wait = room
    return {"RateLimit-Limit": str(most), "RateLimit-Remaining": str(left), "RateLimit-Reset": str(wait)}


def route(
    router: Router,
    method: str,
    path: str,
    *,
    needs: Permission,
    response: Any,
    summary: Any,
    status: int = 200,
) -> Callable[[F], F]:
    """Declare a route of the API. `summary` is a lazy text; the function's docstring is the description."""

    def declare(view: F) -> F:
        declared = Route(view.__name__, method, path, needs)
        if ROUTES.setdefault(view.__name__, declared) != declared:
            raise ValueError(f"API route {view.__name__} is declared twice")
        guarded = _guarded(view, declared, status)
        router.api_operation(
            [method], path, response={status: response}, summary=summary, operation_id=view.__name__
        )(guarded)
        return view

    return declare


def _guarded(view: Callable[..., Any], declared: Route, status: int) -> Callable[..., Any]:
    @functools.wraps(view)
    def run(request: ApiRequest, *args: Any, **kwargs: Any) -> Any:
        request.auth.actor.require(declared.needs)
        with dealer_scope(request.auth.token.dealer_id):
            key = request.headers.get(KEY) if declared.writes else None
            if key is None:
                return Status(status, view(request, *args, **kwargs))
            return _once(request, key, status, lambda: view(request, *args, **kwargs))

    # django-ninja reads the parameters' types in the wrapper's module; give it the types themselves.
    run.__signature__ = inspect.signature(view, eval_str=True)  # type: ignore[attr-defined]
    return run


def _once(request: ApiRequest, key: str, status: int, write: Callable[[], Any]) -> Any:
    """Do a write under its key, or give the answer it had. A refused write leaves its key free."""
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable()):
        raise Problem(422, errors=[(KEY, _("1 到 {most} 个可见字符").format(most=KEY_LENGTH))])
    text = b"\0".join((request.method.encode(), request.get_full_path().encode(), request.body))  # type: ignore[union-attr]  # has one
    fingerprint = hashlib.sha256(text).hexdigest()
    claim = batch.claim_key(token=request.auth.token, key=key, fingerprint=fingerprint, now=request.now)
    if claim.earlier is not None:
        if claim.earlier.fingerprint != fingerprint:
            raise Problem(
                409, _("这个 Idempotency-Key 已用于另一个请求。"), errors=[(KEY, _("请换一个新的值"))]
            )
        return Status(claim.earlier.code or status, claim.earlier.answer)
    answer = write()
    batch.keep_answer(key_id=claim.key_id, code=status, answer=answer.model_dump(mode="json"))
    return Status(status, answer)
