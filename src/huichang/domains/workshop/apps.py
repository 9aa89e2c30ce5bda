from __future__ import annotations

from django.apps import AppConfig


class WorkshopConfig(AppConfig):
    name = "huichang.domains.workshop"
    label = "workshop"
    verbose_name = "维修"
