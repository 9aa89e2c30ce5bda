from __future__ import annotations

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "huichang.domains.worklist"
    label = "worklist"
    verbose_name = "任务"
