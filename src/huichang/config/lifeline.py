"""A supervised process ends when its parent does, however the parent died."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress

SUPERVISED = "HUICHANG_SUPERVISED"  # set by `huichang run` and `huichang serve` for their children
SECONDS_BETWEEN_LOOKS = 0.5
GRACE_SECONDS = 5.0


def follow_parent() -> None:
    """Under a supervisor: watch for its death, then ask this process to stop, then insist.

    Asking for the parent's number is all that works on every system and for processes made by libraries.
    """
    if os.environ.get(SUPERVISED):
        threading.Thread(target=_watch, args=(os.getppid(),), name="lifeline", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    with suppress(ProcessLookupError):
        os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)
