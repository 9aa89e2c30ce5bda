"""The layers hold, and the contracts of pyproject.toml see what breaks them (import-linter)."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.rules.reading import ROOT
from tests.rules.test_models import ORDER

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]


def lint(folder: Path, path: Path) -> subprocess.CompletedProcess[str]:
    """import-linter in `folder`, with the packages under `path`."""
    program = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    )
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(path), "PYTHONUTF8": "1"},
    )  # fmt: skip


def test_the_layers_hold() -> None:
    done = lint(ROOT, ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contract_lists_the_domains_in_the_order_of_the_house() -> None:
    layers = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "domains")
    assert [layer.strip("()") for layer in layers] == list(ORDER)


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """An empty house of the same layers, kept by the same contracts, under another name."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = text[text.index("[tool.importlinter]") :].replace("huichang", "planted")
    quiet = 'unmatched_ignore_imports_alerting = "none"\n'
    (tmp_path / "pyproject.toml").write_text(
        section.replace("ignore_imports = [", f"{quiet}ignore_imports = [")
    )
    for contract in CONTRACTS:
        for layer in contract.get("layers", ()):
            for name in layer.replace("(", "").replace(")", "").split("|"):
                folder = tmp_path.joinpath(
                    *contract["containers"][0].replace("huichang", "planted").split(".")
                )
                (folder / name.strip()).mkdir(parents=True, exist_ok=True)
    for folder in [tmp_path / "planted", *(tmp_path / "planted").rglob("*")]:
        (folder / "__init__.py").touch()
    return tmp_path


def test_an_empty_house_is_in_order(planted: Path) -> None:
    done = lint(planted, planted)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("domains/vehicles", "from planted.domains import reminders"),
        ("domains/customers", "from planted.interfaces import staff"),
        ("kernel", "from planted.domains import accounts"),
        ("ui", "from planted.domains import customers"),
        ("interfaces/api", "from planted.interfaces import staff"),
        ("interfaces/pages", "from planted.interfaces import console"),
        ("domains/dealers", "from planted import config"),
        ("domains/unknown", "x = 1"),
        ("unknown", "x = 1"),
    ],
)
def test_what_breaks_the_layers_is_seen(planted: Path, place: str, line: str) -> None:
    (planted / "planted" / place).mkdir(exist_ok=True)
    (planted / "planted" / place / "__init__.py").write_text(line)
    assert lint(planted, planted).returncode == 1
