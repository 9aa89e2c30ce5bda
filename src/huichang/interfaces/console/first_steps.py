"""What to do first in an installation in which nobody can sign in yet."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

from huichang.config import database as configured
from huichang.interfaces.console.words import say


def first_steps(home: Path) -> Iterator[str]:
    """The commands that make the first store and its first person, for the terminal; nothing once there is a person."""
    import psycopg

    with psycopg.connect(os.environ[configured.OWNER_URL]) as connection:
        (somebody,) = connection.execute("SELECT EXISTS (SELECT FROM accounts_user)").fetchone() or (True,)
    if somebody:
        return
    call = f"{shlex.quote(str(_command()))} --home {shlex.quote(str(home))}"
    store, person = say("东区店", "East"), say("王建国", "Wang")
    yield say(
        "还没有门店，也没有人能登录。另开一个终端：",
        "There is no store and nobody who could sign in yet. In another terminal:",
    )
    yield f"  {call} dealer add D001 --name {store}"
    yield f"  {call} createuser wang --name {person} --role store_manager --dealer D001"
    yield say(
        "然后登录，在“系统管理 → 数据导入”里放入本店的导出文件。",
        "Then sign in, and give the store's export to Administration → Import.",
    )


def _command() -> Path:
    """The `huichang` of this environment, where there is one beside the interpreter."""
    beside = Path(sys.executable).with_name("huichang")
    return beside if beside.exists() else Path("huichang")
