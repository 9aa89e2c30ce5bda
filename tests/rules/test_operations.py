"""Operations, roles, policies, texts: the registries."""

from __future__ import annotations

import inspect
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.utils.module_loading import autodiscover_modules

from huichang.config import translate
from huichang.domains.accounts.models import Level
from huichang.domains.accounts.roles import ROLES, RoleSeed
from huichang.domains.owners.rights import PERMISSIONS as RIGHTS
from huichang.kernel.actors import Actor, Permission
from huichang.kernel.operations import OPERATIONS, Declared, operation
from huichang.kernel.policies import POLICIES, Policy
from tests.rules.reading import PACKAGE, Source, sources

autodiscover_modules("permissions", "policies", "operations")


def permissions() -> set[str]:
    """Every permission some domain declares."""
    return {
        member.value for enum in Permission.__subclasses__()
        if enum.__module__.startswith("huichang.domains.")  # doors are no permissions; tests declare some, too
        for member in enum
    }  # fmt: skip


def operations_are_sound(found: Mapping[str, Declared]) -> list[str]:
    """A permission of its own or a lower domain, keyword-only, exactly one actor."""
    wrong = []
    for name, declared in found.items():
        parameters = inspect.signature(declared.function).parameters.values()
        permission: Any = declared.permission
        if not isinstance(permission, Permission):
            wrong.append(f"{name} needs no permission")
        if [p.name for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]:
            wrong.append(f"{name} takes positional arguments")
        if [p.annotation for p in parameters].count("Actor") != 1:
            wrong.append(f"{name} does not take exactly one actor")
    return wrong


def test_operations_are_sound() -> None:
    ours = {name: one for name, one in OPERATIONS.items() if name.startswith("huichang.")}
    assert len(ours) > 20
    assert operations_are_sound(ours) == []


def test_an_unsound_operation_is_seen() -> None:
    def free(*, actor: Actor) -> None: ...
    def loose(car: int, *, actor: Actor) -> None: ...
    def crowd(*, actor: Actor, helper: Actor) -> None: ...

    some = next(iter(OPERATIONS.values())).permission
    assert operations_are_sound({"free": Declared(free, "anything")})  # type: ignore[arg-type]  # the violation
    assert operations_are_sound({"loose": Declared(loose, some)})
    assert operations_are_sound({"crowd": Declared(crowd, some)})


def test_a_wrong_signature_does_not_even_import() -> None:
    def loose(car: int, *, actor: Actor) -> None: ...
    def unsigned(*, car: int) -> None: ...

    some = next(iter(OPERATIONS.values())).permission
    with pytest.raises(TypeError, match="keyword-only"):
        operation(some)(loose)
    with pytest.raises(TypeError, match="actor"):
        operation(some)(unsigned)


def role_permissions_exist(roles: Iterable[RoleSeed], known: Collection[str]) -> list[str]:
    return [
        f"{role.code} may {p}, which nobody declares"
        for role in roles
        for p in role.permissions
        if p not in known
    ]


def test_roles_may_only_what_exists() -> None:
    assert role_permissions_exist(ROLES, permissions()) == []
    assert {role.level for role in ROLES} <= set(Level.values)


def test_owners_may_only_what_exists() -> None:
    assert sorted({p for rights in RIGHTS.values() for p in rights} - permissions()) == []


def test_an_unknown_permission_of_a_role_is_seen() -> None:
    ghost = RoleSeed("ghost", "幽灵", "Ghost", "dealer", ("reminders.haunt",))
    assert role_permissions_exist([ghost], permissions())


def test_every_permission_is_held_by_some_role() -> None:
    held = {permission for role in ROLES for permission in role.permissions}
    held |= {permission for rights in RIGHTS.values() for permission in rights}
    doors = {
        name for name in permissions() if name.startswith("owner_door.")
    }  # of the owner's phone: no role's
    assert sorted(permissions() - held - doors) == []


def permission_values_name_their_domain(enums: Iterable[type[Permission]]) -> list[str]:
    return [
        f"{enum.__module__}: {member.value}"
        for enum in enums
        for member in enum
        if not re.fullmatch(rf"{enum.__module__.split('.')[-2]}\.[a-z_]+", member.value)
    ]


def test_permissions_are_called_domain_verb() -> None:
    ours = [e for e in Permission.__subclasses__() if e.__module__.startswith("huichang.domains.")]
    assert permission_values_name_their_domain(ours) == []


def test_a_permission_of_a_foreign_name_is_seen() -> None:
    functional: Any = Permission  # the functional form of an enum, which the stubs of StrEnum do not know
    planted = functional("P", {"SEE": "elsewhere.see"}, module="huichang.domains.planted.permissions")
    assert permission_values_name_their_domain([planted])


CHINESE = re.compile(r"[\u3400-\u9fff]")


