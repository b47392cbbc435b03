"""How tests make trouble: limits, refusals, lost access and failures."""

import threading
from collections.abc import Mapping

from tests.github_server.trouble import Failure
from tests.gitlab_server.routing import ApiError
from tests.gitlab_server.state import Repository, Token


class Trouble:
    """Trouble that the next requests meet."""

    lock: threading.RLock
    repositories: dict[str, Repository]
    tokens: dict[str, Token]

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[Failure] = []
        self.remaining: int | None = None
        self.resets_at = 0

    def fail(
        self,
        status: int,
        *,
        times: int = 1,
        method: str = "",
        path: str = "",
        headers: Mapping[str, str] | None = None,
        message: str = "500 Internal Server Error",
        seconds: float = 0,
    ) -> None:
        """Let the next requests that fit fail before anything is done; `path` is a part of it.

        A status of 0 lets a request through once its seconds are over.
        """
        self.failures.append(
            Failure(status, times, method, path, dict(headers or {}), message, seconds)
        )

    def limit(self, *, retry_after: int | None = 60, times: int = 1, method: str = "") -> None:
        """Answer the next requests that they come too fast."""
        headers = {"Content-Type": "text/plain"}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        self.fail(429, times=times, method=method, headers=headers, message="Retry later\n")

    def limit_rate(self, *, remaining: int, resets_at: int) -> None:
        """Say in each answer how many calls are left until a moment (seconds since 1970)."""
        self.remaining, self.resets_at = remaining, resets_at

    def limit_headers(self) -> dict[str, str]:
        """Return the headers of the limits; none where nothing was limited."""
        if self.remaining is None:
            return {}
        return {
            "RateLimit-Limit": "2000",
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.resets_at),
            "RateLimit-Name": "throttle_authenticated_api",
        }

    def revoke(self, token: str) -> None:
        """Answer 401 to a token from now on."""
        self.tokens[token].is_revoked = True

    def forget(self, full_name: str) -> None:
        """Answer 404 to every token for a project; no webhook tells of it."""
        self.repositories[full_name].visibility = "private"
        self.repositories[full_name].members.clear()

    def seconds_of_failure(self, method: str, path: str) -> float:
        """Return how long the next request that fits is to wait."""
        with self.lock:
            failure = next((one for one in self.failures if one.fits(method, path)), None)
        return failure.seconds if failure else 0

    def meet_trouble(self, method: str, path: str) -> None:
        """Raise the refusal that waits for a request."""
        failure = next((one for one in self.failures if one.fits(method, path)), None)
        if failure is None:
            return
        failure.times -= 1
        if failure.status:
            headers = failure.headers or {}
            is_text = headers.get("Content-Type") == "text/plain"
            body = failure.message.encode() if is_text else {"message": failure.message}
            raise ApiError(failure.status, body, headers)
