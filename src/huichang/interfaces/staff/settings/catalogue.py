"""The declared policies as the page shows them: grouped, with the value in force and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from importlib import import_module
from typing import Any

from django.apps import apps
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from huichang.domains.dealers import queries
from huichang.domains.dealers.models import Dealer, PolicyLevel, PolicyValue, Region
from huichang.domains.reminders.kinds import KINDS
from huichang.kernel.policies import POLICIES, Policy
from huichang.ui import formats

# Read before the store of the person is known (sign-in): only the manufacturer's value counts.
NETWORK_ONLY = frozenset({"accounts"})


def load() -> None:
    """Import every domain's `policies`, so that the registry is whole whoever else was imported."""
    for app in apps.get_app_configs():
        if app.name.startswith("huichang.domains.") and module_has_submodule(app.module, "policies"):
            import_module(f"{app.name}.policies")


@dataclass(frozen=True, slots=True)
class Place:
    """Where policies are looked at and set: a store, a region, or (neither) the manufacturer."""

    dealer: Dealer | None = None
    region: Region | None = None

    @property
    def level(self) -> str:
        if self.dealer is not None:
            return str(PolicyLevel.DEALER)
        return str(PolicyLevel.REGION if self.region is not None else PolicyLevel.MAKER)

    @property
    def name(self) -> str:
        return str(self.dealer or self.region or _("主机厂"))

    def in_force(self, declared: list[Policy[Any]], on: date) -> dict[str, queries.PolicyInForce]:
        if self.dealer is not None:
            return queries.policies_in_force(declared, self.dealer, on)
        return queries.policies_of_network(declared, self.region, on)

    def history(self, key: str) -> list[PolicyValue]:
        return queries.policy_history(key, dealer=self.dealer, region=self.region)

    def to_come(self, after: date) -> dict[str, PolicyValue]:
        return queries.policies_to_come(after=after, dealer=self.dealer, region=self.region)


@dataclass(frozen=True, slots=True)
class Line:
    """One policy in the list: `value` as people write it, `origin` in words, what comes next."""

    key: str
    label: str
    help: str
    value: str
    unit: str
    origin: str
    is_default: bool
    coming: str


@dataclass(frozen=True, slots=True)
class Grid:
    """Policies that every kind of reminder has: one row a kind, one column a step; an empty cell is None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Line | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The policies of one domain."""

    domain: str
    label: str
    lines: tuple[Line, ...]
    note: str = ""
    grid: Grid | None = None


def groups(place: Place, on: date, *, text: str = "", own: bool = False) -> list[Group]:
    """All policies of a place on a day by domain; `text` narrows to labels that hold it, `own` to set ones.

    Two queries whatever the number of policies.
    """
    load()
    in_force = place.in_force(list(POLICIES.values()), on)
    coming = place.to_come(on)
    found: dict[str, list[Line]] = {}
    for key, item in in_force.items():
        line = _line(item, coming.get(key))
        if _matches(line, text) and not (own and line.is_default and not line.coming):
            found.setdefault(item.policy.domain, []).append(line)
    return [_group(domain, lines, place) for domain, lines in _in_order(found)]


def _line(item: queries.PolicyInForce, coming: PolicyValue | None) -> Line:
    policy = item.policy
    return Line(
        key=policy.key, label=label(policy), help=_(policy.help) if policy.help else "",
        value=shown(policy, item.value), unit=_(policy.unit) if policy.unit else "",
        origin=origin(item.origin), is_default=item.origin is None,
        coming=_coming(policy, coming),
    )  # fmt: skip


def _matches(line: Line, text: str) -> bool:
    wanted = text.strip().lower()
    return wanted in f"{line.label} {line.help} {line.key}".lower()


def _in_order(found: dict[str, list[Line]]) -> Iterator[tuple[str, list[Line]]]:
    """Reminders first: they are what a store sets before its first list (SYS-01)."""
    installed = [app.label for app in apps.get_app_configs()]
    order = ["reminders", "contacts", "worklist", "appointments", *installed]
    return iter(sorted(found.items(), key=lambda item: order.index(item[0])))


