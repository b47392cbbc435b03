"""Every setting of the platform, in sections; what an operator may change comes from `env`."""

from pathlib import Path
from typing import Any

from assistant_platform import embedded, env
from assistant_platform.settings_mail import *  # noqa: F403
from assistant_platform.settings_mail import default_sender
from assistant_platform.settings_model import *  # noqa: F403
from assistant_platform.settings_queues import *  # noqa: F403

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.read_path("DATA_DIR", BASE_DIR / ".data")

# --- Who may call us ---------------------------------------------------------------------------
DEBUG = env.read_flag("DEBUG")
SECRET_KEY = env.read_text("SECRET_KEY")
if not SECRET_KEY:
    SECRET_KEY = env.read_or_create_secret(DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.read_list("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.read_list("CSRF_TRUSTED_ORIGINS")
# Keys for stored credentials, the newest first; without one, a file in DATA_DIR holds them.
CREDENTIAL_KEYS = env.read_list("CREDENTIAL_KEYS")
PRODUCT_NAME = env.read_text("PRODUCT_NAME", "Assay")
PUBLIC_URL = env.read_text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
IS_HTTPS = PUBLIC_URL.startswith("https://")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Never an automatic redirect: the scanner follows one on a POST as GET and loses the body.
SECURE_SSL_REDIRECT = False
APPEND_SLASH = False
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "tenants",
    "llm",
    "integrations",
    "rules",
    "findings",
    "memories",
    "triage",
    "remediation",
    "insights",
    "notifications",
    "console",
    "api",
    "pipeline",
    "assistant_platform",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tenants.middleware.OrganizationScopeMiddleware",
    "console.middleware.ProblemMiddleware",
]
ROOT_URLCONF = "assistant_platform.urls"
WSGI_APPLICATION = "assistant_platform.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.context_processors.shell",
            ],
            "builtins": ["console.templatetags.console"],
        },
    },
]

# --- Database, cache, queues -------------------------------------------------------------------
_embedded = embedded.addresses(DATA_DIR)
DATABASE_URL = env.read_text("DATABASE_URL") or _embedded.database_url
REDIS_URL = env.read_text("REDIS_URL") or _embedded.redis_url
DATABASES = {"default": env.read_database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "assistant",
        # A server that swallows what it is sent must not hold up requests that can do without.
        "OPTIONS": {"socket_timeout": 5, "socket_connect_timeout": 5},
    },
}
CELERY_BROKER_URL = (
    REDIS_URL.replace("unix://", "redis+socket://", 1)
    if REDIS_URL.startswith("unix:")
    else REDIS_URL
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 5}
# How old the Dashboard's figures may be where nothing announced a change; 0: counted each time.
FIGURES_KEPT_SECONDS = env.read_integer("FIGURES_KEPT_SECONDS", 60)
# How often we look for what was left behind, and how long a message or a claim is trusted.
SWEEP_INTERVAL_SECONDS = env.read_integer("SWEEP_INTERVAL_SECONDS", 60, minimum=1)
SWEEP_PATIENCE_SECONDS = env.read_integer("SWEEP_PATIENCE_SECONDS", 60)
MESSAGE_LOST_AFTER_SECONDS = env.read_integer("MESSAGE_LOST_AFTER_SECONDS", 300, minimum=1)
CLAIM_LAPSES_AFTER_SECONDS = env.read_integer("CLAIM_LAPSES_AFTER_SECONDS", 600, minimum=1)
# Longer than anything asks twice for the same message, or sends one again: see notifications.
DELIVERIES_KEPT_DAYS = env.read_integer("DELIVERIES_KEPT_DAYS", 90, minimum=14)
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "pipeline.tasks.sweep",
        "schedule": float(SWEEP_INTERVAL_SECONDS),
        "options": {"expires": float(SWEEP_INTERVAL_SECONDS)},
    },
    # Each organization has its own eight o'clock; which admins have theirs, the rows know.
    "monday-mails": {
        "task": "pipeline.tasks.plan_monday_mails",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "forget-expired": {
        "task": "pipeline.tasks.forget_expired",
        "schedule": 3600.0,
    },
}

