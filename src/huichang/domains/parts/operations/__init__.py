"""Writes of parts, by what they are for. Whoever books calls `reserve` and `release`; the rest is the clerk's day."""

from __future__ import annotations

from huichang.domains.parts.operations.baskets import draw, issue, put_back, sign
from huichang.domains.parts.operations.visits import release, reserve

__all__ = ["draw", "issue", "put_back", "release", "reserve", "sign"]
