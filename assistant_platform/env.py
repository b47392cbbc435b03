"""Typed readers of the environment; each error names the variable and the remedy."""

import contextlib
import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})


class EnvironmentValueError(ValueError):
    """A variable of the environment cannot be read as what it should be."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"The environment variable {name} is {value!r}; set it to {wanted}.")


def read_text(name: str, default: str = "") -> str:
    """Return the variable's text without blanks around it, or `default` where it is unset."""
    return os.environ.get(name, default).strip()


def read_flag(name: str, *, default: bool = False) -> bool:
    """Return a yes/no variable."""
    word = read_text(name, "1" if default else "0").lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise EnvironmentValueError(name, word, "1 or 0")


def read_integer(name: str, default: int, *, minimum: int = 0) -> int:
    """Return a whole number not below `minimum`."""
    text = read_text(name) or str(default)
    if not re.fullmatch(r"-?[0-9]+", text) or int(text) < minimum:
        raise EnvironmentValueError(name, text, f"a whole number of at least {minimum}")
    return int(text)


def read_list(name: str) -> list[str]:
    """Return the parts of a comma-separated variable, empty ones left out."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def read_path(name: str, default: Path) -> Path:
    """Return an absolute path."""
    return Path(os.environ.get(name) or default).expanduser().absolute()


def read_or_create_secret(path: Path) -> str:
    """Return the secret kept in a file that only we may read; make it at the first call."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(64))
        # Of two processes at the same moment, the first to link wins, and both read its secret.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def read_database(url: str) -> dict[str, Any]:
    """Return Django's settings for a `postgresql://` URL; `?host=` names a socket directory."""
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }
