"""The queue of a store: tabs, counts, whose turn it is; who works calls; what is about to be too late."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet

from huichang.domains.accounts.models import User
from huichang.domains.contacts.queries import contact_count, rules_of
from huichang.domains.dealers.models import Dealer, Delegation, StorePost
from huichang.domains.dealers.queries import policy
from huichang.domains.worklist import policies
from huichang.domains.worklist.models import CallTask, Step, TaskStatus, ToDo
from huichang.domains.worklist.permissions import P
from huichang.kernel.actors import Actor
from huichang.kernel.worktime import day_bounds, local_date, local_moment

TODAY, OVERDUE, SECOND, LATER, MINE = "today", "overdue", "second", "later", "mine"
TABS = (TODAY, OVERDUE, SECOND, LATER, MINE)


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the queue, for paging by key: the row after (last_safe_day, id)."""

    day: date
    pk: int

    def __str__(self) -> str:
        return f"{self.day:%Y%m%d}-{self.pk}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """The place of a page address; None for what is not one."""
        head, _, tail = text.partition("-")
        try:
            return cls(datetime.strptime(head, "%Y%m%d").date(), int(tail))  # noqa: DTZ007 - a day has no zone
        except ValueError:
            return None


def _tab(tab: str, actor: Actor, now: datetime) -> Q:
    _start, end = day_bounds(local_date(now))
    ready = Q(ready_at__lt=end)
    mine = Q(assigned_to_id=actor.user_id) | Q(claimed_by_id=actor.user_id, claimed_until__gt=now)
    return {
        TODAY: ready,
        OVERDUE: ready & Q(last_safe_day__lt=local_date(now)),
        SECOND: ready & Q(step=Step.SECOND_CALL),
        LATER: Q(ready_at__gte=end),
        MINE: mine,
    }.get(tab, ready)


def queue(dealer: Dealer, tab: str, *, actor: Actor, now: datetime) -> QuerySet[CallTask]:
    """Open tasks of a tab, the one that becomes too late first on top."""
    return CallTask.objects.filter(_tab(tab, actor, now), dealer=dealer, status=TaskStatus.OPEN).order_by(
        "last_safe_day", "pk"
    )


def queue_page(
    dealer: Dealer, tab: str, *, actor: Actor, now: datetime, after: Place | None = None, size: int = 30
) -> list[CallTask]:
    """One page (plus one row when there is more) with customer, car and claimer; `contacts` counts the pressure."""
    rows = queue(dealer, tab, actor=actor, now=now)
    if after:
        rows = rows.filter(Q(last_safe_day__gt=after.day) | Q(last_safe_day=after.day, pk__gt=after.pk))
    since = rules_of(dealer, now).since(now)
    return list(
        rows.select_related("customer", "car__vehicle", "claimed_by", "assigned_to").annotate(
            contacts=contact_count(since)
        )[: size + 1]
    )


def counts(dealer: Dealer, *, actor: Actor, now: datetime) -> Mapping[str, int]:
    """How many tasks stand in each tab; one query."""
    wanted = {tab: Count("pk", filter=_tab(tab, actor, now)) for tab in TABS}
    found: Mapping[str, int] = CallTask.objects.filter(dealer=dealer, status=TaskStatus.OPEN).aggregate(
        **wanted
    )
    return found


def takeable(rows: QuerySet[CallTask], *, dealer: Dealer, actor: Actor, now: datetime) -> QuerySet[CallTask]:
    """Those a person may be given next: free or one's own, ready by the minute, below the contact cap.

    Calls the customer asked for (agreed time, callback) are made whatever the cap. On its last safe day a call is
    everybody's, whoever it was given to: better another voice than none.
    """
    rules = rules_of(dealer, now)
    free = Q(claimed_by=None) | Q(claimed_by_id=actor.user_id) | Q(claimed_until__lte=now)
    whose = Q(assigned_to=None) | Q(assigned_to_id__in=[actor.user_id, *actor.substitute_for])
    wished = Q(step__in=[Step.CALL_LATER, Step.CALLBACK])
    whose |= ~wished & Q(last_safe_day__lte=local_date(now))
    return rows.annotate(contacts=contact_count(rules.since(now))).filter(
        free, whose, wished | Q(contacts__lt=rules.contacts), ready_at__lte=now
    )


def agents_of(dealer_id: int, today: date) -> list[User]:
    """People of a store whose role works calls today, by name."""
    posts = StorePost.objects.filter(
        Q(end_date=None) | Q(end_date__gt=today), dealer_id=dealer_id, start_date__lte=today,
        role__permissions__contains=[P.WORK.value], user__is_active=True,
    )  # fmt: skip
    return list(User.objects.filter(pk__in=posts.values("user_id")).order_by("name", "pk"))


def callers(dealers: Iterable[Dealer], on: date) -> list[tuple[int, int, str]]:
    """(dealer id, user id, name) of everybody whose role works calls at these stores on a day; one query."""
    posts = StorePost.objects.filter(
        Q(end_date=None) | Q(end_date__gt=on), dealer_id__in=[dealer.pk for dealer in dealers],
        start_date__lte=on, user__is_active=True, role__permissions__contains=[P.WORK.value],
    )  # fmt: skip
    rows = posts.order_by("dealer_id", "user_id").values_list("dealer_id", "user_id", "user__name")
    return list(rows.distinct())


def seats(dealers: Iterable[Dealer], on: date) -> dict[int, int]:
    """How many people take calls at each store on a day, by dealer id; two queries.

    Counted are the posts with the permission `worklist.take_calls` that do not assign calls to others, less those who
    handed their duties to another that day. Where there is none those count who may work calls at all, and at least one.
    """
    pks = [dealer.pk for dealer in dealers]
    away = set(
        Delegation.objects.filter(
            dealer_id__in=pks, start_date__lte=on, end_date__gt=on, ended_at=None
        ).values_list("dealer_id", "giver_id")
    )
    posts = StorePost.objects.filter(
        Q(end_date=None) | Q(end_date__gt=on), dealer_id__in=pks, start_date__lte=on, user__is_active=True,
        role__permissions__contains=[P.WORK.value],
    )  # fmt: skip
    callers: dict[int, set[int]] = {pk: set() for pk in pks}
    workers: dict[int, set[int]] = {pk: set() for pk in pks}
    for dealer_id, user_id, held in posts.values_list("dealer_id", "user_id", "role__permissions"):
        if (dealer_id, user_id) not in away:
            workers[dealer_id].add(user_id)
            if P.TAKE_CALLS in held and P.ASSIGN not in held:
                callers[dealer_id].add(user_id)
    return {pk: len(callers[pk]) or len(workers[pk]) or 1 for pk in pks}


def nearly_late(
    dealer: Dealer,
    *,
    now: datetime,
    days: int,
    also: Sequence[int] = (),
    holder_id: int | None = None,
    limit: int = 200,
) -> list[CallTask]:
    """Open tasks whose last safe day is past or within `days`, and those of the ids `also`, soonest first.

    With `holder_id` instead all open tasks that are given to this person or that they have claimed.
    """
    until = local_date(now) + timedelta(days=days)
    near = Q(last_safe_day__lte=until) | Q(pk__in=list(also))
    if holder_id is not None:
        near = Q(assigned_to_id=holder_id) | Q(claimed_by_id=holder_id, claimed_until__gt=now)
    return list(
        CallTask.objects.filter(near, dealer=dealer, status=TaskStatus.OPEN)
        .select_related("customer", "car__vehicle", "assigned_to", "claimed_by")
        .order_by("last_safe_day", "pk")[:limit]
    )


def due_today(dealer: Dealer, now: datetime) -> datetime:
    """When a to-do of today is due: the store's hour, or an hour from now when that is near or past."""
    today = local_date(now)
    by = local_moment(today, policy(policies.TO_DO_BY, dealer, today))
    return max(by, now + timedelta(hours=1))