def policies_are_told(found: Iterable[Policy[Any]], used: str) -> list[str]:
    """A Chinese label; unit and bounds when it is a number; a default within them; somebody reads it."""
    wrong = []
    for policy in found:
        number = not isinstance(policy.default, bool | str) and hasattr(policy.default, "__add__")
        if not CHINESE.search(policy.label):
            wrong.append(f"{policy.key} has no Chinese label")
        if number and not policy.unit:
            wrong.append(f"{policy.key} has no unit")
        if number and (policy.low is None or policy.high is None):
            wrong.append(f"{policy.key} has no bounds")
        elif number and not policy.low <= policy.default <= policy.high:
            wrong.append(f"{policy.key}: the default is out of bounds")
        elif policy.parse(policy.format(policy.default)) != policy.default:
            wrong.append(f"{policy.key} does not survive being stored")
        name = re.escape(policy.key.split(".")[1])
        if not any(re.fullmatch(family, policy.key) for family in FAMILIES) and not re.search(
            rf"\b{name}\b|\b{constant(policy)}\b", used
        ):
            wrong.append(f"{policy.key} is read by nobody")
    return wrong


# Policies declared and read in a loop over the kinds of reminders (reminders/kinds.py).
FAMILIES = (r"reminders\.[a-z_]+_(message|call|second|passed|within)_days", r"reminders\.[a-z_]+_(on|caller)")


def constant(policy: Policy[Any]) -> str:
    """The name it is declared under; a word that never occurs when there is none."""
    for source in sources(f"domains/{policy.domain}/policies*.py", f"domains/{policy.domain}/policies/*.py"):
        if hit := re.search(
            rf'^(\w+)[^\n]*= Policy\(\s*"{re.escape(policy.key)}"', source.text, re.MULTILINE
        ):
            return hit.group(1)
    return "no constant"


def _readers() -> str:
    """What may read a policy: everything but the declarations themselves, groups of them included."""
    texts = [s.text for s in sources("**/*.py", "**/*.sql") if not s.name.startswith("policies")]
    for source in sources("domains/*/policies.py"):  # a group is read as a whole: what it names is in use
        for group in re.findall(r"^(\w+) = \(\n?([A-Z0-9_,\s]+)\)", source.text, re.MULTILINE):
            if any(re.search(rf"\b{group[0]}\b", text) for text in texts):
                texts.append(group[1])
    return "\n".join(texts)


def test_policies_are_told_and_used() -> None:
    ours = [p for key, p in POLICIES.items() if not key.startswith("planted.")]
    assert policies_are_told(ours, _readers()) == []


def test_a_policy_that_is_not_told_is_seen() -> None:
    try:
        plain = Policy("planted.plain", 5, "five")
        unbound = Policy("planted.unbound", 5, "五", "天")
        outside = Policy("planted.outside", 5, "五", "天", low=6, high=9)
        unread = Policy("planted.unread", 5, "五", "天", low=1, high=9)
        assert len(policies_are_told([plain], "plain")) == 3
        assert policies_are_told([unbound], "unbound") == ["planted.unbound has no bounds"]
        assert policies_are_told([outside], "outside") == ["planted.outside: the default is out of bounds"]
        assert policies_are_told([unread], "nothing") == ["planted.unread is read by nobody"]
        assert policies_are_told([unread], "row['unread']") == []
    finally:
        for key in [key for key in POLICIES if key.startswith("planted.")]:
            del POLICIES[key]


def test_policies_name_their_domain() -> None:
    declared = {
        key: source.parts[1]
        for source in sources("domains/*/policies.py")
        for key in re.findall(r'Policy\(\s*"([\w.]+)"', source.text)
    }
    assert [key for key, domain in declared.items() if not key.startswith(f"{domain}.")] == []


def test_every_text_is_translated() -> None:
    assert translate.problems() == []


def test_a_text_without_english_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    first = next(iter(translate.sources()))
    known = translate.translations()
    monkeypatch.setattr(translate, "translations", lambda: {k: v for k, v in known.items() if k != first})
    assert any(first in problem or repr(first) in problem for problem in translate.problems())
    monkeypatch.setattr(translate, "translations", lambda: {**known, "还有 {count} 天": "days left"})
    assert any("placeholders" in problem for problem in translate.problems())


def test_a_text_with_two_englishes_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("预约\tBookings\n车辆\tCars\n", encoding="utf-8")
    (tmp_path / "b.tsv").write_text("预约\tBook\n车辆\tCars\n", encoding="utf-8")
    assert translate.contradictions(tmp_path) == ["b.tsv:1: '预约' is 'Bookings' in a.tsv:1"]


def test_every_domain_describes_itself() -> None:
    """`docs/domains/<name>.md` for each installed domain, and no longer than a page."""
    missing = []
    for folder in sorted((PACKAGE / "domains").iterdir()):
        page = PACKAGE.parents[1] / "docs" / "domains" / f"{folder.name}.md"
        if (folder / "apps.py").is_file() and not page.is_file():
            missing.append(page.name)
    assert missing == []


def test_sources_are_read() -> None:
    assert isinstance(sources("kernel/*.py")[0], Source)
