"""What every command needs first: a database that answers, and Django."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from huichang.config import database as configured
from huichang.config import embedded
from huichang.interfaces.console.words import say

EMBEDDED = "HUICHANG_EMBEDDED"  # set while the database under us is the embedded one


class Unavailable(Exception):
    """No database; the message is for the person at the terminal."""


def is_embedded() -> bool:
    """Whether the database is ours to start: no DATABASE_URL was given."""
    return not os.environ.get(configured.OWNER_URL)


def is_ours() -> bool:
    """Whether the database in use is the embedded one, whoever of us started it."""
    return bool(os.environ.get(EMBEDDED))


@contextmanager
def pointed_at(url: str) -> Iterator[None]:
    """Have this process and its children use the embedded database at `url` for the length of the block."""
    os.environ[configured.OWNER_URL] = url
    os.environ[EMBEDDED] = "1"
    try:
        yield
    finally:
        disconnect()
        del os.environ[configured.OWNER_URL], os.environ[EMBEDDED]


@contextmanager
def available() -> Iterator[None]:
    """The database for the length of the block: the given one, or the embedded one, started when it is down."""
    if not is_embedded():
        yield
        return
    try:
        with embedded.in_use(configured.home(os.environ)) as cluster, pointed_at(cluster.url()):
            yield
    except embedded.EmbeddedError as error:
        raise Unavailable(
            say(f"内置数据库不可用：{error}", f"the embedded database cannot be used: {error}")
        ) from error


def set_up_django() -> None:
    """Configure Django once (about a second; nothing before this imports it)."""
    import django

    django.setup()


def disconnect() -> None:
    """Close this process's connections, if Django opened any."""
    import sys

    if "django.db" in sys.modules:
        from django.db import connections

        connections.close_all()