def to_dos(actor: Actor) -> QuerySet[ToDo]:
    """The open to-dos of a person in the open scope: given to them, or a duty they hold. Soonest due first."""
    rows = ToDo.objects.filter(status=TaskStatus.OPEN)
    if not actor.is_system:
        rows = rows.filter(
            Q(assigned_to_id__in=[actor.user_id, *actor.substitute_for])
            | Q(assigned_to=None, needs__in=actor.permissions)
        )
    return rows.select_related("assigned_to").order_by("due_at", "pk")


def is_mine(todo: ToDo, actor: Actor) -> bool:
    """Whether a to-do is among a person's own, as `to_dos` finds them."""
    if todo.assigned_to_id is not None:
        return actor.is_system or todo.assigned_to_id in {actor.user_id, *actor.substitute_for}
    return actor.is_system or todo.needs in actor.permissions


def ended_to_dos(actor: Actor, since: datetime) -> QuerySet[ToDo]:
    """What was done or called off of a person's to-dos since a moment, the latest first."""
    mine = Q(assigned_to_id=actor.user_id) | Q(assigned_to=None, needs__in=actor.permissions)
    rows = ToDo.objects.filter(mine, ended_at__gte=since).exclude(status=TaskStatus.OPEN)
    return rows.order_by("-ended_at", "-pk")
