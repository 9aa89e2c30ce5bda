"""Where Procrastinate's app meets ours: the periodic jobs and the subscribers are imported once, here."""

from __future__ import annotations

from django.utils.module_loading import autodiscover_modules
from procrastinate import App


def on_app_ready(app: App) -> None:
    """Import every domain's `jobs.py` so that its tasks are known to web and worker alike."""
    autodiscover_modules("jobs")
