"""The person behind a request: posts, the store they sit in, the `Actor`, the open scope."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpRequest
from django.utils import timezone

from huichang.domains.accounts.models import User
from huichang.domains.dealers.models import Dealer
from huichang.domains.dealers.queries import Reach, reach_of
from huichang.kernel.actors import Actor
from huichang.kernel.scoping import dealer_scope
from huichang.kernel.worktime import local_date

if TYPE_CHECKING:
    from huichang.interfaces.pages import Page

STORE = "store"  # session key: the id of the store chosen, or NETWORK
NETWORK = "network"


class StaffRequest(HttpRequest):
    """A request with its person. Set by `ActorMiddleware`; `page` by the page wrapper."""

    user: User  # anonymous requests are answered before a view sees them: ask `signed_in`
    signed_in: bool
    actor: Actor
    store: Dealer | None
    stores: list[Dealer]
    reach: Reach
    needs_totp: bool
    now: datetime
    page: Page
    htmx: bool
    dealer: Dealer  # the same store on pages of one store, where there always is one


ANONYMOUS = Actor(name="—")


def attach_person(request: StaffRequest) -> None:
    """Fill `actor`, `store`, `stores`, `reach` and `now` of a request."""
    request.now = timezone.now()
    request.htmx = bool(request.headers.get("HX-Request"))
    request.actor, request.store, request.stores = ANONYMOUS, None, []
    request.reach, request.needs_totp = Reach({}, {}), False
    request.signed_in = bool(request.user.is_authenticated)
    if not request.signed_in:
        return
    reach = reach_of(request.user, local_date(request.now))
    request.reach = reach
    request.needs_totp = reach.needs_totp
    request.stores = list(reach.stores)
    request.store = _chosen_store(request.session, reach)
    request.dealer = cast("Dealer", request.store)
    request.actor = actor_in(request.user, reach, request.store)


def _chosen_store(session: Any, reach: Reach) -> Dealer | None:
    chosen = session.get(STORE)
    if chosen == NETWORK and reach.network_dealer_ids:
        return None
    for store in reach.stores:
        if store.pk == chosen:
            return store
    return next(iter(reach.stores), None)


def actor_in(user: User, reach: Reach, store: Dealer | None) -> Actor:
    """The actor of a person in a store, or over their network when `store` is None."""
    if store is None:
        return Actor(
            name=user.name, user_id=user.pk, dealer_ids=reach.network_dealer_ids,
            permissions=reach.network_permissions, language=user.language,
        )  # fmt: skip
    return Actor(
        name=user.name, user_id=user.pk, dealer_id=store.pk, dealer_ids=(store.pk,),
        permissions=reach.stores[store], substitute_for=reach.substitute_for.get(store.pk, ()),
        language=user.language,
    )  # fmt: skip


@contextmanager
def open_scope(request: StaffRequest) -> Iterator[None]:
    """The dealer scope of the request's person, one transaction around the view."""
    with dealer_scope(*request.actor.dealer_ids):
        yield
