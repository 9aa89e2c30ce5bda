"""Secrets of one installation: environment first, else files under HUICHANG_HOME/secrets made on first use.

Several hosts share one database, so they must share these too: set `HUICHANG_SECRET_KEY` and
`HUICHANG_FIELD_KEYS` (comma-separated Fernet keys, newest first) on each of them.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet

SECRET_KEY = "HUICHANG_SECRET_KEY"  # noqa: S105 - the name of the variable, not its value
FIELD_KEYS = "HUICHANG_FIELD_KEYS"


def django_key(home: Path) -> str:
    """The key that signs sessions and tokens."""
    return os.environ.get(SECRET_KEY) or _kept(home, "django", lambda: secrets.token_urlsafe(48))


def field_keys(home: Path) -> list[str]:
    """Fernet keys of encrypted columns, newest first. Losing them loses the encrypted values."""
    given = os.environ.get(FIELD_KEYS) or _kept(home, "fields", lambda: Fernet.generate_key().decode())
    return [key.strip() for key in given.replace("\n", ",").split(",") if key.strip()]


def _kept(home: Path, name: str, create: Callable[[], str]) -> str:
    """The value of secrets/<name>; the first process to come writes it, and only whole files are ever seen."""
    path = home / "secrets" / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.chmod(0o700)
    draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(create() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass  # another process was faster: its value is the one
    finally:
        draft.unlink()
    return path.read_text().strip()
