"""How tests make trouble: limits, refusals, lost access and failures."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.github_server.state import Installation, Repository, Token


@dataclass
class Failure:
    """Answers that take the place of the next few that fit."""

    status: int
    times: int
    method: str = ""
    path: str = ""
    headers: dict[str, str] | None = None
    message: str = "Server Error"
    seconds: float = 0
    """Wait so long first; 0 for at once."""

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in ("", method) and self.path in path


class Trouble:
    """Trouble that the next requests meet."""

    now: Callable[[], datetime]
    lock: threading.RLock
    repositories: dict[str, Repository]
    tokens: dict[str, Token]
    rate_limit: int

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[Failure] = []
        self.used = 0
        self.resets_at: datetime | None = None

    def fail(
        self,
        status: int,
        *,
        times: int = 1,
        method: str = "",
        path: str = "",
        headers: Mapping[str, str] | None = None,
        message: str = "Server Error",
        seconds: float = 0,
    ) -> None:
        """Let the next requests that fit fail before anything is done; `path` is a part of it."""
        self.failures.append(
            Failure(status, times, method, path, dict(headers or {}), message, seconds)
        )

    def limit_secondary(
        self, *, retry_after: int | None = 60, times: int = 1, status: int = 403, method: str = ""
    ) -> None:
        """Answer the next requests that they come too fast; 403 and 429 both occur."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        message = "You have exceeded a secondary rate limit. Please wait a few minutes."
        self.fail(status, times=times, method=method, headers=headers, message=message)

    def limit_rate(self, *, remaining: int, resets_at: datetime | None = None) -> None:
        """Leave so many requests in the hour; at 0 every one is answered 403."""
        self.used = self.rate_limit - remaining
        self.resets_at = resets_at

    def revoke(self, token: str) -> None:
        """Answer 401 to a token from now on."""
        self.tokens[token].is_revoked = True

    def grant(self, installation: Installation, permissions: Mapping[str, str | None]) -> None:
        """Change an installation's permissions, also of tokens that are out; None takes one."""
        for name, level in permissions.items():
            if level is None:
                installation.permissions.pop(name, None)
            else:
                installation.permissions[name] = level

    def forget(self, full_name: str) -> None:
        """Answer 404 to every token for a repository; no webhook tells of it."""
        gone = self.repositories[full_name].id
        for token in self.tokens.values():
            token.repositories.discard(gone)
        for installation in self.installations.values():  # type: ignore[attr-defined]
            installation.repositories.discard(gone)
            installation.takes_all = False
