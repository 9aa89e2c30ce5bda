from __future__ import annotations

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "huichang.domains.catalog"
    label = "catalog"
    verbose_name = "目录与资源"
