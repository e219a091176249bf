"""Settings; what differs between installations comes from the environment (docs/operating.md lists every name)."""

from __future__ import annotations

import os
from pathlib import Path

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

django_stubs_ext.monkeypatch()

ROOMS = [
    "kernel", "provinces", "members", "leaders", "catalog", "pricing", "payments", "plays",
    "ordering", "sourcing", "fulfilment", "settlement", "insight", "pages", "console", "api",
]  # fmt: skip

PACKAGE = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("LINTUAN_STATE", "var")).resolve()
DEMO = os.environ.get("LINTUAN_DEMO", "") == "1"

SECRET_KEY = os.environ.get("LINTUAN_SECRET_KEY", "")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("LINTUAN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("LINTUAN_ORIGINS", "").split(",") if origin]
PUBLIC_ADDRESS = os.environ.get("LINTUAN_ADDRESS", "http://127.0.0.1:8600")
STAND_INS = os.environ.get("LINTUAN_STAND_INS", "")
GATEWAY_KEYS = os.environ.get("LINTUAN_GATEWAY_KEYS", "")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "ninja",
    "procrastinate.contrib.django",
    *(f"lintuan.{room}" for room in ROOMS if (PACKAGE / room / "apps.py").exists()),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "lintuan.pages.build.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "lintuan.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]


def database(url: str) -> dict[str, object]:
    """Django's settings for a postgresql:// address and its query; a thread keeps its connection."""
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        # Its words may quote the password, and so may a chained traceback.
        raise ImproperlyConfigured(
            "DATABASE_URL is malformed; it should read postgresql://user:password@host:port/name."
        ) from None
    return {
        "ENGINE": "lintuan.kernel.postgres",
        "NAME": parts.pop("dbname", None) or "lintuan",
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": str(parts.pop("port", "")),
        "CONN_MAX_AGE": None,
        # A connection that died with the database shall not cost the next request its answer.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**parts, "server_side_binding": True, "prepare_threshold": 3},
        "TEST": {"NAME": os.environ.get("LINTUAN_TEST_DB", "test_lintuan")},
    }


DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql://127.0.0.1/lintuan"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
#: Their names hold a hash of what is in them.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/h5/assets/"
CLIENT_BUILD = PACKAGE / "pages" / "static" / "h5"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SECURE_COOKIES = PUBLIC_ADDRESS.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LINTUAN_LOG", "WARNING")},
}
