"""A stand-in for GitHub: real HTTP on the loopback, state in memory, content in git.

    with GitHubServer() as github:
        head = make_repository(tmp_path / "shop", {"app.py": "..."})
        github.add_repository("acme/shop", tmp_path / "shop", people={"mel": "write"})
        app = github.add_app("assay-acme")          # .id .slug .private_key .webhook_secret .bot
        installation = github.install(app, "acme", ["acme/shop"])     # .id
        token = github.add_token("acme-bot", ["acme/shop"])           # a fine-grained token: text
        Github(base_url=github.api_url, auth=...)   # /api/v3, as GitHub Enterprise Server has it
        connection.base_url = github.url            # what people type; the API is below it

        deliveries = github.push("acme/shop", "feature", {"app.py": "..."})
        pull, deliveries = github.open_pull("acme/shop", "feature", author="mel")
        github.comment("acme/shop", pull.number, "mel", "/fp why", in_reply_to=comment_id)
        github.merge("acme/shop", pull.number, "mel")

        github.review_comments("acme/shop", pull.number)[0].body
        github.notifications("acme/shop", pull.number)      # mails that a watcher got

People act through methods, and each gives the webhooks that GitHub would send: a list of
Delivery (event, action, headers, body, payload, url), one for each installed app and hook of the
repository that hears of it, signed with its secret. They go to the `webhook_url` of the app, of
the hook or of the server. Nothing is sent before `github.deliver()`, which sends all that waits, in
order, or the ones it is given: twice, late or in another order as a test likes. What is written
through the API makes deliveries as well, as it does at GitHub: our own comments come back to us,
with the bot as their sender. Where nothing is installed and no hook is set, each event makes one
delivery signed with `github.webhook_secret`.

Also: `edit_comment`, `delete_comment`, `close`, `reopen`, `edit_pull`, `delete_branch` (acting.py);
`rename`, `transfer`, `make_public`, `make_private`, `archive`, `delete_repository`, `share`,
`unshare`, `tell_installed` (governing.py). `push(..., force=True)` puts a new commit in place of
the branch's, `prune` lets the repository forget the old ones, `pushed` takes note of commits that
a test made with git itself. `pull.fork` and `pull.fork_is_gone` may be set.

A browser's part of making an app is played too: a form sent to /settings/apps/new (or
/organizations/ACME/settings/apps/new) with `manifest` is answered with the redirect that a person
gets, and /app-manifests/CODE/conversions gives the credentials, once (web.py).

A test makes trouble with
    github.suspend(installation); github.uninstall(installation); github.revoke(token)
    github.limit_rate(remaining=0)      # primary limit: 403, x-ratelimit-reset
    github.limit_secondary(retry_after=60, times=1, status=403)
    github.fail(500, times=2, method="POST", path="/reviews")
    github.forget(full_name)            # no access: 404
    github.grant(installation, {"checks": "read"})
    github.now = lambda: later          # tokens end after an hour of this clock
and what fails between two machines with tests/fault_proxy.py, whose `url` takes the place of
`github.url`. A person of the cast has the role that `people` gives; others have none.

Requests that GitHub's OpenAPI description (tests/payloads/github/openapi.json.gz) does not allow
are answered 422 and kept in `github.violations`; answers of ours that it does not allow are kept
there as well. Leaving the context with violations raises AssertionError.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from tests.github_server.acting import Acting
from tests.github_server.governing import Governing
from tests.github_server.http_rim import handler_of
from tests.github_server.looking import Looking
from tests.github_server.seeding import Seeding
from tests.github_server.trouble import Trouble
from tests.loopback import Loopback


class GitHubServer(Seeding, Acting, Governing, Looking, Trouble):
    """GitHub in a thread; use it as a context manager."""

    def __init__(
        self,
        *,
        webhook_url: str = "",
        webhook_secret: str = "a-webhook-secret",
        now: Callable[[], datetime] | None = None,
        files_limit: int = 3000,
        rate_limit: int = 5000,
        compare_limit: int = 300,
        patch_limit: int = 1_000_000,
        content_limit: int = 1_048_576,
    ):
        super().__init__()
        self.webhook_url = webhook_url
        self.webhook_secret = webhook_secret
        self.now = now or (lambda: datetime.now(UTC))
        self.files_limit = files_limit
        self.rate_limit = rate_limit
        self.compare_limit = compare_limit
        self.patch_limit = patch_limit
        self.content_limit = content_limit
        self.violations: list[str] = []
        self.lock = threading.RLock()
        self.closing = threading.Event()
        self._http = Loopback(handler_of(self))

    @property
    def url(self) -> str:
        """What people type: the address of the pages."""
        return self._http.url

    @property
    def api_url(self) -> str:
        """The base of the API; the same paths are served without /api/v3."""
        return f"{self.url}/api/v3"

    def __enter__(self) -> Self:
        self._http.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self.closing.set()
        self._http.stop()
        if kind is None and self.violations:
            raise AssertionError("GitHub's description forbids:\n" + "\n".join(self.violations))
