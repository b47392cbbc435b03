"""Bearer tokens: made, shown once, recognized by their hash, revoked."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from core.errors import NotFoundError
from tenants.audit import Actor, record_audit_event
from tenants.models import ApiToken, TokenKind
from tenants.scope import database_setting

TOKEN_PATTERN = re.compile(r"^[0-9a-f]{64}$")
LAST_USED_GRAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token just made; `text` exists here and nowhere else."""

    token: ApiToken
    text: str


def hash_token(text: str) -> str:
    """Return the hex SHA-256 under which a token is kept; its 256 random bits need no salt."""
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def create_token(*, actor: Actor, kind: TokenKind, name: str) -> NewToken:
    """Make a token of 64 hexadecimal digits for the organization in scope."""
    text = secrets.token_hex(32)
    token = ApiToken.objects.create(
        kind=kind, name=name, token_hash=hash_token(text), prefix=text[:8], created_by=actor.user
    )
    record_audit_event(
        actor=actor, action="token.created", object_label=str(token), after={"kind": kind}
    )
    return NewToken(token=token, text=text)


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int, now: datetime) -> ApiToken:
    """End a token; a second time changes nothing. Raises NotFoundError for an unknown id."""
    token: ApiToken | None = ApiToken.objects.select_for_update().filter(id=token_id).first()
    if token is None:
        raise NotFoundError("There is no such token.")
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        record_audit_event(actor=actor, action="token.revoked", object_label=str(token))
    return token


def recognize_token(text: str) -> ApiToken | None:
    """Return the live token with this text, of whichever organization; None for any other text."""
    if not TOKEN_PATTERN.match(text):
        return None
    token_hash = hash_token(text)
    with database_setting("app.token_hash", token_hash):
        token: ApiToken | None = (
            ApiToken.unscoped.filter(token_hash=token_hash, revoked_at__isnull=True)
            .select_related("organization")
            .first()
        )
    return token


def note_token_use(*, token: ApiToken, now: datetime) -> None:
    """Remember when a token was last used, to the minute; needs its organization's scope."""
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_GRAIN:
        ApiToken.objects.filter(id=token.id).update(last_used_at=now)
