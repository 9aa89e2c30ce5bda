"""People with posts in the open scope: reads for the pages. Another store's people are simply not found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from huichang.domains.accounts.models import Level, Role, User
from huichang.domains.dealers.models import Delegation, NetworkPost, StorePost
from huichang.interfaces.sessions import StaffRequest

PAGE = 50


@dataclass(slots=True)
class Person:
    """A person of the list with the posts that the viewer may see."""

    user: User
    posts: list[StorePost] = field(default_factory=list)
    network_posts: list[NetworkPost] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class People:
    """One keyset page; `next` is the mark of the following page or empty."""

    rows: list[Person]
    next: str


def sees_network(request: StaffRequest) -> bool:
    """Whether posts at regions and the manufacturer are shown: to the manufacturer's own people."""
    return request.store is None and request.reach.network_level == Level.MAKER


def people(
    request: StaffRequest, today: date, *, text: str = "", gone: bool = False, after: str = ""
) -> People:
    """People by name, `PAGE` at a time: with a post today or to come, or (`gone`) with none any more.

    Three queries, four for the manufacturer, whatever the number of people.
    """
    users = _visible(request, today, gone=gone)
    if text.strip():
        users = users.filter(Q(name__contains=text.strip()) | Q(username__startswith=text.strip().lower()))
    if after:
        name, _, pk = after.rpartition("~")
        users = users.filter(Q(name__gt=name) | Q(name=name, pk__gt=int(pk) if pk.isdigit() else 0))
    found = list(users.order_by("name", "pk")[: PAGE + 1])
    page = found[:PAGE]
    more = f"{page[-1].name}~{page[-1].pk}" if len(found) > PAGE else ""
    return People(_with_posts(request, page, None if gone else today), more)


def _visible(request: StaffRequest, today: date, *, gone: bool) -> QuerySet[User]:
    posts = StorePost.objects.filter(user=OuterRef("pk"))
    lasting = Q(end_date=None) | Q(end_date__gt=today)
    seen, current = Q(Exists(posts)), Q(Exists(posts.filter(lasting)))
    if sees_network(request):
        above = NetworkPost.objects.filter(user=OuterRef("pk"))
        seen, current = seen | Q(Exists(above)), current | Q(Exists(above.filter(lasting)))
    return User.objects.filter(seen).exclude(current) if gone else User.objects.filter(current)


def _with_posts(request: StaffRequest, users: Iterable[User], today: date | None) -> list[Person]:
    rows = {user.pk: Person(user) for user in users}
    lasting = Q() if today is None else Q(end_date=None) | Q(end_date__gt=today)
    posts = StorePost.objects.filter(lasting, user__in=rows).select_related("role", "dealer", "user")
    for post in posts.order_by("-start_date", "pk"):
        rows[post.user_id].posts.append(post)
    if sees_network(request):
        above = NetworkPost.objects.filter(lasting, user__in=rows).select_related("role", "region")
        for held in above.order_by("-start_date", "pk"):
            rows[held.user_id].network_posts.append(held)
    return list(rows.values())


def person_or_404(request: StaffRequest, pk: int) -> Person:
    """A person with all posts, past ones included, that the viewer may see."""
    user = User.objects.filter(pk=pk).first()
    found = _with_posts(request, [user], None)[0] if user else None
    if found is None or not (found.posts or found.network_posts):
        raise Http404
    return found


def colleagues(today: date) -> QuerySet[User]:
    """People with a post in the open scope that lasts, by name."""
    posts = StorePost.objects.filter(Q(end_date=None) | Q(end_date__gt=today), user=OuterRef("pk"))
    return User.objects.filter(Exists(posts), is_active=True).order_by("name", "pk")


def delegations(today: date, *, user: User | None = None) -> list[Delegation]:
    """Those that run or will; of one person when given. Ended ones are in the record's history."""
    rows = Delegation.objects.filter(ended_at=None, end_date__gt=today)
    if user is not None:
        rows = rows.filter(Q(giver=user) | Q(substitute=user))
    return list(rows.select_related("giver", "substitute", "dealer").order_by("start_date", "pk"))


def past_delegations(today: date, limit: int = 30) -> list[Delegation]:
    """The latest that are over or were ended."""
    rows = Delegation.objects.filter(Q(ended_at__isnull=False) | Q(end_date__lte=today))
    return list(rows.select_related("giver", "substitute", "dealer").order_by("-end_date", "-pk")[:limit])


def role_name(role: Role, language: str) -> str:
    """The role's name in a person's language."""
    return role.name_en if language == "en" and role.name_en else role.name
