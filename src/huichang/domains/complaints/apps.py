from __future__ import annotations

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    name = "huichang.domains.complaints"
    label = "complaints"
    verbose_name = "投诉"
