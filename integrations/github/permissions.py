"""What a connection to GitHub must be allowed, and what GitHub says of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from integrations.accounts import PermissionCheck
from integrations.github.calls import Calls
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError

_RANKS = {"read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One permission, in GitHub's words, and why we ask for it."""

    area: str
    level: str
    label: str
    needed_for: str
    probe: str
    """A path below a repository that shows whether it may be read; `{branch}` is filled in."""
    is_required: bool = True

    @property
    def name(self) -> str:
        """Return `pull_requests:write`."""
        return f"{self.area}:{self.level}"


_COMMON = (
    Need(
        area="metadata",
        level="read",
        label="Metadata: read",
        needed_for="finding repositories, and who may write to them",
        probe="",
    ),
    Need(
        area="contents",
        level="read",
        label="Contents: read",
        needed_for="showing code, and judging findings with it",
        probe="/commits/{branch}",
    ),
    Need(
        area="pull_requests",
        level="write",
        label="Pull requests: read and write",
        needed_for="comments in pull requests, and answers to commands",
        probe="/pulls",
    ),
)
_FIXES = Need(
    area="contents",
    level="write",
    label="Contents: read and write",
    needed_for="opening pull requests with fixes",
    probe="/commits/{branch}",
    is_required=False,
)
_CHECKS = Need(
    area="checks",
    level="write",
    label="Checks: read and write",
    needed_for="the summary of a commit as a check run",
    probe="/commits/{branch}/check-runs",
)
_STATUSES = Need(
    area="statuses",
    level="write",
    label="Commit statuses: read and write",
    needed_for="the summary of a commit as a commit status",
    probe="/commits/{branch}/statuses",
)
_WEBHOOKS = Need(
    area="repository_hooks",
    level="write",
    label="Webhooks: read and write",
    needed_for="making the webhook; without it, make it by hand",
    probe="/hooks",
    is_required=False,
)
NEEDED_BY_APP: Sequence[Need] = (*_COMMON, _CHECKS, _FIXES)
NEEDED_BY_TOKEN: Sequence[Need] = (*_COMMON, _STATUSES, _FIXES, _WEBHOOKS)
_UNTOLD = (
    "GitHub lets this token read here and does not tell whether it may write; the first comment"
    " will show it."
)


def checks_of_app(permissions: Mapping[str, str]) -> list[PermissionCheck]:
    """Return the checks of an installation: GitHub lists what it was granted."""
    return [_check_of_app(need, permissions.get(need.area, "")) for need in NEEDED_BY_APP]


def _check_of_app(need: Need, granted: str) -> PermissionCheck:
    ok = _RANKS.get(granted, 0) >= _RANKS[need.level]
    remedy = (
        f"Granted: {granted or 'nothing'}. Give the GitHub App {need.label}, and accept the change"
        " in the installation's settings at GitHub."
    )
    return _check(need, ok=ok, detail="" if ok else remedy)


def checks_of_token(
    calls: Calls, *, repository_path: str, branch: str, scopes: str | None
) -> list[PermissionCheck]:
    """Return the checks of a token by what it may read in one repository.

    `scopes`: the header X-OAuth-Scopes, which classic tokens have and fine-grained ones have not.
    """
    if scopes:
        return [_check_of_scopes(need, scopes) for need in NEEDED_BY_TOKEN]

    def ask(need: Need) -> None:
        probe = need.probe.format(branch=branch)
        # Only the repository itself is no list.
        parameters = {"per_page": 1} if probe else {}
        calls.headers(f"{repository_path}{probe}", needs=need.label, **parameters)

    return [_check_of_token(need, ask) for need in NEEDED_BY_TOKEN]


def unknown_checks() -> list[PermissionCheck]:
    """Return the checks of a token that reaches no repository in which to try it."""
    detail = "The token reaches no repository; give it one at GitHub."
    return [_check(need, ok=None, detail=detail) for need in NEEDED_BY_TOKEN]


def _check_of_scopes(need: Need, scopes: str) -> PermissionCheck:
    ok = "repo" in {scope.strip() for scope in scopes.split(",")}
    remedy = "Give the token the scope `repo`, or better: use a fine-grained token."
    return _check(need, ok=ok, detail="" if ok else remedy)


def _check_of_token(need: Need, ask: Callable[[Need], None]) -> PermissionCheck:
    try:
        ask(need)
    except (AccessLostError, GoneError):
        remedy = f"Give the token {need.label} in its settings at GitHub."
        return _check(need, ok=False, detail=remedy)
    except ReviewRefusedError as error:
        return _check(need, ok=None, detail=error.detail)
    if need.level == "read":
        return _check(need, ok=True, detail="")
    return _check(need, ok=None, detail=_UNTOLD)


def _check(need: Need, *, ok: bool | None, detail: str) -> PermissionCheck:
    return PermissionCheck(
        name=need.name,
        label=need.label,
        ok=ok,
        needed_for=need.needed_for,
        detail=detail,
        is_required=need.is_required,
    )
