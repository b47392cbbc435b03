"""A repository at GitHub as a code host: files of commits, and addresses of lines."""

import base64
import binascii
from dataclasses import dataclass, field

from integrations.call_budgets import RESERVE_FOR_PEOPLE
from integrations.code_files import (
    CodeAccessLostError,
    as_text,
    check_commit,
    check_path,
    check_size,
)
from integrations.codehosts import (
    CodeFile,
    CodeHostBusyError,
    CodeUnavailableError,
    CommitGoneError,
    FileGoneError,
    NoCodeHostError,
    UnsafePathError,
)
from integrations.file_cache import cached_file, cached_text
from integrations.github.addresses import line_address
from integrations.github.client import RepositoryClient
from integrations.github.shapes import Content
from integrations.github.sign_in import Purpose, connection_calls
from integrations.models import RepositoryLink
from integrations.review_hosts import AccessLostError, GoneError, ReviewRefusedError

_FULL_COMMIT_LENGTHS = {40, 64}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubCodeHost:
    """Reads files of commits, in the background: it leaves calls for comments."""

    link: RepositoryLink
    client: RepositoryClient = field(repr=False)

    @classmethod
    def of_link(cls, link: RepositoryLink) -> "GitHubCodeHost":
        """Return the code host behind a link, whose location is `owner/name`."""
        calls = connection_calls(
            link.connection,
            purpose=Purpose.READ_CODE,
            repository_id=link.external_id,
            reserve=RESERVE_FOR_PEOPLE,
        )
        return cls(link=link, client=RepositoryClient(calls=calls, full_name=link.location))

    def read_file(self, *, path: str, commit: str) -> CodeFile:
        """Return a file of a commit; see the protocol for what is raised."""
        check_commit(commit)
        check_path(path)
        return cached_file(
            link=self.link,
            path=path,
            commit=commit,
            read=lambda: self._read(path=path, commit=commit),
        )

    def line_url(self, *, path: str, commit: str, line: int) -> str:
        """Return the address of a line (1-based) of a file at GitHub."""
        return line_address(
            base_url=self.link.connection.base_url,
            repository=self.link.location,
            path=path,
            commit=commit,
            line=line,
        )

    def _read(self, *, path: str, commit: str) -> CodeFile:
        try:
            return self._find(path=path, commit=commit)
        except AccessLostError as error:
            raise CodeAccessLostError(error.detail, field=error.field) from None
        except ReviewRefusedError as error:
            raise NoCodeHostError(error.detail, field=error.field) from None

    def _find(self, *, path: str, commit: str) -> CodeFile:
        full_commit = self._full(commit)
        try:
            found = self.client.contents(path=path, ref=full_commit)
        except GoneError:
            raise self._what_is_gone(path=path, commit=full_commit) from None
        if isinstance(found, list) or found.type != "file" or self._is_link(path, full_commit):
            raise UnsafePathError(
                f"path: {path} is a link, a folder or a submodule, not a file.", field="path"
            )
        check_size(found.size, path=path)
        return as_text(self._bytes_of(found), path=path, commit=commit)

    def _bytes_of(self, found: Content) -> bytes:
        if found.encoding != "base64":
            return self.client.blob(found.sha)
        try:
            content = base64.b64decode(found.content)
        except binascii.Error:
            content = b""
        if len(content) != found.size:
            raise CodeHostBusyError("GitHub's answer ended too early.")
        return content

    def _is_link(self, path: str, commit: str) -> bool:
        """Say whether a link stands at the path: GitHub answers with what it leads to."""
        folder, _slash, name = path.rpartition("/")
        names = cached_text(
            link=self.link,
            words=("links", commit, folder),
            read=lambda: "\n".join(self._links_in(folder, commit)),
        )
        return name in names.split("\n")

    def _links_in(self, folder: str, commit: str) -> list[str]:
        entries = self.client.contents(path=folder, ref=commit)
        found = entries if isinstance(entries, list) else []
        return [one.name for one in found if one.type != "file"]

    def _full(self, commit: str) -> str:
        """Return the full id of a commit; a branch may be named like the beginning of one."""
        if len(commit) in _FULL_COMMIT_LENGTHS:
            return commit
        try:
            full_commit = self.client.commit_of(commit)
        except ReviewRefusedError as error:
            if isinstance(error, AccessLostError):
                raise
            self._refuse_without_repository()
            raise _commit_gone(commit) from None
        if not full_commit.startswith(commit):
            raise _commit_gone(commit)
        return full_commit

    def _what_is_gone(self, *, path: str, commit: str) -> CodeUnavailableError:
        try:
            self.client.git_commit(commit)
        except AccessLostError:
            raise
        except ReviewRefusedError:
            self._refuse_without_repository()
            return _commit_gone(commit)
        return FileGoneError(
            f"path: there is no {path} at commit {commit[:12]}; scan again.", field="path"
        )

    def _refuse_without_repository(self) -> None:
        try:
            self.client.repository()
        except GoneError as error:
            raise NoCodeHostError(f"project: {self.link.location}: {error.detail}") from None


def _commit_gone(commit: str) -> CommitGoneError:
    return CommitGoneError(
        f"commit: {commit[:12]} is not in the repository at GitHub (any more); push it, or scan a"
        " newer commit.",
        field="commit",
    )
