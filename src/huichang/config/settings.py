"""Django settings. They read the environment and start nothing.

`DATABASE_URL` (and optionally `DATABASE_APP_URL`) must be set: `huichang` sets it for the embedded
PostgreSQL, an operator sets it for any other (docs/adr/0002-two-database-roles.md).
"""

from __future__ import annotations

import os
from pathlib import Path

from huichang.config import database, secrets
from huichang.kernel.worktime import CHINA_TIME_ZONE

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("HUICHANG_HOME", ".huichang")).resolve()
DEBUG = os.environ.get("HUICHANG_DEBUG") == "1"

SECRET_KEY = secrets.django_key(HOME)
FIELD_KEYS = secrets.field_keys(HOME)
ALLOWED_HOSTS = os.environ.get("HUICHANG_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("HUICHANG_ORIGINS", "").split(",") if o]
# HUICHANG_HTTPS=1 says that a TLS proxy stands in front: only then is its header believed and are the cookies
# for https alone; on a laptop they must work on plain http.
BEHIND_TLS = os.environ.get("HUICHANG_HTTPS") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SAVE_EVERY_REQUEST = False
# Where owners reach their pages from outside: the beginning of every link in a message.
PUBLIC_URL = os.environ.get("HUICHANG_URL", "http://127.0.0.1:8000")
# The official account that owners sign in with; without it they sign in by mobile and code alone.
WECHAT_LOGIN = {
    "app_id": os.environ.get("HUICHANG_WECHAT_APP_ID", ""),
    "secret": os.environ.get("HUICHANG_WECHAT_SECRET", ""),
    "authorize": os.environ.get(
        "HUICHANG_WECHAT_AUTHORIZE", "https://open.weixin.qq.com/connect/oauth2/authorize"
    ),
    "api": os.environ.get("HUICHANG_WECHAT_API", "https://api.weixin.qq.com"),
}

DATABASES = database.databases(os.environ)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DOMAINS = [
    "accounts", "dealers", "integrations", "vehicles", "customers", "catalog", "contacts", "owners", "worklist", "parts",
    "workshop", "appointments", "complaints", "reminders", "intake",
]  # fmt: skip

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    # Both rewrite the template loaders in their default configuration; the Simple ones leave them to us.
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "huichang.kernel",
    "huichang.ui",
    *[f"huichang.domains.{name}" for name in DOMAINS],
    "huichang.interfaces.staff",
    "huichang.interfaces.portal",
    "huichang.interfaces.board",
    "huichang.interfaces.api",
    "huichang.config.wiring.WiringConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "huichang.ui.middleware.SecurityHeadersMiddleware",
    "huichang.interfaces.inputs.InputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "huichang.interfaces.middleware.ActorMiddleware",
]

ROOT_URLCONF = "huichang.config.urls"
WSGI_APPLICATION = "huichang.config.wsgi.application"

_LOADERS: list[object] = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
if not DEBUG:
    _LOADERS = [("django.template.loaders.cached.Loader", _LOADERS)]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "ui" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", _LOADERS)],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "django.templatetags.i18n",
                "huichang.ui.templatetags.ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "huichang.interfaces.staff.shell.shell",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "staff:sign-in"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = CHINA_TIME_ZONE

STATIC_URL = "/static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True  # files are served from the package: no collectstatic step to forget
WHITENOISE_AUTOREFRESH = DEBUG
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
MEDIA_ROOT = HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Every domain's `jobs.py`, before the app takes over the tasks: later than that they would be lost to it.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# What two records of one customer may not both have, made room for before they become one (docs/adr/0009).
CUSTOMER_MERGE_RULES = (
    "huichang.domains.worklist.merging.wait_for_callers",
    "huichang.domains.contacts.merging.join_preferences",
    "huichang.domains.contacts.merging.join_addresses",
    "huichang.domains.contacts.merging.join_consents",
    "huichang.domains.owners.merging.join_requests",
    "huichang.domains.reminders.merging.join_cases",
    "huichang.domains.intake.merging.move_todos",
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("HUICHANG_LOG", "WARNING")},
}
