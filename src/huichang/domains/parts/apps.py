from __future__ import annotations

from django.apps import AppConfig


class PartsConfig(AppConfig):
    name = "huichang.domains.parts"
    label = "parts"
    verbose_name = "配件"
