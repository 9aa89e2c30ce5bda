from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "huichang.interfaces.api"
    label = "api"