def _group(domain: str, lines: list[Line], place: Place) -> Group:
    note = ""
    if domain in NETWORK_ONLY and place.level != PolicyLevel.MAKER:
        note = _("由主机厂统一设置")
    name = _(str(apps.get_app_config(domain).verbose_name))
    apart = {policy.key for kind in KINDS.values() for policy in kind.policies.values()}
    rest = tuple(line for line in lines if line.key not in apart)
    return Group(domain, name, rest, note, _grid({line.key: line for line in lines if line.key in apart}))


def _grid(lines: dict[str, Line]) -> Grid | None:
    """The days of every kind side by side; None when no such policy is shown."""
    if not lines:
        return None
    kinds = [kind for kind in KINDS.values() if any(policy.key in lines for policy in kind.policies.values())]
    steps = [step for step in STEPS if any(step in kind.policies for kind in kinds)]
    rows = tuple(
        (
            str(kind.label),
            tuple(lines.get(kind.policies[step].key) if step in kind.policies else None for step in steps),
        )
        for kind in kinds
    )
    return Grid(tuple(_(STEPS[step]) for step in steps), rows)


# The columns of the grid, in the order in which things happen.
STEPS = {
    "on": gettext_noop("启用"), "caller": gettext_noop("由谁致电"),
    "message": gettext_noop("提前发消息"), "call": gettext_noop("提前致电"),
    "second": gettext_noop("提前二次致电"),
    "within": gettext_noop("过期后致电期限"), "passed": gettext_noop("过期后自动结束"),
}  # fmt: skip


def label(policy: Policy[Any]) -> str:
    """The name of a policy. Those of a reminder kind are two texts with a colon: kind and step."""
    return ":".join(_(part) for part in policy.label.split(":"))


def shown(policy: Policy[Any], value: Any) -> str:
    """A value as people write it, without its unit."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if policy.choices:
        return choice(str(value))
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, int):
        return formats.thousands(value)
    return str(value) or _("(空)")


# What the codes of choices mean.
CHOICES = {
    "team": gettext_noop("轮到谁就谁"), "last_agent": gettext_noop("上次谈过的人"),
    "service_advisor": gettext_noop("服务顾问"), "sales_advisor": gettext_noop("销售顾问"),
    "surname": gettext_noop("姓和称呼"), "masked": gettext_noop("隐去名字的一部分"), "plate": gettext_noop("只显示车牌"),
}  # fmt: skip


def choice(code: str) -> str:
    """A choice as people say it; numbers and words that explain themselves stay."""
    return _(CHOICES[code]) if code in CHOICES else _(code)


def origin(row: PolicyValue | None) -> str:
    """`本店 2026-11-01 起 · 王经理`."""
    if row is None:
        return _("出厂默认值")
    return _("{place} {day} 起 · {who}").format(
        place=place_of(row), day=formats.day(row.effective_date), who=row.author_name
    )


def place_of(row: PolicyValue) -> str:
    if row.level == PolicyLevel.REGION and row.region is not None:
        return row.region.name
    return str(row.get_level_display())


def _coming(policy: Policy[Any], row: PolicyValue | None) -> str:
    if row is None:
        return ""
    value = f"{shown(policy, policy.parse(row.value))} {_(policy.unit) if policy.unit else ''}".strip()
    return _("{day} 起改为 {value}").format(day=formats.day(row.effective_date), value=value)


def bounds(policy: Policy[Any]) -> str:
    """What may be typed, in words: `允许 1 到 60 天,默认 13 天`."""
    unit = _(policy.unit) if policy.unit else ""
    default = f"{shown(policy, policy.default)} {unit}".strip()
    if policy.low is not None and policy.high is not None:
        text = _("允许 {low} 到 {high} {unit},默认 {default}").format(
            low=shown(policy, policy.low), high=shown(policy, policy.high), unit=unit, default=default
        )
    elif policy.low is not None:
        text = _("不小于 {low} {unit},默认 {default}").format(
            low=shown(policy, policy.low), unit=unit, default=default
        )
    else:
        text = _("默认 {default}").format(default=default)
    return text.replace(" ,", ",")
