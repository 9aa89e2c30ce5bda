from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    name = "huichang.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Import the declarations of every domain, so that the registries are whole before the first request."""
        autodiscover_modules("permissions", "policies", "events", "operations", "subscribers")
