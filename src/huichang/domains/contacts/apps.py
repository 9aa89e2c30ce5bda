from __future__ import annotations

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "huichang.domains.contacts"
    label = "contacts"
    verbose_name = "联系"
