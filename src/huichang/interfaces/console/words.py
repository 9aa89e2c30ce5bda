"""The console's two languages: Chinese when the terminal's locale is Chinese, else English."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


def is_chinese() -> bool:
    """Whether LC_ALL, LC_MESSAGES, LANGUAGE or LANG asks for Chinese (the first that is set decides)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        if value := os.environ.get(name):
            return value.lower().startswith("zh")
    return False


def say(chinese: str, english: str) -> str:
    """The one of two sentences that the person at this terminal reads."""
    return chinese if is_chinese() else english


@contextmanager
def spoken() -> Iterator[None]:
    """The application speaks the terminal's language for the length of the block."""
    from django.utils import translation

    with translation.override("zh-hans" if is_chinese() else "en"):
        yield
