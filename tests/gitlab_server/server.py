"""A stand-in for GitLab: real HTTP on the loopback, state in memory, content in git.

    with GitLabServer() as gitlab:
        make_repository(tmp_path / "shop", {"app.py": "..."})
        gitlab.add_repository("acme/shop", tmp_path / "shop", people={"mel": "developer"})
        token = gitlab.add_token("project_1_bot_ab12", ["acme/shop"])     # its text
        connection.base_url = gitlab.url            # what people type; the API is below it

        deliveries = gitlab.push("acme/shop", "feature", {"app.py": "..."})
        one, deliveries = gitlab.open_merge_request("acme/shop", "feature", author="mel")
        gitlab.comment("acme/shop", one.iid, "mel", "/fp why", in_reply_to=discussion_id)
        gitlab.merge("acme/shop", one.iid, "mel")

        gitlab.discussions("acme/shop", one.iid)[0].notes[0].body
        gitlab.notes("acme/shop", one.iid); gitlab.statuses("acme/shop", sha)
        gitlab.notifications("acme/shop", one.iid)       # mails that a watcher got

The names are those of tests/github_server/server.py where the thing is the same. People act
through methods, and each gives the webhooks that GitLab would send: a list of Delivery (event,
headers, body, url), one for each hook of the project that listens and one for the `webhook_url` of
the server; nothing is sent before `gitlab.deliver()`, which sends all that waits (or the ones it is
given), in order. What is written through the API makes deliveries as well: our own comments come
back to us. The deletion of a project is told as group hooks tell it; a new name, owner or
visibility as system hooks do (projects' own hooks hear of neither).

A test makes trouble with
    gitlab.revoke(token); gitlab.limit(retry_after=60); gitlab.forget(full_name)
    gitlab.limit_rate(remaining=0, resets_at=...)
    gitlab.fail(500, times=2, method="POST", path="/discussions")
    gitlab.has_draft_notes = False; gitlab.blocks_hooks = True; gitlab.is_endless = True
    gitlab.link_base = "https://elsewhere.example"
    project.too_large.add("app.py"); project.collapsed.add("app.py")
and what fails between two machines with tests/fault_proxy.py.

Requests that the shapes of shapes.py do not allow are answered 400 and kept in
`gitlab.violations`; answers of ours that they do not allow are kept there as well. Leaving the
context with violations raises AssertionError.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

from tests.gitlab_server.acting import Acting
from tests.gitlab_server.entities import Entities
from tests.gitlab_server.events import Events
from tests.gitlab_server.http_rim import handler_of
from tests.gitlab_server.looking import Looking
from tests.gitlab_server.seeding import Seeding
from tests.gitlab_server.trouble import Trouble
from tests.loopback import Loopback


class GitLabServer(Seeding, Acting, Looking, Trouble, Entities, Events):
    """GitLab in a thread; use it as a context manager."""

    def __init__(
        self,
        *,
        webhook_url: str = "",
        webhook_secret: str = "a-webhook-secret",
        now: Callable[[], datetime] | None = None,
        files_limit: int = 1000,
        prefix: str = "",
    ):
        self.webhook_url = webhook_url
        self.webhook_secret = webhook_secret
        self.now = now or (lambda: datetime.now(UTC))
        self.files_limit = files_limit
        self.prefix = prefix
        super().__init__()
        self.version = "18.5.0-ee"
        self.has_draft_notes = True
        self.blocks_hooks = False
        self.link_base = ""
        self.is_endless = False
        self.violations: list[str] = []
        self.lock = threading.RLock()
        self._http = Loopback(handler_of(self))

    @property
    def url(self) -> str:
        """What people type: the address of the pages, with the prefix."""
        return f"{self._http.url}{self.prefix}"

    @property
    def api_url(self) -> str:
        """The base of the API."""
        return f"{self.url}/api/v4"

    def __enter__(self) -> Self:
        self._http.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        self._http.stop()
        if kind is None:
            self.refuse_violations()

    def refuse_violations(self) -> None:
        """Raise AssertionError where something was said that the shapes do not allow."""
        if self.violations:
            raise AssertionError("GitLab's documentation forbids:\n" + "\n".join(self.violations))
