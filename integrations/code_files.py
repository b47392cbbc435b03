"""What every code host asks of a path and a commit, and how bytes become a file of text; pure."""

import hashlib
import re

from integrations.codehosts import (
    BinaryFileError,
    CodeFile,
    FileTooLargeError,
    NoCodeHostError,
    UnsafePathError,
)
from integrations.review_hosts import AccessLostError

FILE_LIMIT_BYTES = 1_000_000
FILE_MODES = frozenset({"100644", "100755"})
"""What git calls a file, and no link, folder or submodule."""
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_SNIFFED_BYTES = 8000


class CodeAccessLostError(NoCodeHostError, AccessLostError):
    """The code cannot be read because the connection no longer may; both kinds of refusal."""

    code = "access_lost"


def check_commit(commit: str) -> None:
    """Raise UnsafePathError where a commit is no hexadecimal id."""
    if not _COMMIT.fullmatch(commit):
        raise UnsafePathError(
            "commit: must be 7 to 64 lower-case hex digits; scan again with git present.",
            field="commit",
        )


def check_path(path: str) -> None:
    """Raise UnsafePathError where a path leads out of the repository, or may be misread."""
    is_safe = (
        bool(path)
        and not path.startswith("/")
        and "\\" not in path
        and all(character.isprintable() for character in path)
        and not any(part in {"", ".", "..", ".git"} for part in path.split("/"))
    )
    if not is_safe:
        raise UnsafePathError(
            "path: must be relative to the repository, with forward slashes, without '..' and"
            " control characters.",
            field="path",
        )


def check_size(size: int, *, path: str) -> None:
    """Raise FileTooLargeError where a file has more bytes than are read."""
    if size > FILE_LIMIT_BYTES:
        raise FileTooLargeError(
            f"path: {path} has {size:,} bytes; at most {FILE_LIMIT_BYTES:,} are read.",
            field="path",
        )


def as_text(content: bytes, *, path: str, commit: str) -> CodeFile:
    """Return a file's bytes as text. Raises BinaryFileError."""
    if b"\0" in content[:_SNIFFED_BYTES]:
        raise BinaryFileError(f"path: {path} is not a text file.", field="path")
    text = content.decode("utf-8-sig", "replace")
    return CodeFile(
        path=path,
        commit=commit,
        text=text,
        content_hash=hashlib.sha256(content).hexdigest(),
        is_damaged="\N{REPLACEMENT CHARACTER}" in text
        and "\N{REPLACEMENT CHARACTER}".encode() not in content,
    )
