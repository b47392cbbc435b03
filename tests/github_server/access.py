"""Who is asking, and what they may: JWTs of apps, tokens, permissions and limits."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import jwt

from tests.github_server.routing import Asking, RefusalError, Route, not_found
from tests.github_server.state import App, Repository, Token

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer

LEVELS = ("read", "write", "admin")
LONGEST_JWT = timedelta(minutes=10)


def enter(asking: Asking, route: Route) -> None:
    """Let a request pass to a door, or raise RefusalError."""
    if route.who == "anyone":
        return
    given = asking.headers.get("authorization", "")
    word, _, value = given.partition(" ")
    if word.lower() not in ("bearer", "token") or not value:
        raise RefusalError(HTTPStatus.UNAUTHORIZED, "Requires authentication")
    if route.who == "app":
        asking.app = _app(asking, value)
        return
    asking.token = _token(asking, value)
    if route.who == "installation" and asking.token.installation is None:
        raise RefusalError(
            HTTPStatus.FORBIDDEN,
            "You must authenticate with an installation access token in order to list repositories"
            " for an installation.",
        )
    if route.who == "user" and asking.token.installation is not None:
        raise RefusalError(HTTPStatus.FORBIDDEN, "Resource not accessible by integration")
    if "owner" in asking.parts:
        asking.found = _repository(asking)
        _require(asking, asking.token, route)


def _app(asking: Asking, value: str) -> App:
    """Return the app whose key signed a JWT that is good now."""
    broken = RefusalError(HTTPStatus.UNAUTHORIZED, "A JSON web token could not be decoded")
    try:
        claims = jwt.decode(value, options={"verify_signature": False})
        issuer = str(claims["iss"])
        apps = asking.github.apps.values()
        app = next(one for one in apps if issuer in (str(one.id), one.client_id))
    except (jwt.PyJWTError, KeyError):
        raise broken from None
    except StopIteration:
        raise RefusalError(HTTPStatus.NOT_FOUND, "Integration not found") from None
    unchecked = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
    try:
        jwt.decode(value, app.public_key, algorithms=["RS256"], options=unchecked)
    except jwt.PyJWTError:
        raise broken from None
    _check_times(asking.now, claims)
    return app


def _check_times(now: datetime, claims: dict[str, float]) -> None:
    issued, ends = (datetime.fromtimestamp(claims.get(name, 0), UTC) for name in ("iat", "exp"))
    word = ""
    if ends <= now:
        word = "'Expiration time' claim ('exp') must be a numeric value representing the future"
        word += " time at which the assertion expires"
    elif ends > now + LONGEST_JWT + timedelta(seconds=5):
        word = "'Expiration time' claim ('exp') is too far in the future"
    elif issued > now + timedelta(seconds=5):
        word = "'Issued at' claim ('iat') must be an Integer representing the time that the"
        word += " assertion was issued"
    if word:
        raise RefusalError(HTTPStatus.UNAUTHORIZED, word)


def _token(asking: Asking, value: str) -> Token:
    token = asking.github.tokens.get(value)
    bad = RefusalError(HTTPStatus.UNAUTHORIZED, "Bad credentials")
    if token is None or token.is_revoked:
        raise bad
    if token.expires_at is not None and token.expires_at <= asking.now:
        raise bad
    installation = token.installation
    if installation is not None and installation.is_deleted:
        raise bad
    if installation is not None and installation.suspended_at is not None:
        raise RefusalError(HTTPStatus.FORBIDDEN, "This installation has been suspended")
    return token


def reachable(github: "GitHubServer", token: Token, repository: Repository) -> bool:
    """Say whether a token was given a repository."""
    if token.installation is None:
        is_person = repository.permissions.get(token.login) is not None
        return repository.id in token.repositories and is_person
    is_chosen = not token.repositories or repository.id in token.repositories
    return is_chosen and github.reaches(token.installation, repository)


def _repository(asking: Asking) -> Repository:
    full_name = f"{asking.parts['owner']}/{asking.parts['repo']}"
    github = asking.github
    for one in github.repositories.values():
        is_named = one.full_name.lower() == full_name.lower()
        is_former = full_name in one.former_names and full_name not in github.repositories
        is_seen = one.is_public or (asking.token and reachable(github, asking.token, one))
        if is_named and is_seen:
            return one
        if is_former and is_seen:
            raise _moved(asking, one)
    raise not_found()


def _moved(asking: Asking, repository: Repository) -> RefusalError:
    rest = re.sub(r"^/repos/[^/]+/[^/]+", "", asking.path)
    where = f"{asking.base}/repositories/{repository.id}{rest}"
    status = 301 if asking.method == "GET" else 307
    refusal = RefusalError(status, "Moved Permanently", headers={"Location": where})
    refusal.body["url"] = where
    return refusal


def permissions_of(token: Token) -> dict[str, str]:
    """Return what a token may: of an installation that is what it may now."""
    if token.installation is None:
        return token.permissions
    now = token.installation.permissions
    return {name: now[name] for name in (token.permissions or now) if name in now}


def _require(asking: Asking, token: Token, route: Route) -> None:
    repository = asking.repository
    is_write = asking.method != "GET"
    is_given = reachable(asking.github, token, repository)
    if repository.is_archived and is_write:
        raise RefusalError(HTTPStatus.FORBIDDEN, "Repository was archived so is read-only.")
    if not route.needs or (repository.is_public and not is_write and not is_given):
        return
    has = permissions_of(token) if is_given else {}
    if not any(_covers(has, need) for need in route.needs):
        raise _forbidden(token, route)
    if token.installation is None and not _person_may(repository, token.login, route, is_write):
        raise not_found() if "hooks" in route.template else _forbidden(token, route)


def _covers(has: dict[str, str], need: str) -> bool:
    name, _, level = need.partition(":")
    return name in has and LEVELS.index(has[name]) >= LEVELS.index(level)


def _person_may(repository: Repository, login: str, route: Route, is_write: bool) -> bool:
    """Say whether a person's own role allows what their token does."""
    role = repository.permissions.get(login, "")
    if "hooks" in route.template:
        return role == "admin"
    if is_write and any(need.startswith(("contents", "statuses")) for need in route.needs):
        return role in ("admin", "maintain", "write")
    return True


def _forbidden(token: Token, route: Route) -> RefusalError:
    whom = "integration" if token.installation else "personal access token"
    accepted = "; ".join(need.replace(":", "=") for need in route.needs)
    return RefusalError(
        HTTPStatus.FORBIDDEN,
        f"Resource not accessible by {whom}",
        headers={"X-Accepted-GitHub-Permissions": accepted},
    )


def count(asking: Asking) -> dict[str, str]:
    """Count a request and return the limit's headers. Raises RefusalError once it is used up."""
    github = asking.github
    resets = github.resets_at or asking.now + timedelta(hours=1)
    is_over = github.used >= github.rate_limit
    github.used += not is_over
    headers = {
        "X-RateLimit-Limit": str(github.rate_limit),
        "X-RateLimit-Remaining": str(github.rate_limit - github.used),
        "X-RateLimit-Used": str(github.used),
        "X-RateLimit-Reset": str(int(resets.timestamp())),
        "X-RateLimit-Resource": "core",
    }
    if is_over:
        message = "API rate limit exceeded for installation ID 1."
        raise RefusalError(HTTPStatus.FORBIDDEN, message, headers=headers)
    return headers
