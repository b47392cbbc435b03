"""A project at GitLab as a code host: files of commits, and addresses of lines."""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

from integrations.call_budgets import RESERVE_FOR_PEOPLE
from integrations.code_files import (
    FILE_MODES,
    CodeAccessLostError,
    as_text,
    check_commit,
    check_path,
    check_size,
)
from integrations.codehosts import (
    CodeFile,
    CodeHostBusyError,
    CommitGoneError,
    FileGoneError,
    FileTooLargeError,
    NoCodeHostError,
    UnsafePathError,
)
from integrations.file_cache import cached_file
from integrations.gitlab.addresses import line_address, project_name
from integrations.gitlab.client import GitLabClient, ProjectClient
from integrations.gitlab.failures import LongAnswerError, MissingError
from integrations.gitlab.shapes import File
from integrations.models import RepositoryLink
from integrations.review_hosts import AccessLostError, ReviewRefusedError

_LONGEST_TARGET_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLabCodeHost:
    """Reads files of commits, in the background: it leaves calls for comments."""

    link: RepositoryLink
    client: ProjectClient = field(repr=False)

    @classmethod
    def of_link(cls, link: RepositoryLink) -> "GitLabCodeHost":
        """Return the code host behind a link, whose location is `group/project`."""
        client = GitLabClient.of_connection(link.connection, reserve=RESERVE_FOR_PEOPLE)
        return cls(link=link, client=client.of_project(project_name(link)))

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
        """Return the address of a line (1-based) of a file at GitLab."""
        return line_address(self.link, path=path, commit=commit, line=line)

    def _read(self, *, path: str, commit: str) -> CodeFile:
        try:
            found = self.client.file(path, ref=commit)
            # A branch may be named like the beginning of a commit, and would win.
            if not found.commit_id.startswith(commit):
                raise _commit_gone(commit)
            check_size(found.size, path=path)
            content = _bytes_of(found)
            if self._is_link(path, content, commit=found.commit_id):
                raise UnsafePathError(f"path: {path} is a link, not a file.", field="path")
        except MissingError as error:
            raise self._what_is_gone(error, path=path, commit=commit) from None
        except LongAnswerError:
            detail = f"path: {path} is larger than what is read of a file."
            raise FileTooLargeError(detail, field="path") from None
        except AccessLostError as error:
            raise CodeAccessLostError(error.detail, field=error.field) from None
        except ReviewRefusedError as error:
            raise NoCodeHostError(error.detail, field=error.field) from None
        return as_text(content, path=path, commit=commit)

    def _is_link(self, path: str, content: bytes, *, commit: str) -> bool:
        """Say whether a link stands at the path: GitLab answers with where it leads to.

        Only its folder tells, so only what might be a link is looked up.
        """
        if len(content) > _LONGEST_TARGET_BYTES or b"\n" in content or not content:
            return False
        entries = self.client.folder(path.rpartition("/")[0], ref=commit)
        return not any(one.path == path and one.mode in FILE_MODES for one in entries)

    def _what_is_gone(self, error: MissingError, *, path: str, commit: str) -> Exception:
        words = error.words.lower()
        if "commit not found" in words:
            return _commit_gone(commit)
        if "file not found" in words:
            return FileGoneError(
                f"path: there is no {path} at commit {commit[:12]}; scan again.", field="path"
            )
        return NoCodeHostError(f"project: {self.link.location}: {error.detail}")


def _bytes_of(found: File) -> bytes:
    try:
        content = base64.b64decode(found.content) if found.encoding == "base64" else b""
    except binascii.Error:
        content = b""
    if hashlib.sha256(content).hexdigest() != found.content_sha256:
        raise CodeHostBusyError("GitLab's answer holds another file than it says.")
    return content


def _commit_gone(commit: str) -> CommitGoneError:
    return CommitGoneError(
        f"commit: {commit[:12]} is not in the repository at GitLab (any more); push it, or scan a"
        " newer commit.",
        field="commit",
    )
