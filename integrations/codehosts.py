"""What every code host can do for us, the values it gives, and why code may be out of reach."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from core.errors import ProblemError, TransientError


class CodeUnavailableError(ProblemError):
    """The code cannot be read, and another try will not mend that; the sentence says what will."""

    code = "code_unavailable"
    status = HTTPStatus.CONFLICT


class NoCodeHostError(CodeUnavailableError):
    """The project has no connected repository, or one that can no longer be reached."""

    code = "no_code_host"


class CommitGoneError(CodeUnavailableError):
    """The repository does not hold the commit."""

    code = "commit_gone"


class FileGoneError(CodeUnavailableError):
    """The commit is there and does not hold the file."""

    code = "file_gone"


class BinaryFileError(CodeUnavailableError):
    """The file is not text."""

    code = "binary_file"


class FileTooLargeError(CodeUnavailableError):
    """The file is larger than what is read of one file."""

    code = "file_too_large"


class UnsafePathError(CodeUnavailableError):
    """The path or the commit is not one that is passed on: it leads outside the repository."""

    code = "unsafe_path"
    status = HTTPStatus.BAD_REQUEST


class CodeHostBusyError(TransientError):
    """The code host did not answer in time or not at all; another try may work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFile:
    """One file of one commit, as text."""

    path: str
    commit: str
    text: str
    content_hash: str
    """Hex SHA-256 of the file's bytes."""
    is_damaged: bool = False
    """Whether some bytes were not UTF-8 and were replaced."""


class CodeHost(Protocol):
    """Where the code of one project lives."""

    def read_file(self, *, path: str, commit: str) -> CodeFile:
        """Return a file as it is at `commit`.

        Raises CodeUnavailableError when it cannot be read, CodeHostBusyError for another try.
        """
        ...

    def line_url(self, *, path: str, commit: str, line: int) -> str:
        """Return the address of a line (1-based) for people; blank where there is none."""
        ...
