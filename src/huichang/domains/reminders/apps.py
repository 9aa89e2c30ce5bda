from __future__ import annotations

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "huichang.domains.reminders"
    label = "reminders"
    verbose_name = "招揽"
