"""Policies: every number the business may want to change, declared once with unit, bounds and labels.

Stored by scope (manufacturer → region → dealer, the nearest wins) with an effective date and an author in
`dealers.PolicyValue`; read with `dealers.queries.policy(...)`. Never a bare constant (law).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, TypeVar

from django.utils.translation import gettext as _

T = TypeVar("T", int, Decimal, bool, str, time)

POLICIES: dict[str, Policy[Any]] = {}


class PolicyRefused(ValueError):
    """A value that the policy's type or bounds refuse; the text is for the person at the desk."""


@dataclass(frozen=True, slots=True)
class Policy(Generic[T]):
    """One parameter. `key` is `domain.name`; `label` the Chinese text (translated on display).

    `ledger` names the requirement it comes from; `unit` is shown behind the value; `choices` lists allowed texts.
    """

    key: str
    default: T
    label: str
    unit: str = ""
    low: T | None = None
    high: T | None = None
    choices: tuple[str, ...] = ()
    help: str = ""
    ledger: str = ""

    def __post_init__(self) -> None:
        if self.key in POLICIES:
            raise ValueError(f"policy {self.key} is declared twice")
        POLICIES[self.key] = self

    @property
    def domain(self) -> str:
        return self.key.split(".", 1)[0]

    def parse(self, raw: str) -> T:
        """The typed value of what a person typed or the database holds. Raises PolicyRefused."""
        try:
            value: T = _convert(type(self.default), raw.strip())
        except (ValueError, InvalidOperation) as error:
            raise PolicyRefused(_("“{raw}”不是有效的值").format(raw=raw)) from error
        self._check(value)
        return value

    def format(self, value: T) -> str:
        """The stored text of a value; `parse(format(v)) == v`."""
        if isinstance(value, bool):
            return "1" if value else "0"
        return value.strftime("%H:%M") if isinstance(value, time) else str(value)

    def _check(self, value: Any) -> None:
        if self.choices and value not in self.choices:
            raise PolicyRefused(_("只能是:{choices}").format(choices="、".join(self.choices)))
        if self.low is not None and value < self.low:
            raise PolicyRefused(_("不能小于 {low} {unit}").format(low=self.low, unit=_(self.unit)))
        if self.high is not None and value > self.high:
            raise PolicyRefused(_("不能大于 {high} {unit}").format(high=self.high, unit=_(self.unit)))


def _convert(kind: type[Any], raw: str) -> Any:
    if kind is bool:
        if raw.lower() in {"1", "true", "yes", "on", "是"}:
            return True
        if raw.lower() in {"0", "false", "no", "off", "否", ""}:
            return False
        raise ValueError(raw)
    if kind is time:
        return time.fromisoformat(raw if len(raw) > 4 else f"0{raw}")
    return kind(raw)
