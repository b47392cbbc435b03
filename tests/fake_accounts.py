"""A stand-in for the account behind a connection."""

import zlib

from integrations.accounts import Account, PermissionCheck, RemoteRepository, RepositoryPage
from integrations.review_hosts import GoneError

PAGE_SIZE = 3


def a_repository(full_name, **facts):
    return RemoteRepository(
        **{
            "external_id": str(zlib.crc32(full_name.encode())),
            "full_name": full_name,
            "web_url": f"https://code.example/{full_name}",
            "default_branch": "main",
            "is_public": False,
            "is_archived": False,
            **facts,
        }
    )


def a_check(name="contents:read", ok=True, **facts):
    return PermissionCheck(
        name=name, ok=ok, **{"label": f"{name} label", "needed_for": "reading code", **facts}
    )


class FakeAccount:
    """An account that keeps its repositories and webhooks in memory.

    `broken` is raised by every call, `hook_refusal` by those that make webhooks.
    """

    def __init__(self, *repositories, checks=()):
        self.remote = {one.full_name: one for one in repositories}
        self.checks = list(checks) or [a_check()]
        self.hooks: dict[str, tuple[str, str]] = {}
        self.broken: Exception | None = None
        self.hook_refusal: Exception | None = None
        self.before_call = lambda: None

    def of_connection(self, connection):
        """Return this account, for every connection: goes into the registry."""
        return self

    def who(self):
        self._call()
        return Account(login="assay-acme[bot]", name="acme")

    def check(self):
        self._call()
        return self.checks

    def repositories(self, *, page):
        self._call()
        names = list(self.remote)
        start = (page - 1) * PAGE_SIZE
        more = len(names) > start + PAGE_SIZE
        return RepositoryPage(
            repositories=[self.remote[name] for name in names[start : start + PAGE_SIZE]],
            next_page=page + 1 if more else None,
        )

    def repository(self, *, full_name):
        self._call()
        if full_name not in self.remote:
            raise GoneError(f"{full_name} is not there, or not shared with the connection.")
        return self.remote[full_name]

    def ensure_webhook(self, *, full_name, url, secret):
        self._call()
        if self.hook_refusal:
            raise self.hook_refusal
        self.hooks[full_name] = (url, secret)
        return "77"

    def _call(self):
        self.before_call()
        if self.broken:
            raise self.broken
