"""Start-up checks: what must hold before we serve anybody."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections


@register(Tags.database)
def check_row_level_security_binds_us(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 the signature that Django calls
    databases: Sequence[str] | None = None,
    **_options: Any,
) -> list[CheckMessage]:
    """Refuse a database role that row-level security does not bind."""
    messages: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            )
            row = cursor.fetchone()
        if row and row[0]:
            messages.append(
                Error(
                    "The database role is a superuser or has BYPASSRLS: the wall between"
                    " organizations would not hold.",
                    hint="Connect as a role with NOSUPERUSER NOBYPASSRLS that owns the database.",
                    id="assistant.E001",
                )
            )
    return messages
