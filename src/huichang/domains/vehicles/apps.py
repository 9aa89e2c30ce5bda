from __future__ import annotations

from django.apps import AppConfig


class VehiclesConfig(AppConfig):
    name = "huichang.domains.vehicles"
    label = "vehicles"
    verbose_name = "车辆"
