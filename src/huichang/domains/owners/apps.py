from __future__ import annotations

from django.apps import AppConfig


class OwnersConfig(AppConfig):
    name = "huichang.domains.owners"
    label = "owners"
    verbose_name = "车主"
