"""Where somebody stands on the way to a GitHub App, kept while GitHub has her browser.

What GitHub hands back is signed, bound to the organization and the person who began, good for ten
minutes and for one use: a callback that somebody else made up leads nowhere.
"""

import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.core import signing
from django.core.cache import cache

from core.encryption import decrypt, encrypt
from core.errors import ProblemError

LIFETIME = timedelta(minutes=10)
_SALT = "integrations.manifests"
_LONGEST = 2000
_KEY = "github-app-flow"


class StaleFlowError(ProblemError):
    """What came back belongs to no way that this person is on."""

    code = "stale_flow"
    status = HTTPStatus.BAD_REQUEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveler:
    """Who is on the way, and for which organization."""

    organization_id: int
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AppWanted:
    """The app that is being created."""

    base_url: str
    ca_bundle: str
    owner: str
    """The account at GitHub that shall own it; blank: the person's own."""
    webhook_key: str = field(repr=False)
    """Of the address that stands in its manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationWanted:
    """The app, by our id, that is being installed."""

    app_id: int


def remember_app(*, wanted: AppWanted, traveler: Traveler, now: datetime) -> str:
    """Keep what is wanted, and return the state that GitHub shall hand back."""
    return _remember("app", asdict(wanted), traveler=traveler, now=now)


def recall_app(*, state: str, traveler: Traveler, now: datetime) -> AppWanted:
    """Return what was wanted, once. Raises StaleFlowError."""
    return AppWanted(**_recall("app", state, traveler=traveler, now=now))


def keep_for_another_try(*, state: str, wanted: AppWanted, now: datetime) -> None:
    """Let a state that was just recalled be recalled once more, until its ten minutes end."""
    told = _told(state)
    seconds = max(0, round(told["until"] - now.timestamp()))
    _keep(told["nonce"], asdict(wanted), seconds=seconds)


def remember_installation(*, wanted: InstallationWanted, traveler: Traveler, now: datetime) -> str:
    """Keep which app is being installed, and return the state that GitHub shall hand back."""
    return _remember("installation", asdict(wanted), traveler=traveler, now=now)


def recall_installation(*, state: str, traveler: Traveler, now: datetime) -> InstallationWanted:
    """Return which app was being installed, once. Raises StaleFlowError."""
    return InstallationWanted(**_recall("installation", state, traveler=traveler, now=now))


def _remember(step: str, wanted: dict[str, Any], *, traveler: Traveler, now: datetime) -> str:
    nonce = secrets.token_urlsafe(24)
    _keep(nonce, wanted, seconds=round(LIFETIME.total_seconds()))
    return signing.dumps(
        {
            "step": step,
            "organization": traveler.organization_id,
            "user": traveler.user_id,
            "nonce": nonce,
            "until": (now + LIFETIME).timestamp(),
        },
        salt=_SALT,
    )


def _keep(nonce: str, wanted: dict[str, Any], *, seconds: int) -> None:
    cache.set(f"{_KEY}:{nonce}", encrypt(signing.dumps(wanted)), timeout=seconds)


def _recall(step: str, state: str, *, traveler: Traveler, now: datetime) -> dict[str, Any]:
    told = _told(state)
    mine = {"step": step, "organization": traveler.organization_id, "user": traveler.user_id}
    if any(told.get(name) != value for name, value in mine.items()):
        raise _stale()
    if now.timestamp() > told["until"]:
        raise _stale()
    key = f"{_KEY}:{told['nonce']}"
    kept = cache.get(key)
    # Of two callbacks at the same moment, the one whose deletion counts goes on.
    if kept is None or not cache.delete(key):
        raise _stale()
    wanted: dict[str, Any] = signing.loads(decrypt(kept))
    return wanted


def _told(state: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = signing.loads(state[:_LONGEST], salt=_SALT)
    except signing.BadSignature as error:
        raise _stale() from error
    return told


def _stale() -> StaleFlowError:
    return StaleFlowError(
        "This way to GitHub was begun by somebody else, was used already, or is older than ten"
        " minutes: nothing was connected. Begin again in Settings, Connections.",
        field="state",
    )
