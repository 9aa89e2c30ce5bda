"""Posts and reach of people, policy values, stores: the reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

from huichang.domains.accounts.models import Level, User
from huichang.domains.dealers.batch import Setting, policy_values
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

V = TypeVar("V")


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
        seen = seen.filter(region_id__in=regions_below({region for region in regions if region}))
    return Reach(
        stores=reach.stores,
        substitute_for=reach.substitute_for,
        network_dealer_ids=tuple(seen.order_by("code").values_list("pk", flat=True)),
        network_permissions=frozenset(p for post in posts for p in post.role.permissions),
        network_level=Level.MAKER if everywhere else Level.REGION,
        needs_totp=reach.needs_totp or any(post.role.requires_totp for post in posts),
    )


def people_of(dealer: Dealer) -> QuerySet[User]:
    """The people with a post in the store that has not ended, by name. Inside the store's scope."""
    posts = StorePost.objects.filter(dealer=dealer, end_date=None, user__is_active=True)
    return User.objects.filter(pk__in=posts.values("user_id")).order_by("name", "pk")


def regions_below(regions: Iterable[int]) -> set[int]:
    """Region ids with those below them; a query per level of the tree."""
    found = set(regions)
    todo = set(found)
    while todo:
        todo = set(Region.objects.filter(parent_id__in=todo).values_list("pk", flat=True)) - found
        found |= todo
    return found


def regions_of(dealer_ids: Iterable[int]) -> list[Region]:
    """The regions of these stores, and those above whose active stores all are among them; three queries."""
    reached, parents = set(dealer_ids), _parents()
    outside, inside = set[int](), set[int]()
    direct = set[int]()
    for pk, region_id in Dealer.objects.filter(is_active=True, region__isnull=False).values_list(
        "pk", "region_id"
    ):
        above = _chain(region_id, parents)
        (inside if pk in reached else outside).update(above)
        if pk in reached:
            direct.add(above[0])
    return list(Region.objects.filter(pk__in=direct | (inside - outside)).order_by("code"))


def _parents() -> dict[int, int | None]:
    """The whole tree of regions, child to parent: a few dozen rows; one query."""
    return dict(Region.objects.values_list("pk", "parent_id"))


def _chain(region_id: int | None, parents: Mapping[int, int | None]) -> list[int]:
    """A region with those above it, the nearest first; a ring in the tree is walked once."""
    found: list[int] = []
    while region_id and region_id not in found:
        found.append(region_id)
        region_id = parents.get(region_id)
    return found


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A policy's value at a store on a day, and the row it comes from (None: the built-in default)."""

    policy: Policy[Any]
    value: Any
    origin: PolicyValue | None


def policy(declared: Policy[T], dealer: Dealer, on: date) -> T:
    """The value in force at a store on a day: the nearest of store, its region, regions above, maker, default."""
    value: T = values_in_force([declared], dealer, on)[declared.key]
    return value


def values_in_force(declared: Iterable[Policy[Any]], dealer: Dealer, on: date) -> dict[str, Any]:
    """Values of several policies at a store on a day, by key, without where they come from; queries as below."""
    wanted = tuple(declared)
    rows = policy_values(dealer=dealer, keys=[item.key for item in wanted], on=on)
    return nearest_values(wanted, rows, dealer)


def nearest_values(
    declared: Iterable[Policy[Any]], rows: Iterable[Setting], dealer: Dealer
) -> dict[str, Any]:
    """The value of each policy by key: of the nearest of `rows`, else its default."""
    levels: dict[tuple[str, int], dict[str, str]] = {}
    for row in rows:
        levels.setdefault((row.level, row.place), {})[row.key] = row.value
    (found,) = _of_places(levels, [(dealer, dealer.region_id)])
    return {item.key: item.parse(found[item.key]) if item.key in found else item.default for item in declared}


def policies_in_force(declared: Iterable[Policy[Any]], dealer: Dealer, on: date) -> dict[str, PolicyInForce]:
    """Values of several policies at a store on a day, by key; one query, two where regions set values."""
    return _nearest(declared, on, dealer=dealer)


def policies_of_network(
    declared: Iterable[Policy[Any]], region: Region | None, on: date
) -> dict[str, PolicyInForce]:
    """Values that a region's stores (None: all stores) get unless something nearer says otherwise."""
    return _nearest(declared, on, region=region)


def policy_history(
    key: str, *, dealer: Dealer | None = None, region: Region | None = None
) -> list[PolicyValue]:
    """Every value of a policy that reaches a store (or region, or with neither the network), newest first."""
    rows = PolicyValue.objects.filter(_reaching(dealer=dealer, region=region), key=key)
    return list(rows.select_related("region").order_by("-effective_date", "-pk"))


