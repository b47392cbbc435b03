"""Apps, their installations, and who a token is."""

import secrets
from datetime import timedelta
from http import HTTPStatus

from tests.github_server.access import LEVELS, reachable
from tests.github_server.routing import Answer, Asking, RefusalError, not_found, route
from tests.github_server.state import Installation, Token


@route("GET", "/app", who="app")
def show_app(asking: Asking) -> Answer:
    count = sum(one.app is asking.app for one in asking.github.installations.values())
    return Answer({**asking.shapes.app(asking.app), "installations_count": count})


@route("GET", "/app/installations", who="app")
def list_installations(asking: Asking) -> Answer:
    rows = [
        one
        for one in asking.github.installations.values()
        if one.app is asking.app and not one.is_deleted
    ]
    return asking.page(rows, asking.shapes.installation)


def _installation(asking: Asking) -> Installation:
    found = asking.row(asking.github.installations, "installation_id")
    if found.app is not asking.app or found.is_deleted:
        raise not_found()
    return found


@route("GET", "/app/installations/{installation_id}", who="app")
def show_installation(asking: Asking) -> Answer:
    return Answer(asking.shapes.installation(_installation(asking)))


@route("GET", "/repos/{owner}/{repo}/installation", who="app")
def installation_of_repository(asking: Asking) -> Answer:
    full_name = f"{asking.parts['owner']}/{asking.parts['repo']}"
    repository = asking.github.repositories.get(full_name)
    for one in asking.github.installations.values():
        is_ours = one.app is asking.app and not one.is_deleted
        if repository and is_ours and asking.github.reaches(one, repository):
            return Answer(asking.shapes.installation(one))
    raise not_found()


@route("POST", "/app/installations/{installation_id}/access_tokens", who="app")
def mint_token(asking: Asking) -> Answer:
    installation = _installation(asking)
    if installation.suspended_at is not None:
        raise RefusalError(HTTPStatus.FORBIDDEN, "This installation has been suspended")
    wanted = asking.body or {}
    token = Token(
        value=f"ghs_{secrets.token_hex(18)}",
        login=installation.app.bot,
        permissions=_granted(installation, wanted.get("permissions")),
        repositories=_chosen(asking, installation, wanted),
        expires_at=asking.now + timedelta(hours=1),
        installation=installation,
    )
    asking.github.tokens[token.value] = token
    shape = asking.shapes.token(token)
    shape["permissions"] = token.permissions or dict(installation.permissions)
    return Answer(shape, HTTPStatus.CREATED)


def _granted(installation: Installation, wanted: dict[str, str] | None) -> dict[str, str]:
    """Return the permissions asked for; none for all that there are, now and later."""
    for name, level in (wanted or {}).items():
        has = installation.permissions.get(name)
        if has is None or LEVELS.index(has) < LEVELS.index(level):
            raise RefusalError(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "The permissions requested are not granted to this installation.",
            )
    return dict(wanted or {})


def _chosen(asking: Asking, installation: Installation, wanted: dict[str, list]) -> set[int]:
    ids = set(wanted.get("repository_ids", []))
    names = set(wanted.get("repositories", []))
    reached = [
        one
        for one in asking.github.repositories.values()
        if asking.github.reaches(installation, one)
    ]
    chosen = {one.id for one in reached if one.id in ids or one.name in names}
    if len(chosen) < len(ids | names):
        raise RefusalError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "There is at least one repository that does not exist or is not accessible to the"
            " parent installation.",
        )
    return chosen


@route("GET", "/installation/repositories", who="installation")
def list_installed_repositories(asking: Asking) -> Answer:
    rows = [
        one
        for one in asking.github.repositories.values()
        if reachable(asking.github, asking.token, one)
    ]
    return asking.page(
        rows, lambda one: asking.shapes.repository(one, asking.login), "repositories"
    )


@route("DELETE", "/installation/token", who="installation")
def revoke_token(asking: Asking) -> Answer:
    asking.token.is_revoked = True
    return Answer(None, HTTPStatus.NO_CONTENT)


@route("POST", "/app-manifests/{code}/conversions", who="anyone")
def convert_manifest(asking: Asking) -> Answer:
    app = asking.github.manifest_codes.pop(asking.parts["code"], None)
    if app is None:
        raise not_found()
    shape = asking.shapes.app(app) | {
        "client_secret": app.client_secret,
        "webhook_secret": app.webhook_secret,
        "pem": app.private_key,
    }
    return Answer(shape, HTTPStatus.CREATED)


@route("GET", "/user", who="user")
def show_user(asking: Asking) -> Answer:
    shape = {**asking.shapes.person(asking.login), "user_view_type": "public"}
    ends = asking.token.expires_at
    stamp = ends.strftime("%Y-%m-%d %H:%M:%S UTC") if ends else ""
    name = "GitHub-Authentication-Token-Expiration"
    return Answer(shape, headers={name: stamp} if stamp else {})


@route("GET", "/user/repos", who="user")
def list_user_repositories(asking: Asking) -> Answer:
    rows = [
        one
        for one in asking.github.repositories.values()
        if reachable(asking.github, asking.token, one)
    ]
    return asking.page(rows, lambda one: asking.shapes.repository(one, asking.login))


@route("GET", "/rate_limit")
def show_limits(asking: Asking) -> Answer:
    github = asking.github
    resets = github.resets_at or asking.now + timedelta(hours=1)
    core = {
        "limit": github.rate_limit,
        "used": github.used,
        "remaining": github.rate_limit - github.used,
        "reset": int(resets.timestamp()),
    }
    return Answer({"resources": {"core": core, "search": core}, "rate": core})
