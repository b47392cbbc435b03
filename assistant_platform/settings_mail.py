"""The section of the settings that is about mail, by Django's own names."""

from email.utils import formataddr
from urllib.parse import urlsplit

from assistant_platform import env

EMAIL_HOST = env.read_text("EMAIL_HOST")
EMAIL_PORT = env.read_integer("EMAIL_PORT", 25, minimum=1)
EMAIL_HOST_USER = env.read_text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.read_text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.read_flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = env.read_flag("EMAIL_USE_SSL")
EMAIL_TIMEOUT = env.read_integer("EMAIL_TIMEOUT", 20, minimum=1)
EMAIL_FILE_PATH = env.read_text("EMAIL_FILE_PATH") or None
_BACKEND = "smtp" if EMAIL_HOST else "filebased" if EMAIL_FILE_PATH else "console"
EMAIL_BACKEND = env.read_text("EMAIL_BACKEND", f"django.core.mail.backends.{_BACKEND}.EmailBackend")
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise env.EnvironmentValueError("EMAIL_USE_SSL", "1", "0, or set EMAIL_USE_TLS to 0")


def default_sender(product_name: str, public_url: str) -> str:
    """Return from whom mails come, where the operator names nobody."""
    host = urlsplit(public_url).hostname or ""
    is_address = ":" in host or host.replace(".", "").isdecimal()
    domain = "localhost" if is_address or not host else host
    return formataddr((product_name, f"no-reply@{domain}"))
