"""People at their posts: who does what where, who stands in for whom, who may sign in."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from huichang.domains.accounts.models import Level, Role, User
from huichang.domains.accounts.operations import edit_role, reset_password, set_active
from huichang.domains.accounts.permissions import P as AccountsP
from huichang.domains.dealers.models import Dealer, Delegation, NetworkPost, Region, StorePost
from huichang.domains.dealers.permissions import P
from huichang.domains.dealers.reach import may_hand_out, require_reach, stores_of
from huichang.kernel.actors import Actor
from huichang.kernel.operations import OperationRefused, operation
from huichang.kernel.scoping import unscoped
from huichang.kernel.worktime import local_date


@operation(P.DELEGATE)
def delegate(
    *,
    dealer: Dealer,
    giver: User,
    substitute: User,
    start_date: date,
    end_date: date,
    reason: str,
    actor: Actor,
) -> Delegation:
    """Give a person's duties to another from `start_date` up to, not including, `end_date` (PRM-04).

    One's own duties may always be handed over; another's only by somebody who could do them, too, or by who appoints
    for the store, to others: otherwise a delegation to oneself would be a way up.
    """
    if end_date <= start_date:
        raise OperationRefused(_("结束日期要晚于开始日期"), field="end_date")
    if giver == substitute:
        raise OperationRefused(_("不能委托给本人"), field="substitute")
    appoints = actor.can(AccountsP.APPOINT) and substitute.pk != actor.user_id
    own = giver.pk == actor.user_id
    if not own and not appoints and not may_hand_out(actor, _permissions_here(dealer, giver, start_date)):
        raise OperationRefused(_("{name}的权限超出您自己的权限。").format(name=giver.name), field="giver")
    here = StorePost.objects.filter(dealer=dealer, user=substitute, end_date=None)
    if not here.exists():
        raise OperationRefused(
            _("{name}在本店没有岗位。请先给他一个岗位。").format(name=substitute.name), field="substitute"
        )
    return Delegation.objects.create(
        dealer=dealer,
        giver=giver,
        substitute=substitute,
        start_date=start_date,
        end_date=end_date,
        reason=reason,
    )


@operation(P.DELEGATE)
def end_delegation(*, delegation: Delegation, actor: Actor, now: datetime) -> None:
    """End a delegation at once. Ending it twice changes nothing."""
    if delegation.ended_at is None:
        delegation.ended_at = now
        delegation.save(update_fields=["ended_at"])


@operation(AccountsP.EDIT_PEOPLE)
def give_post(*, dealer: Dealer, user: User, role: Role, start_date: date, actor: Actor) -> StorePost:
    """Give a person a role in a store (PRM-01). Raises OperationRefused when they hold it already.

    Nobody may hand out a role that can do more than they themselves can; who appoints for the store may, to others.
    """
    if role.level != Level.DEALER:
        raise OperationRefused(_("“{role}”不是门店岗位。").format(role=role.name), field="role")
    if not actor.can(AccountsP.APPOINT) or user.pk == actor.user_id:
        _require_power_over(actor, role)
    if StorePost.objects.filter(dealer=dealer, user=user, role=role, end_date=None).exists():
        raise OperationRefused(_("{name}已经担任这个岗位。").format(name=user.name), field="role")
    return StorePost.objects.create(dealer=dealer, user=user, role=role, start_date=start_date)


@operation(AccountsP.EDIT_PEOPLE)
def end_post(*, post: StorePost, end_date: date, actor: Actor) -> None:
    """End a post before `end_date` (exclusive). Nobody ends their own post, or one above their own powers."""
    if post.user_id == actor.user_id:
        raise OperationRefused(_("不能结束自己的岗位。请让另一位管理员来做。"))
    _require_power_over(actor, post.role)
    post.end_date = max(end_date, post.start_date)
    post.save(update_fields=["end_date"])


def _require_power_over(actor: Actor, role: Role) -> None:
    if not may_hand_out(actor, role.permissions):
        raise OperationRefused(_("“{role}”的权限超出您自己的权限。").format(role=role.name), field="role")


def _permissions_here(dealer: Dealer, user: User, on: date) -> set[str]:
    posts = StorePost.objects.filter(dealer=dealer, user=user).filter(Q(end_date=None) | Q(end_date__gt=on))
    return {name for post in posts.select_related("role") for name in post.role.permissions}


@operation(AccountsP.EDIT_PEOPLE)
def engage(
    *, dealer: Dealer, username: str, name: str, role: Role, start_date: date, actor: Actor
) -> StorePost:
    """Give a post here to a person who already signs in elsewhere (one person, several stores).

    Login name and registered name must both be right, and the refusal does not say which was wrong: the page
    must not become a directory of other stores' people.
    """
    user = User.objects.filter(username=username.strip().lower(), name=name.strip(), is_active=True).first()
    if user is None:
        raise OperationRefused(_("没有登录名和姓名都相符的人员。"), field="username")
    return give_post(dealer=dealer, user=user, role=role, start_date=start_date, actor=actor)


@operation(AccountsP.EDIT_PEOPLE)
def renew_password(*, user: User, password: str, actor: Actor, now: datetime) -> None:
    """Give a person a passing password. Refused for whoever also works where the actor has no say."""
    _require_say_over(actor, user, local_date(now))
    reset_password(user=user, password=password, actor=actor)


@operation(AccountsP.EDIT_PEOPLE)
def admit(*, user: User, is_active: bool, actor: Actor, now: datetime) -> None:
    """Let a person sign in, or no longer. Refused for whoever also works where the actor has no say."""
    _require_say_over(actor, user, local_date(now))
    set_active(user=user, is_active=is_active, actor=actor)


def _require_say_over(actor: Actor, user: User, today: date) -> None:
    """A sign-in opens everything the person may do, so who handles it must reach all of it.

    Otherwise a manager could give a person of another store a post here, a new password, and walk into the
    other store with it.
    """
    if actor.is_system:
        return
    with unscoped("all posts of the person decide, also those in stores the actor does not see"):
        posts = list(
            StorePost.objects.filter(user=user)
            .filter(Q(end_date=None) | Q(end_date__gt=today))
            .select_related("role")
        )
    network = NetworkPost.objects.filter(user=user).filter(Q(end_date=None) | Q(end_date__gt=today))
    elsewhere = any(post.dealer_id not in actor.dealer_ids for post in posts)
    if elsewhere or (network.exists() and not actor.can(P.EDIT_STORES)):
        raise OperationRefused(
            _("{name}还在别处任职。登录只能由能管到全部岗位的人维护。").format(name=user.name)
        )
    if not may_hand_out(actor, {name for post in posts for name in post.role.permissions}):
        raise OperationRefused(_("{name}的权限超出您自己的权限。").format(name=user.name))


@operation(AccountsP.EDIT_ROLES)
def shape_role(*, role: Role, permissions: list[str], requires_totp: bool, actor: Actor) -> None:
    """Set what a role may do. Roles hold in every store, so only who reaches every store may change one.

    Who opens stores may give a role anything, also what they do not do themselves.
    """
    require_reach(actor, stores_of(None, None))
    if may_hand_out(actor, permissions):
        actor = dataclasses.replace(actor, permissions=actor.permissions | set(permissions))
    edit_role(role=role, permissions=permissions, requires_totp=requires_totp, actor=actor)


@operation(P.EDIT_STORES)
def give_network_post(
    *, user: User, role: Role, region: Region | None, start_date: date, actor: Actor
) -> NetworkPost:
    """Give a person a role at a region, or at the manufacturer (`region` None)."""
    require_reach(actor, stores_of(None, region))
    if role.level == Level.DEALER:
        raise OperationRefused(_("“{role}”是门店岗位。").format(role=role.name), field="role")
    return NetworkPost.objects.create(user=user, role=role, region=region, start_date=start_date)


@operation(P.EDIT_STORES)
def end_network_post(*, post: NetworkPost, end_date: date, actor: Actor) -> None:
    """End a post above the stores before `end_date` (exclusive). Nobody ends their own."""
    if post.user_id == actor.user_id:
        raise OperationRefused(_("不能结束自己的岗位。请让另一位管理员来做。"))
    require_reach(actor, stores_of(None, post.region))
    post.end_date = max(end_date, post.start_date)
    post.save(update_fields=["end_date"])
