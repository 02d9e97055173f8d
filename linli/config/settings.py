"""Settings. Secrets and addresses come from the environment only; defaults suit a laptop.

``linli`` reads ``var/demo.env`` of its checkout first (see ``cli.py``), so that every command but ``serve`` and
``worker`` runs with no environment set.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

import dj_database_url
import structlog
from django.core.exceptions import ImproperlyConfigured

from linli.config.environment import flag, index_key, keyring, origins, read_demo_env, whole_number

BASE = Path(__file__).resolve().parents[2]
VAR = BASE / os.environ.get("LINLI_VAR", "var")
TESTING = "pytest" in sys.modules

if not TESTING:
    read_demo_env(BASE / "var" / "demo.env")

DEMO = flag("LINLI_DEMO", default=TESTING)
DEBUG = flag("LINLI_DEBUG", default=False)
SECRET_KEY = os.environ.get("LINLI_SECRET_KEY", "test-only-secret-key" if TESTING else "")
# "kid:base64,kid:base64": the first key writes, all of them read (kit/crypto.py).
LINLI_KEYS = keyring(os.environ.get("LINLI_KEYS", ""), testing=TESTING)
ALLOWED_HOSTS = [
    host.strip() for host in os.environ.get("LINLI_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
]
CSRF_TRUSTED_ORIGINS = origins(os.environ.get("LINLI_ORIGINS", ""))
# Behind TLS the cookies must be secure; the demo speaks plain HTTP on the loopback address.
SECURE = flag("LINLI_SECURE", default=not (DEMO or DEBUG))
PROXIES = whole_number("LINLI_PROXIES", 0)  # how many proxies in front set X-Forwarded-For

INSTALLED_APPS = [
    "linli.kit",
    "linli.core.places",
    "linli.core.people",
    "linli.core.matters",
    "linli.core.gatherings",
    "linli.core.decisions",
    "linli.offices.notices",
    "linli.offices.councils",
    "linli.offices.opinions",
    "linli.offices.covenants",
    "linli.offices.gatherings",
    "linli.offices.posters",
    "linli.offices.pairing",
    "linli.offices.checkins",
    "linli.offices.dwellings",
    "linli.offices.supervision",
    "linli.offices.returns",
    "linli.offices.facilities",
    "linli.offices.rounds",
    "linli.offices.voting",
    "linli.insight",
    "linli.doors",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_prometheus",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "linli.kit.middleware.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "linli.kit.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "linli.kit.middleware.FormMiddleware",
    "linli.kit.middleware.RefusalMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "linli.config.urls"
WSGI_APPLICATION = "linli.config.wsgi.application"
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "linli.kit.shell.context",
            ],
        },
    }
]

_sqlite = f"sqlite:///{VAR / 'linli.sqlite3'}"
try:
    DATABASES = {"default": dj_database_url.parse(os.environ.get("DATABASE_URL") or _sqlite)}
except ValueError as error:  # its own words list the schemes of databases that Linli does not run on
    raise ImproperlyConfigured(
        "DATABASE_URL 要写成 postgres://用户:密码@主机/库，密码里的 @ : / 写成 %40 %3A %2F。"
    ) from error
_db = DATABASES["default"]
if _db["ENGINE"].endswith("sqlite3"):
    if str(_db["NAME"]) != ":memory:" and not Path(str(_db["NAME"])).is_absolute():
        _db["NAME"] = str(BASE / str(_db["NAME"]))
    # Writers stand in line, and connections stay: to open one, and above all to close the last one, which empties the
    # log into the file and waits for the disk, takes longer than what a request asks of it.
    _db["ENGINE"] = "linli.kit.sqlite3"
    _db["CONN_MAX_AGE"] = None
    _db["TEST"] = {"NAME": ":memory:"}
    # IMMEDIATE: a write transaction takes its lock at BEGIN and waits, instead of failing half-way (habit 8).
    _db["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-1000;",
    }
else:
    _db["CONN_MAX_AGE"] = None
    _db["CONN_HEALTH_CHECKS"] = True
    _db["DISABLE_SERVER_SIDE_CURSORS"] = False

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "linli.core.people.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "linli.kit.errors.csrf_failure"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [BASE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder", "linli.kit.bundles.Finder"]
STATIC_URL = "/static/"
# Empty in tests, which serve files as they lie: a scan of the collected ones for each client would cost more.
STATIC_ROOT = BASE / "var" / "static-of-tests" if TESTING else BASE / os.environ.get("LINLI_STATIC", VAR / "static")
with contextlib.suppress(OSError):  # whoever may not write there may still look; collecting says what is wrong
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = VAR / "files"
# What residents sent is for the service alone; Django would let every account of the machine read it.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o640, 0o750
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LINLI_INDEX_KEY = index_key(os.environ.get("LINLI_INDEX_KEY", ""))
LINLI_INDEX_KID = os.environ.get("LINLI_INDEX_KID", "")

# One JSON object a line; no local variables in tracebacks, which may hold what people wrote.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ],
    cache_logger_on_first_use=not TESTING,
)
# Django keeps quiet about a broken page outside DEBUG, unless somebody hears it.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"faults": {"class": "linli.kit.faults.Handler", "level": "ERROR"}},
    "loggers": {"django.request": {"handlers": ["faults"]}},
}
PROMETHEUS_EXPORT_MIGRATIONS = False
SILENCED_SYSTEM_CHECKS: list[str] = []
# Tianditu tiles only where a deployment has its own key; without it the map draws our own GeoJSON and asks nobody.
TIANDITU_KEY = os.environ.get("LINLI_TIANDITU_KEY", "")
# A folder with the district's own faces for papers (仿宋_GB2312, 小标宋 …): they are not free, so none ships here.
FONTS = os.environ.get("LINLI_FONTS", "")
