"""How a connection signs in at GitHub: a fine-grained token, or tokens minted for an installation.

A minted token lives an hour. It is asked for with no more than a purpose needs, kept encrypted in
the cache until five minutes before its end, and minted anew where GitHub refuses it.
https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app
"""

import enum
import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

from github import Auth
from jwt.exceptions import PyJWTError

from integrations.credentials import unlock
from integrations.file_cache import recall, remember
from integrations.github.calls import Calls, calls_as
from integrations.github.failures import InvalidRequestError
from integrations.github.shapes import AccessToken
from integrations.models import Connection, GitHubApp, SignIn
from integrations.review_hosts import AccessLostError, GoneError

_SPARE_SECONDS = 300
_NEEDS_APP = "the GitHub App itself"


class Purpose(enum.Enum):
    """What a token is for: the permissions that it is minted with."""

    LOOK = {"metadata": "read"}
    READ_CODE = {"metadata": "read", "contents": "read"}
    REVIEW = {
        "metadata": "read",
        "contents": "read",
        "pull_requests": "write",
        "checks": "write",
    }
    PROPOSE = {"metadata": "read", "contents": "write", "pull_requests": "write"}


@dataclass(slots=True, kw_only=True, eq=False)
class ConnectionAuth(Auth.Auth):
    """Signs calls of a connection; what it signs with is unlocked at that moment alone."""

    connection: Connection = field(repr=False)
    purpose: Purpose
    repository_id: str = ""
    """GitHub's number of the one repository that it is for; blank: all of the connection's."""

    @property
    def token_type(self) -> str:
        """Return the word before the token."""
        return "Bearer"

    @property
    def token(self) -> str:
        """Return what signs: the stored token, or a minted one."""
        if self.connection.sign_in == SignIn.APP:
            return _installation_token(self)
        token = unlock(self.connection.encrypted_credentials).get("token", "")
        if not token:
            raise AccessLostError("token: the connection has none; enter one.", field="token")
        return token

    def renewed_header(self) -> str:
        """Return the Authorization header with a new token, after the old one was refused."""
        remember(_cache_key(self), "", seconds=1)
        return f"Bearer {self.token}"


def app_calls(app: GitHubApp) -> Calls:
    """Return calls that sign in as the app itself."""
    key = unlock(app.encrypted_credentials).get("private_key", "") or "none"
    auth = _AppAuth(app_id=app.app_id, private_key=key)
    return calls_as(base_url=app.base_url, ca_bundle=app.ca_bundle, auth=auth)


class _AppAuth(Auth.AppAuth):
    """A JWT of the app; a key that is none is told as such."""

    @property
    def token(self) -> str:
        try:
            return str(super().token)
        except (PyJWTError, ValueError, TypeError):
            raise AccessLostError(
                "private_key: the private key of the GitHub App cannot be read; make a new one at"
                " GitHub and enter it.",
                field="private_key",
            ) from None

    def __repr__(self) -> str:
        return f"_AppAuth(app_id={self.app_id})"


def _installation_token(auth: ConnectionAuth) -> str:
    key = _cache_key(auth)
    if kept := recall(key):
        return kept
    minted = _mint(auth)
    seconds = minted.expires_at.timestamp() - time.time() - _SPARE_SECONDS
    if seconds >= 1:
        remember(key, minted.token, seconds=int(seconds))
    return minted.token


def _mint(auth: ConnectionAuth) -> AccessToken:
    connection = auth.connection
    if connection.app is None or connection.installation_id is None:
        raise AccessLostError("The connection has lost its GitHub App; connect it anew.")
    path = f"/app/installations/{connection.installation_id}/access_tokens"
    body: dict[str, Any] = {"permissions": auth.purpose.value}
    if auth.repository_id.isdigit():
        body["repository_ids"] = [int(auth.repository_id)]
    calls = app_calls(connection.app)
    try:
        return calls.make(AccessToken, path, body, needs=_NEEDS_APP)
    except InvalidRequestError:
        # A permission was not granted: what is allowed still works, and the call itself will say
        # what is missing.
        del body["permissions"]
        return _minted_with_all(calls, path, body)
    except GoneError:
        raise _not_installed() from None


def _minted_with_all(calls: Calls, path: str, body: dict[str, Any]) -> AccessToken:
    try:
        return calls.make(AccessToken, path, body, needs=_NEEDS_APP)
    except InvalidRequestError:
        raise GoneError(
            "The repository is no longer shared with the GitHub App, or was deleted. Share the"
            " repository with it at GitHub, or connect another."
        ) from None
    except GoneError:
        raise _not_installed() from None


def _not_installed() -> AccessLostError:
    return AccessLostError("The GitHub App is not installed there any more; install it again.")


def _cache_key(auth: ConnectionAuth) -> str:
    connection = auth.connection
    words = [
        connection.organization_id,
        connection.pk,
        connection.app_id,
        connection.installation_id,
        auth.purpose.name,
        auth.repository_id,
    ]
    return f"github-token:{hashlib.sha256(json.dumps(words).encode()).hexdigest()}"


def connection_calls(
    connection: Connection, *, purpose: Purpose, repository_id: str = "", reserve: int = 0
) -> Calls:
    """Return calls as a connection."""
    auth = ConnectionAuth(connection=connection, purpose=purpose, repository_id=repository_id)
    return calls_as(
        base_url=connection.base_url,
        ca_bundle=connection.ca_bundle or (connection.app.ca_bundle if connection.app else ""),
        auth=auth,
        connection_id=connection.pk,
        reserve=reserve,
        renew=auth.renewed_header if connection.sign_in == SignIn.APP else None,
    )
