"""A git repository on this machine as a code host; only where the operator allows it."""

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from integrations.code_files import FILE_MODES, as_text, check_commit, check_path, check_size
from integrations.codehosts import (
    CodeFile,
    CommitGoneError,
    FileGoneError,
    NoCodeHostError,
    UnsafePathError,
)
from integrations.local_git.client import GitClient, GitFailedError, TreeEntry
from integrations.models import RepositoryLink


def refuse_unless_allowed() -> None:
    """Raise NoCodeHostError where the operator has not allowed local repositories."""
    if not settings.ALLOW_LOCAL_REPOSITORIES:
        raise NoCodeHostError(
            "Local repositories are switched off; set ALLOW_LOCAL_REPOSITORIES=1 to read them."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalGitCodeHost:
    """Reads files of commits; never the work tree."""

    location: Path

    @classmethod
    def of_link(cls, link: RepositoryLink) -> "LocalGitCodeHost":
        """Return the code host behind a link, whose location is a folder."""
        return cls(location=Path(link.location))

    def read_file(self, *, path: str, commit: str) -> CodeFile:
        """Return a file of a commit; see the protocol for what is raised."""
        refuse_unless_allowed()
        check_commit(commit)
        check_path(path)
        git = GitClient(location=self.location)
        try:
            entry = _find_file(git, path=path, commit=commit)
            content = git.read_blob(entry.object_id)
        except GitFailedError as error:
            raise self._why_it_failed(git, path) from error
        return as_text(content, path=path, commit=commit)

    def line_url(self, *, path: str, commit: str, line: int) -> str:  # noqa: ARG002 the protocol's
        """Return nothing: a folder on the server has no address for people."""
        return ""

    def _why_it_failed(self, git: GitClient, path: str) -> Exception:
        if not git.is_repository():
            return NoCodeHostError(
                "The connected folder is no longer a git repository; connect the project again."
            )
        return FileGoneError(
            f"path: {path} cannot be read from the repository; fetch its missing objects.",
            field="path",
        )


def _find_file(git: GitClient, *, path: str, commit: str) -> TreeEntry:
    full_commit = git.find_commit(commit)
    if full_commit is None:
        if not git.is_repository():
            raise GitFailedError
        raise CommitGoneError(
            f"commit: {commit[:12]} is not in the connected repository; fetch or push it,"
            " or scan a newer commit.",
            field="commit",
        )
    entry = git.find_entry(commit=full_commit, path=path)
    if entry is None:
        raise FileGoneError(
            f"path: there is no {path} at commit {commit[:12]}; scan again.", field="path"
        )
    if entry.kind != "blob" or entry.mode not in FILE_MODES:
        raise UnsafePathError(
            f"path: {path} is a link, a folder or a submodule, not a file.", field="path"
        )
    if entry.size is None:
        raise GitFailedError
    check_size(entry.size, path=path)
    return entry