def policies_to_come(
    *, after: date, dealer: Dealer | None = None, region: Region | None = None
) -> dict[str, PolicyValue]:
    """By key the next value that takes effect after a day at a place; two queries."""
    rows = PolicyValue.objects.filter(_reaching(dealer=dealer, region=region), effective_date__gt=after)
    # Sorted so that of several the earliest date's last row is the one that stays.
    return {row.key: row for row in rows.order_by("-effective_date", "pk")}


def _reaching(*, dealer: Dealer | None = None, region: Region | None = None) -> Q:
    """The rows that reach a store, a region, or (neither given) everybody: those of regions above included."""
    places = Q(level=PolicyLevel.MAKER)
    if dealer is not None:
        places |= Q(dealer=dealer)
    start = _start(dealer, region)
    return places | Q(region_id__in=_chain(start, _parents())) if start else places


def _start(dealer: Dealer | None, region: Region | None) -> int | None:
    """The nearest region of a place."""
    return dealer.region_id if dealer is not None else region.pk if region is not None else None


def _nearest(
    declared: Iterable[Policy[Any]], on: date, *, dealer: Dealer | None = None, region: Region | None = None
) -> dict[str, PolicyInForce]:
    wanted = {item.key: item for item in declared}
    start = _start(dealer, region)
    levels = Q(level=PolicyLevel.MAKER)
    if dealer is not None:
        levels |= Q(dealer=dealer)
    if start:
        levels |= Q(level=PolicyLevel.REGION)
    rows = PolicyValue.objects.filter(levels, key__in=list(wanted), effective_date__lte=on)
    found = _winners(rows.select_related("region").order_by("effective_date", "pk"), [(dealer, start)])[0]
    return {
        key: PolicyInForce(item, item.parse(found[key].value), found[key])
        if key in found
        else PolicyInForce(item, item.default, None)
        for key, item in wanted.items()
    }


def _winners(
    rows: Iterable[PolicyValue], places: Iterable[tuple[Dealer | None, int | None]]
) -> list[dict[str, PolicyValue]]:
    """For each place (store, its region) the nearest row by key, of one level the last of `rows`.

    The tree of regions is read only when some region set a value: most stores pay one query.
    """
    levels: dict[tuple[str, int], dict[str, PolicyValue]] = {}
    for row in rows:
        place = row.dealer_id or row.region_id or 0
        levels.setdefault((row.level, place), {})[row.key] = row
    return _of_places(levels, places)


def _of_places(
    levels: Mapping[tuple[str, int], dict[str, V]], places: Iterable[tuple[Dealer | None, int | None]]
) -> list[dict[str, V]]:
    """For each place the nearest of what stands at (level, place) by key; see `_winners`."""
    regional = any(level == PolicyLevel.REGION for level, _place in levels)
    parents = _parents() if regional else {}
    found = []
    for dealer, region_id in places:
        nearest = dict(levels.get((PolicyLevel.MAKER, 0), {}))
        for above in reversed(_chain(region_id, parents) if regional else []):
            nearest |= levels.get((PolicyLevel.REGION, above), {})
        found.append(nearest | levels.get((PolicyLevel.DEALER, dealer.pk), {}) if dealer else nearest)
    return found


def policies_by_dealer(prefix: str, dealers: Iterable[Dealer], on: date) -> dict[int, dict[str, Any]]:
    """Every policy of a domain (`reminders.`) for many stores: {dealer id: {key: value}}; two queries at most.

    For set-based statements, which take it as JSON and join it.
    """
    declared = {key: item for key, item in POLICIES.items() if key.startswith(prefix)}
    rows = PolicyValue.objects.filter(key__in=declared, effective_date__lte=on)
    stores = list(dealers)
    nearest = _winners(rows.order_by("effective_date", "pk"), [(one, one.region_id) for one in stores])
    return {
        store.pk: {
            key: item.parse(values[key].value) if key in values else item.default
            for key, item in declared.items()
        }
        for store, values in zip(stores, nearest, strict=True)
    }


def network_policy(declared: Policy[T], on: date) -> T:
    """The value the manufacturer set, or the default: for what is decided before a store is known."""
    with unscoped("the manufacturer's value is nobody's row"):
        row = (
            PolicyValue.objects.filter(level=PolicyLevel.MAKER, key=declared.key, effective_date__lte=on)
            .order_by("-effective_date", "-pk")
            .first()
        )
    return declared.parse(row.value) if row else declared.default