# --- People ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "tenants.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Behind a proxy all come from one address: without this ten wrong passwords lock everybody out.
ALLAUTH_TRUSTED_PROXY_COUNT = env.read_integer("TRUSTED_PROXY_COUNT", 0)
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_FORMS = {"add_email": "tenants.forms.NoFurtherEmailForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
DEFAULT_FROM_EMAIL = env.read_text("DEFAULT_FROM_EMAIL") or default_sender(PRODUCT_NAME, PUBLIC_URL)

# --- Pages -------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
STATIC_ROOT = env.read_path("STATIC_ROOT", BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
_SELF = "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": [_SELF],
        "style-src": [_SELF],
        "img-src": [_SELF, "data:"],
        "font-src": [_SELF],
        "connect-src": [_SELF],
        "form-action": [_SELF],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": [_SELF],
    },
}

# --- Programs ----------------------------------------------------------------------------------
UPLOAD_LIMIT_BYTES = env.read_integer("UPLOAD_LIMIT_MEGABYTES", 256, minimum=1) * 1024 * 1024
# Only `api.bodies.read_body` keeps this limit, behind a token. What strangers may post to forms
# stays at Django's DATA_UPLOAD_MAX_MEMORY_SIZE, which such a body does not meet.
# A folder of rules: as many files as the browser sends one by one; archives hold more.
DATA_UPLOAD_MAX_NUMBER_FILES = 2000

# An event of a code host; GitHub sends none over 25 MB, and those that we keep are far smaller.
WEBHOOK_LIMIT_BYTES = env.read_integer("WEBHOOK_LIMIT_MEGABYTES", 5, minimum=1) * 1024 * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.handle_exception",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{PRODUCT_NAME} API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",  # 3.0 cannot say that a field may be null as pydantic says it
    "APPEND_COMPONENTS": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "SECURITY": [{"token": []}],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

# --- Scanner and code --------------------------------------------------------------------------
SEMGREP_PROGRAM = env.read_text("SEMGREP_PROGRAM", str(BASE_DIR / ".venv-semgrep/bin/semgrep"))
# What the scanner may read and write in its sandbox besides its own folder.
SANDBOX_FOLDERS = env.read_list("SANDBOX_FOLDERS")
# What one person may have the editor do: runs that wait or go on, new runs within a minute, and
# the same of rules that a model writes, within an hour. A run is stopped after so many seconds.
RULE_TRIALS_PER_PERSON = env.read_integer("RULE_TRIALS_PER_PERSON", 3, minimum=1)
RULE_TRIALS_PER_MINUTE = env.read_integer("RULE_TRIALS_PER_MINUTE", 20, minimum=1)
RULE_TRIAL_SECONDS = env.read_integer("RULE_TRIAL_SECONDS", 30, minimum=1)
RULE_DRAFTS_PER_PERSON = env.read_integer("RULE_DRAFTS_PER_PERSON", 2, minimum=1)
RULE_DRAFTS_PER_HOUR = env.read_integer("RULE_DRAFTS_PER_HOUR", 20, minimum=1)
ALLOW_LOCAL_REPOSITORIES = env.read_flag("ALLOW_LOCAL_REPOSITORIES")
ALLOW_PRIVATE_ADDRESSES = env.read_list("ALLOW_PRIVATE_ADDRESSES")
# For one call to a code host, from the first byte sent to the last byte read.
CODE_HOST_TIMEOUT_SECONDS = env.read_integer("CODE_HOST_TIMEOUT_SECONDS", 20, minimum=1)
# GitHub asks for a second between writes, and takes less for abuse.
CODE_HOST_SECONDS_BETWEEN_WRITES = env.read_integer("CODE_HOST_SECONDS_BETWEEN_WRITES", 1)

# Where Slack is; another one for its service for governments.
SLACK_URL = env.read_text("SLACK_URL", "https://slack.com").rstrip("/")
SLACK_TIMEOUT_SECONDS = env.read_integer("SLACK_TIMEOUT_SECONDS", 15, minimum=1)

# For one call of an organization's own webhook, from the first byte sent to the last byte read.
WEBHOOK_TIMEOUT_SECONDS = env.read_integer("WEBHOOK_TIMEOUT_SECONDS", 10, minimum=1)

# How long the first comments of a change request wait for what the analysis says.
TELL_AFTER_SECONDS = env.read_integer("TELL_AFTER_SECONDS", 40)

# --- Log ---------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"redact": {"()": "core.redaction.RedactingFilter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]},
    },
    # It tells the address of every call.
    "loggers": {"httpx2": {"level": "WARNING"}},
    "root": {"handlers": ["console"], "level": env.read_text("LOG_LEVEL", "INFO")},
}
