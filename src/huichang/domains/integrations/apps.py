from __future__ import annotations

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "huichang.domains.integrations"
    label = "integrations"
    verbose_name = "接口"
