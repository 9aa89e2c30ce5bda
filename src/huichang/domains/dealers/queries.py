"""Posts and reach of people, policy values, stores: the reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from huichang.domains.accounts.models import Level, User
from huichang.domains.dealers.models import (
    Dealer,
    Delegation,
    NetworkPost,
    PolicyLevel,
    PolicyValue,
    Region,
    StorePost,
)
from huichang.kernel.policies import POLICIES, Policy, T
from huichang.kernel.scoping import unscoped


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a person works today: stores with the permissions held there, and the network above them.

    `stores` maps a dealer to the permissions of own and delegated posts; `network_dealer_ids` are the stores seen
    from a region or the manufacturer, with `network_permissions`.
    """

    stores: Mapping[Dealer, frozenset[str]]
    substitute_for: Mapping[int, tuple[int, ...]]
    network_dealer_ids: tuple[int, ...] = ()
    network_permissions: frozenset[str] = frozenset()
    network_level: str = ""
    needs_totp: bool = False


def reach_of(user: User, today: date) -> Reach:
    """All posts of a person that hold today, delegated ones included (PRM-04, PRM-10)."""
    with unscoped("before a person's stores are known no scope can be opened"):
        delegations = list(
            Delegation.objects.filter(
                substitute=user, ended_at=None, start_date__lte=today, end_date__gt=today
            ).values_list("dealer_id", "giver_id")
        )
        posts = list(_posts(user, delegations, today))
    stores: dict[Dealer, frozenset[str]] = {}
    for post in posts:
        stores[post.dealer] = stores.get(post.dealer, frozenset()) | frozenset(post.role.permissions)
    substitute_for: dict[int, tuple[int, ...]] = {}
    for dealer_id, giver_id in delegations:
        substitute_for[dealer_id] = (*substitute_for.get(dealer_id, ()), giver_id)
    needs_totp = any(post.role.requires_totp for post in posts if post.user_id == user.pk)
    return _with_network(user, today, Reach(stores, substitute_for, needs_totp=needs_totp))


def _posts(user: User, delegations: list[tuple[int, int]], today: date) -> Iterable[StorePost]:
    whose = Q(user=user)
    for dealer_id, giver_id in delegations:
        whose |= Q(dealer_id=dealer_id, user_id=giver_id)
    return (
        StorePost.objects.filter(whose, role__is_active=True, dealer__is_active=True, start_date__lte=today)
        .filter(Q(end_date=None) | Q(end_date__gt=today))
        .select_related("role", "dealer")
        .order_by("dealer__code")
    )


def _with_network(user: User, today: date, reach: Reach) -> Reach:
    posts = list(
        NetworkPost.objects.filter(user=user, role__is_active=True, start_date__lte=today)
        .filter(Q(end_date=None) | Q(end_date__gt=today))
        .select_related("role")
    )
    if not posts:
        return reach
    regions = [post.region_id for post in posts]
    seen = Dealer.objects.filter(is_active=True)
    everywhere = None in regions
    if not everywhere:
        seen = seen.filter(region_id__in=_with_children({region for region in regions if region}))
    return Reach(
        stores=reach.stores,
        substitute_for=reach.substitute_for,
        network_dealer_ids=tuple(seen.order_by("code").values_list("pk", flat=True)),
        network_permissions=frozenset(p for post in posts for p in post.role.permissions),
        network_level=Level.MAKER if everywhere else Level.REGION,
        needs_totp=reach.needs_totp or any(post.role.requires_totp for post in posts),
    )


def _with_children(regions: set[int]) -> set[int]:
    """Region ids with those below them; a query per level of the tree."""
    found, todo = set(regions), set(regions)
    while todo:
        todo = set(Region.objects.filter(parent_id__in=todo).values_list("pk", flat=True)) - found
        found |= todo
    return found


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A policy's value at a store on a day, and the row it comes from (None: the built-in default)."""

    policy: Policy[Any]
    value: Any
    origin: PolicyValue | None


def policy(declared: Policy[T], dealer: Dealer, on: date) -> T:
    """The value in force at a store on a day: the nearest of dealer, region, manufacturer, default."""
    value: T = policies_in_force([declared], dealer, on)[declared.key].value
    return value


