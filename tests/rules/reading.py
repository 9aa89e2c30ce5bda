"""The sources as the rules read them: a path, its text, its syntax tree."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "huichang"


@dataclass(frozen=True)
class Source:
    """A file of the package; `path` is relative to it (`domains/vehicles/models.py`)."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.path.split("/"))

    @property
    def name(self) -> str:
        return self.parts[-1]

    def calls(self) -> Iterable[ast.Call]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


def sources(*patterns: str) -> list[Source]:
    """Files of the package by glob, generated migrations left out."""
    found = {file for pattern in patterns for file in PACKAGE.glob(pattern) if "migrations" not in file.parts}
    return [
        Source(str(file.relative_to(PACKAGE)), file.read_text(encoding="utf-8")) for file in sorted(found)
    ]


def tracked_files() -> list[Path]:
    """What git would give to somebody else."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute chain; calls in between are passed through (`a.filter().update`)."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return ""
