from __future__ import annotations

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "huichang.domains.appointments"
    label = "appointments"
    verbose_name = "预约"
