"""`huichang migrate`: tables, the job queue's tables, the application's role, row security, triggers, grants."""

from __future__ import annotations

import argparse
import os
import sys

from django.core.management import call_command
from django.db import connections

from huichang.config import database
from huichang.interfaces.console import fresh, schema
from huichang.interfaces.console.database import is_ours
from huichang.interfaces.console.words import say

ANY_SCHEMA = True
LOCK = 0x687569636861  # "huicha": several hosts may start at once, one migrates


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quiet", action="store_true", help=say("只报告错误", "report errors only"))


def run(args: argparse.Namespace) -> int:
    try:
        migrate(verbosity=0 if args.quiet else 1)
        if is_ours():
            schema.mark_current()
    except database.RoleMissing as error:
        sys.stderr.write(f"huichang: {error}\n")
        return 1
    return 0


def migrate(*, verbosity: int = 1) -> None:
    """Bring the database to this version, as the owner. Idempotent. Raises RoleMissing."""
    from huichang.domains.accounts.operations import seed_roles
    from huichang.domains.contacts.operations import seed_codes, seed_messages
    from huichang.kernel import secure
    from huichang.kernel.actors import system
    from huichang.kernel.scoping import unscoped

    owner = connections["owner"]
    with owner.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        role = database.ensure_app_role(owner, os.environ)
        fresh.create_tables(owner)
        call_command("migrate", database="owner", interactive=False, verbosity=verbosity)
        secure.apply(owner, role)
        seed_roles(actor=system("huichang migrate"))
        with unscoped("codes and scripts of the network belong to no store"):
            seed_codes(actor=system("huichang migrate"))
            seed_messages(actor=system("huichang migrate"))
    finally:
        with owner.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
