"""Changing what the assistant may do, with the consent that it takes and a trace of who did it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction

from llm.models import AssistantSettings, ProviderKind
from llm.providers.targets import host_of
from tenants.audit import Actor, record_audit_event

# What the page changes; the rest of the row belongs to other doors.
SWITCHES = (
    "is_enabled",
    "judges",
    "fixes",
    "least_fix_confidence",
    "uses_memories",
    "findings_per_scan",
    "monthly_budget_usd",
    "retention_days",
    "log_mode",
)
PLACE = ("provider", "base_url", "model")
# What the page on change requests changes.
IN_COMMENTS = ("judges_in_comments", "noise_filter")


def destination_of(wanted: AssistantSettings) -> str:
    """Return to whom code goes with these settings, as scheme, host and port.

    Blank where nothing leaves: no model is set up for the installation.
    """
    if wanted.provider != ProviderKind.INSTALLATION:
        return host_of(wanted.base_url)
    if settings.ASSISTANT_PROVIDER == "offline":
        return ""
    return host_of(settings.OPENAI_BASE_URL)


def needs_consent(*, before: AssistantSettings, wanted: AssistantSettings) -> bool:
    """Say whether a person must agree to where code goes before `wanted` holds.

    Switching the assistant on asks for it, and so does each new address of an own provider; what
    the operator set up for the installation has the operator's.
    """
    if not wanted.is_enabled:
        return False
    if not before.is_enabled:
        return True
    if wanted.provider == ProviderKind.INSTALLATION:
        return False
    return before.consented_at is None or before.consented_host != destination_of(wanted)


def changes_provider(*, before: AssistantSettings, wanted: AssistantSettings) -> bool:
    """Say whether another provider, or another key, would answer."""
    names = (*PLACE, "encrypted_api_key")
    return any(getattr(before, name) != getattr(wanted, name) for name in names)


@transaction.atomic
def save_settings(
    *, wanted: AssistantSettings, has_consented: bool, actor: Actor, now: datetime
) -> AssistantSettings:
    """Store the settings of the organization in scope, and who changed what; never a key."""
    AssistantSettings.objects.get_or_create()
    stored: AssistantSettings = AssistantSettings.objects.select_for_update().get()
    before, old_key = _told(stored), stored.encrypted_api_key
    for name in (*SWITCHES, *PLACE, *IN_COMMENTS, "encrypted_api_key"):
        setattr(stored, name, getattr(wanted, name))
    if has_consented:
        stored.consented_at = now
        stored.consented_by = actor.user
        stored.consented_host = destination_of(wanted)
    stored.changed_at = now
    stored.save()
    after = _told(stored)
    if old_key and stored.encrypted_api_key not in {"", old_key}:
        after["api_key"] = "replaced"
    changed = [name for name in after if before[name] != after[name]]
    if has_consented:
        record_audit_event(
            actor=actor, action="assistant.consented", object_label=stored.consented_host
        )
    if changed:
        record_audit_event(
            actor=actor,
            action="assistant.changed",
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return stored


def _told(row: AssistantSettings) -> dict[str, Any]:
    """Return what the audit log may know: of a key, whether there is one and that it changed."""
    told = {name: getattr(row, name) for name in (*SWITCHES, *PLACE, *IN_COMMENTS)}
    budget: Decimal | None = row.monthly_budget_usd
    return told | {
        "monthly_budget_usd": None if budget is None else f"{budget:.2f}",
        "api_key": "set" if row.encrypted_api_key else "not set",
    }
