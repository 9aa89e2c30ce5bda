from __future__ import annotations

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "huichang.interfaces.portal"
    label = "portal"
    verbose_name = "车主手机"
