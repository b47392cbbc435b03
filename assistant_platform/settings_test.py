"""What the tests change: cheap passwords, mails kept in memory, no manifest of static files."""

import os

from assistant_platform.settings import *  # noqa: F403

SECRET_KEY = "a-secret-for-tests-only"  # noqa: S105 not a secret
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Every test starts with an empty cache of its own process.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Workers of pytest share the broker: each has queues of its own, into which no other's tests send.
_QUEUES = f"{os.environ.get('PYTEST_XDIST_WORKER', 'tests')}:"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 5,
    "global_keyprefix": _QUEUES,  # type: ignore[dict-item]  # the other options are numbers
}
ALLOW_LOCAL_REPOSITORIES = True
# No model unless a test brings one.
OPENAI_API_KEY = OPENAI_BASE_URL = ASSISTANT_MODEL = ""
ASSISTANT_PROVIDER = "offline"
ASSISTANT_BACKOFF_SECONDS = 0
CODE_HOST_SECONDS_BETWEEN_WRITES = 0
# Rows that tests make announce nothing.
FIGURES_KEPT_SECONDS = 0
# Static files are looked up when asked for: nobody collected them into STATIC_ROOT.
WHITENOISE_AUTOREFRESH = True
