"""Who acts. Every write names one `Actor`; nothing in a domain asks the request."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Permission(StrEnum):
    """Base of every domain's permissions; the value is `domain.verb`."""


class PermissionRefused(Exception):
    """The actor lacks the permission that an operation or a page asks for."""

    def __init__(self, permission: Permission, actor: Actor) -> None:
        super().__init__(f"{actor.name} lacks {permission.value}")
        self.permission = permission
        self.actor = actor


@dataclass(frozen=True, slots=True)
class Actor:
    """A person (or the system) with the permissions that hold in the open dealer scope.

    `dealer_id` is the store at whose desk the person sits now; None for people of the network
    (region, manufacturer), whose reach is `dealer_ids`. `substitute_for` names the person whose duties are
    being done under a delegation (PRM-04). A system actor may do everything.
    """

    name: str
    user_id: int | None = None
    dealer_id: int | None = None
    dealer_ids: tuple[int, ...] = ()
    permissions: frozenset[str] = field(default_factory=frozenset)
    substitute_for: tuple[int, ...] = ()
    is_system: bool = False
    language: str = "zh-hans"

    def can(self, permission: Permission) -> bool:
        return self.is_system or permission.value in self.permissions

    def require(self, permission: Permission) -> None:
        """Raise PermissionRefused unless the actor has `permission`."""
        if not self.can(permission):
            raise PermissionRefused(permission, self)

    def holding(self, *permissions: Permission) -> Actor:
        """The same person with these permissions, too: what an act brings with it, whoever may do the act."""
        return replace(self, permissions=self.permissions | {one.value for one in permissions})

    def by_rule(self) -> Actor:
        """The same person, free to do what the rules make of the act. On record it stays theirs."""
        return replace(self, is_system=True)


def system(name: str) -> Actor:
    """An actor for jobs and commands; `name` is what the record's time line shows."""
    return Actor(name=name, is_system=True)
