"""Change records in words: which field, from what, to what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from huichang.domains.accounts.models import Role
from huichang.interfaces.staff.people.directory import role_name
from huichang.kernel.models import ChangeRecord

# What a reader cannot use: keys of other rows, and what is shown elsewhere on the page.
_SILENT = frozenset({"id", "dealer_id", "user_id", "last_login", "locked_until"})
_LONGEST = 60
# What a record is about, where one page shows records of several tables.
_ABOUT = {
    "accounts_user": _noop("登录"),
    "dealers_storepost": _noop("岗位"),
    "dealers_networkpost": _noop("岗位"),
}


def explained(changes: Iterable[ChangeRecord]) -> list[ChangeRecord]:
    """The same records, each with `about` and `lines`: [{label, before, after}]. One query more, for the roles' names."""
    language = get_language() or ""
    roles = {role.pk: role_name(role, language) for role in Role.objects.all()}
    found = []
    for change in changes:
        change.lines = list(_lines(change, roles))  # type: ignore[attr-defined]  # for the template
        about = _ABOUT.get(change.table_name)
        change.about = _(about) if about else ""  # type: ignore[attr-defined]  # as above
        found.append(change)
    return found


def _lines(change: ChangeRecord, roles: dict[int, str]) -> Iterable[dict[str, str]]:
    columns = _columns(change.table_name)
    for column, (before, after) in change.changes.items():
        field = columns.get(column)
        if field is None or column in _SILENT or (before in {None, ""} and after in {None, ""}):
            if field is None or column not in {"password", "totp_secret"}:
                continue
            yield {
                "label": _("密码") if column == "password" else _("动态口令"),
                "before": "…",
                "after": _("已更换"),
            }
            continue
        named = roles if column == "role_id" else {}
        yield {
            "label": str(_("岗位") if column == "role_id" else field.verbose_name),
            "before": _words(field, before, named),
            "after": _words(field, after, named),
        }


def _columns(table: str) -> dict[str, Any]:
    for model in apps.get_models():
        if model._meta.db_table == table:
            return {str(field.column): field for field in model._meta.local_fields}
    return {}


def _words(field: Any, value: Any, named: dict[int, str]) -> str:
    if value is None or value == "":
        return ""
    if value in named:
        return named[value]
    if isinstance(field, models.BooleanField):
        return _("是") if value in {True, "t", "true"} else _("否")
    choices = dict(field.flatchoices)
    return str(choices.get(value, value))[:_LONGEST]
