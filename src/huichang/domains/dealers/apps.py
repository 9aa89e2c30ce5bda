from __future__ import annotations

from django.apps import AppConfig


class DealersConfig(AppConfig):
    name = "huichang.domains.dealers"
    label = "dealers"
    verbose_name = "门店"