def policies_in_force(declared: Iterable[Policy[Any]], dealer: Dealer, on: date) -> dict[str, PolicyInForce]:
    """Values of several policies at a store on a day, by key; one query."""
    return _nearest(declared, _reaching(dealer=dealer), on)


def policies_of_network(
    declared: Iterable[Policy[Any]], region: Region | None, on: date
) -> dict[str, PolicyInForce]:
    """Values that a region's stores (None: all stores) get unless they set their own; one query."""
    return _nearest(declared, _reaching(region=region), on)


def policy_history(
    key: str, *, dealer: Dealer | None = None, region: Region | None = None
) -> list[PolicyValue]:
    """Every value of a policy that reaches a store (or region, or with neither the network), newest first."""
    rows = PolicyValue.objects.filter(_reaching(dealer=dealer, region=region), key=key)
    return list(rows.select_related("region").order_by("-effective_date", "-pk"))


def policies_to_come(
    *, after: date, dealer: Dealer | None = None, region: Region | None = None
) -> dict[str, PolicyValue]:
    """By key the next value that takes effect after a day at a place; one query."""
    rows = PolicyValue.objects.filter(_reaching(dealer=dealer, region=region), effective_date__gt=after)
    # Sorted so that of several the earliest date's last row is the one that stays.
    return {row.key: row for row in rows.order_by("-effective_date", "pk")}


def _nearest(declared: Iterable[Policy[Any]], places: Q, on: date) -> dict[str, PolicyInForce]:
    wanted = {item.key: item for item in declared}
    found: dict[str, tuple[tuple[int, date, int], PolicyValue]] = {}
    rows = PolicyValue.objects.filter(places, key__in=list(wanted), effective_date__lte=on)
    for row in rows.select_related("region"):
        rank = (_NEARNESS[PolicyLevel(row.level)], row.effective_date, row.pk)
        if row.key not in found or rank > found[row.key][0]:
            found[row.key] = (rank, row)
    return {
        key: PolicyInForce(item, item.parse(found[key][1].value), found[key][1])
        if key in found
        else PolicyInForce(item, item.default, None)
        for key, item in wanted.items()
    }


_NEARNESS = {PolicyLevel.MAKER: 0, PolicyLevel.REGION: 1, PolicyLevel.DEALER: 2}


def _reaching(*, dealer: Dealer | None = None, region: Region | None = None) -> Q:
    """The rows that reach a store, a region, or (neither given) everybody."""
    places = Q(level=PolicyLevel.MAKER)
    if dealer is not None:
        places |= Q(dealer=dealer)
    region_id = dealer.region_id if dealer is not None else region and region.pk
    return places | Q(region_id=region_id) if region_id else places


def policies_by_dealer(prefix: str, dealers: Iterable[Dealer], on: date) -> dict[int, dict[str, Any]]:
    """Every policy of a domain (`reminders.`) for many stores: {dealer id: {key: value}}; one query.

    For set-based statements, which take it as JSON and join it.
    """
    declared = {key: item for key, item in POLICIES.items() if key.startswith(prefix)}
    rows = list(
        PolicyValue.objects.filter(key__in=declared, effective_date__lte=on).order_by("effective_date", "pk")
    )
    maker = {row.key: row for row in rows if row.level == PolicyLevel.MAKER}
    by_region: dict[int, dict[str, PolicyValue]] = {}
    by_dealer: dict[int, dict[str, PolicyValue]] = {}
    for row in rows:
        if row.region_id:
            by_region.setdefault(row.region_id, {})[row.key] = row
        elif row.dealer_id:
            by_dealer.setdefault(row.dealer_id, {})[row.key] = row
    result = {}
    for dealer in dealers:
        nearest = {**maker, **by_region.get(dealer.region_id or 0, {}), **by_dealer.get(dealer.pk, {})}
        result[dealer.pk] = {
            key: item.parse(nearest[key].value) if key in nearest else item.default
            for key, item in declared.items()
        }
    return result


def network_policy(declared: Policy[T], on: date) -> T:
    """The value the manufacturer set, or the default: for what is decided before a store is known."""
    with unscoped("the manufacturer's value is nobody's row"):
        row = (
            PolicyValue.objects.filter(level=PolicyLevel.MAKER, key=declared.key, effective_date__lte=on)
            .order_by("-effective_date", "-pk")
            .first()
        )
    return declared.parse(row.value) if row else declared.default
