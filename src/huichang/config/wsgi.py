"""The web application, as any WSGI server loads it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from huichang.config import lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huichang.config.settings")
lifeline.follow_parent()
application = get_wsgi_application()
