"""The gate behind `./test` and `.ci/run`: every step runs, even after one has failed; any failure fails the whole.

./test              everything
./test --fast       without browser and slow tests
./test -k booking   only these tests (anything else that pytest understands works too)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
STEP_SECONDS = 600
MOST_LINES = 80  # of a failed step; its command line is shown for the rest
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-wqy-microhei")


class Result(NamedTuple):
    name: str
    passed: bool
    seconds: float


def huichang(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "huichang.interfaces.console.main", *arguments]


CHECKS: dict[str, list[str]] = {
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "lint": [str(BIN / "ruff"), "check", "--output-format", "concise", "."],
    "templates": [str(BIN / "djlint"), "--lint", "--quiet", "src/huichang"],
    "types": [str(BIN / "mypy")],
    "imports": [str(BIN / "lint-imports")],
    "migrations": huichang("manage", "makemigrations", "--check", "--dry-run"),
    "translations": [sys.executable, "-m", "huichang.config.translate", "--check"],
}


def main(arguments: Sequence[str]) -> int:
    """Run the steps; 0 when all passed."""
    given = list(arguments)
    fast = "--fast" in given
    if fast:
        given.remove("--fast")
    began = time.monotonic()
    results: list[Result] = []
    if not given:
        results.append(timed("browser", lambda: fast or browser_is_there()))
        results += [timed(name, partial(check, line)) for name, line in CHECKS.items()]
    closing: list[str] = []
    results.append(timed("tests", lambda: tests(given, closing, fast=fast)))
    say("")
    for result in results:
        say(f"{'ok  ' if result.passed else 'FAIL'} {result.name:<14}{result.seconds:7.1f} s")
    failed = [result.name for result in results if not result.passed]
    verdict = f"failed: {', '.join(failed)}" if failed else "passed"
    say(f"gate {verdict} in {time.monotonic() - began:.0f} s")
    if closing:
        say(closing[0])
    return 1 if failed else 0


def timed(name: str, step: Callable[[], bool]) -> Result:
    say(f"-- {name}")
    began = time.monotonic()
    passed = step()
    return Result(name, passed, time.monotonic() - began)


def check(line: Sequence[str]) -> bool:
    """Run one tool; its output is shown only when it fails."""
    try:
        done = subprocess.run(
            line, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", check=False, timeout=STEP_SECONDS, env=environment(),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        say(str(error))
        return False
    if done.returncode:
        lines = done.stdout.rstrip().splitlines()
        say("\n".join(lines[:MOST_LINES]))
        if len(lines) > MOST_LINES:
            say(f"... and {len(lines) - MOST_LINES} lines more: {' '.join(line)}")
    return done.returncode == 0


def tests(arguments: Sequence[str], closing: list[str], *, fast: bool) -> bool:
    """Run pytest, showing its output as it comes; its last line goes to `closing`."""
    line = [sys.executable, "-m", "pytest", "-q", *arguments]
    if not arguments:
        # Whole files to a worker, in the order in which they are collected: by size, the slow ones would come last.
        line += ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "--durations", "25"]
    if fast:
        line += ["--ignore", "tests/browser", "-m", "not slow"]
    with subprocess.Popen(
        line, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", env=environment(),
    ) as process:  # fmt: skip
        assert process.stdout
        last = ""
        for text in process.stdout:
            sys.stdout.write(text)
            sys.stdout.flush()
            last = text.strip() or last
    closing.append(last)
    return process.returncode == 0


def environment() -> dict[str, str]:
    """The same for everybody: a throw-away home, no database but the embedded one, English tools."""
    home = ROOT / ".cache" / "gate-home"
    names = (
        "DATABASE_URL",
        "DATABASE_APP_URL",
        "HUICHANG_SECRET_KEY",
        "HUICHANG_FIELD_KEYS",
        "PYTHONPATH",
        "DJANGO_SETTINGS_MODULE",
    )
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return kept | {"HUICHANG_HOME": str(home), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def browser_is_there() -> bool:
    """Chromium and a Chinese font, installed by apt where that is possible without asking anybody."""
    if any(map(shutil.which, BROWSERS)) and has_chinese_font():
        return True
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        say(f"no browser or no Chinese font: install {' '.join(PACKAGES)}")
        return False
    options = ["-q", "-y", "-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=3"]
    apt_environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for line in (
        [apt, *options, "update"],
        [apt, *options, "install", "--no-install-recommends", *PACKAGES],
    ):
        done = subprocess.run(
            line, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=apt_environment, check=False,
            timeout=STEP_SECONDS,
        )  # fmt: skip
        if done.returncode:
            say(done.stdout[-2000:] + done.stderr[-2000:])
    return any(map(shutil.which, BROWSERS))


def has_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if not lister:
        return False
    return bool(subprocess.run([lister, ":lang=zh"], capture_output=True, check=False).stdout.strip())


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
