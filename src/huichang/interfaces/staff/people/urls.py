from __future__ import annotations

from huichang.domains.accounts.models import Role
from huichang.domains.accounts.permissions import P
from huichang.domains.dealers.models import StorePost
from huichang.domains.dealers.permissions import P as DealersP
from huichang.interfaces.pages import Rail, page
from huichang.interfaces.staff.people import roles, views


def _a_person() -> dict[str, int]:
    return {"pk": StorePost.objects.order_by("pk").values_list("user_id", flat=True)[0]}


def _a_role() -> dict[str, int]:
    return {"pk": Role.objects.order_by("pk").values_list("pk", flat=True)[0]}


urlpatterns = [
    page(
        "people", views.people, needs=P.SEE_PEOPLE, name="people", title="人员与岗位",
        rail=Rail("系统管理", "users-group", 20), help="people", network=True,
    ),
    page(
        "people/new", views.new, needs=P.EDIT_PEOPLE, name="person-new", title="新建人员", help="people",
        network=True,
    ),
    page(
        "people/join", views.join, needs=P.EDIT_PEOPLE, name="person-join", title="加入已有人员", help="people",
        network=True,
    ),
    page(
        "people/<int:pk>", views.person, needs=P.SEE_PEOPLE, name="person", title="人员", help="people",
        network=True, sample=_a_person,
    ),
    page(
        "people/<int:pk>/posts", views.give_post, needs=P.EDIT_PEOPLE, name="post-give", network=True,
        writes=True, sample=_a_person,
    ),
    page(
        "people/<int:pk>/posts/<int:post>/end", views.end_post, needs=P.EDIT_PEOPLE, name="post-end",
        network=True, writes=True,
    ),
    page(
        "people/<int:pk>/network-posts/<int:post>/end", views.end_network_post, needs=DealersP.EDIT_STORES,
        name="network-post-end", network=True, writes=True,
    ),
    page(
        "people/<int:pk>/password", views.password, needs=P.EDIT_PEOPLE, name="person-password", network=True,
        writes=True, sample=_a_person,
    ),
    page(
        "people/<int:pk>/active", views.active, needs=P.EDIT_PEOPLE, name="person-active", network=True,
        writes=True, sample=_a_person,
    ),
    page(
        "delegations", views.delegations, needs=DealersP.DELEGATE, name="delegations", title="职责代理",
        rail=Rail("系统管理", "user-check", 25), help="people",
    ),
    page(
        "delegations/<int:pk>/end", views.end_delegation, needs=DealersP.DELEGATE, name="delegation-end",
        writes=True,
    ),
    page(
        "roles", roles.roles, needs=P.SEE_PEOPLE, name="roles", title="角色与权限",
        rail=Rail("系统管理", "shield-lock", 30), help="people", network=True,
    ),
    page(
        "roles/<int:pk>", roles.role, needs=P.SEE_PEOPLE, name="role", title="角色", help="people", network=True,
        sample=_a_role,
    ),
]  # fmt: skip
