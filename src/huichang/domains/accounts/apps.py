from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "huichang.domains.accounts"
    label = "accounts"
    verbose_name = "账户与角色"
