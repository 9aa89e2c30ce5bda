from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "huichang.domains.intake"
    label = "intake"
    verbose_name = "数据导入"
