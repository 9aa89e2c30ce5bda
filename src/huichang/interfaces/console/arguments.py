"""Values on the command line that argparse cannot judge: what is wrong is said in the terminal's language."""

from __future__ import annotations

import argparse
from datetime import date

from huichang.interfaces.console.words import say


def port(text: str) -> int:
    """A port of this machine."""
    return _whole(text, 1, 65_535)


def count(text: str) -> int:
    """How many of something there shall be: at least one."""
    return _whole(text, 1, 1024)


def _whole(text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(
            say(f"“{text}” 不是 {low} 到 {high} 的整数", f"“{text}” is no whole number from {low} to {high}")
        )
    return int(text)


def day(text: str) -> date:
    """A day such as 2026-11-21, within the years that calendars and databases agree on."""
    try:
        value = date.fromisoformat(text)
    except ValueError:
        value = date.min
    if not 2000 <= value.year < 2100:
        raise argparse.ArgumentTypeError(
            say(
                f"“{text}” 不是日期(请写成 2026-11-21,2000 到 2099 年)",
                f"“{text}” is no day (write 2026-11-21; 2000 to 2099)",
            )
        )
    return value
