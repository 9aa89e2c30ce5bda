"""The Django app of components, tags, styles and scripts."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Holds no model and no business word: only what pages are made of."""

    name = "huichang.ui"
    label = "ui"
