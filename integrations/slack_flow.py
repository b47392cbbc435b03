"""Where somebody stands on the way through Slack's page, kept in what Slack hands back.

It is signed, bound to the organization, the workspace's row and the person who began, good for ten
minutes and for one use.
"""

import secrets
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.core import signing
from django.core.cache import cache

from core.errors import ProblemError

LIFETIME = timedelta(minutes=10)
_SALT = "integrations.slack_flow"
_LONGEST = 2000
_KEY = "slack-flow"


class StaleSlackFlowError(ProblemError):
    """What came back belongs to no way that this person is on."""

    code = "stale_flow"
    status = HTTPStatus.BAD_REQUEST


def remember(*, workspace_id: int, organization_id: int, user_id: int, now: datetime) -> str:
    """Return the state that Slack shall hand back."""
    nonce = secrets.token_urlsafe(24)
    cache.set(f"{_KEY}:{nonce}", workspace_id, timeout=round(LIFETIME.total_seconds()))
    told = {
        "organization": organization_id,
        "user": user_id,
        "nonce": nonce,
        "until": (now + LIFETIME).timestamp(),
    }
    return signing.dumps(told, salt=_SALT)


def recall(*, state: str, organization_id: int, user_id: int, now: datetime) -> int:
    """Return the id of the workspace's row that is being installed, once.

    Raises StaleSlackFlowError.
    """
    try:
        told: dict[str, Any] = signing.loads(state[:_LONGEST], salt=_SALT)
    except signing.BadSignature as error:
        raise _stale() from error
    is_mine = (told["organization"], told["user"]) == (organization_id, user_id)
    key = f"{_KEY}:{told['nonce']}"
    workspace_id = cache.get(key) if is_mine and now.timestamp() <= told["until"] else None
    # Of two callbacks at the same moment, the one whose deletion counts goes on.
    if workspace_id is None or not cache.delete(key):
        raise _stale()
    return int(workspace_id)


def _stale() -> StaleSlackFlowError:
    return StaleSlackFlowError(
        "This way through Slack was begun by somebody else, was used already, or is older than ten"
        " minutes: nothing was installed. Begin again in Settings, Slack.",
        field="state",
    )
