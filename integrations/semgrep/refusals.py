"""What the system refused a program, read from the program's last words."""

import re
from dataclasses import dataclass

from integrations.semgrep.sandbox import Finished, ScannerFailedError

LAST_WORDS = 10_000


class ScannerMemoryLimitError(ScannerFailedError):
    """The scanner wanted more memory than it may have."""

    code = "scanner_memory_limit"


class ScannerProcessLimitError(ScannerFailedError):
    """The scanner wanted to start more processes than it may."""

    code = "scanner_process_limit"


class ScannerFileLimitError(ScannerFailedError):
    """The scanner wanted files that it may not have."""

    code = "scanner_file_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """An error, the words by which it is known, and the sentence for people."""

    kind: type[ScannerFailedError]
    words: re.Pattern[bytes]
    detail: str


_REFUSALS = (
    _Refusal(
        kind=ScannerMemoryLimitError,
        words=re.compile(
            rb"(?i)out[ _]of[ _]memory|memory exhausted|cannot allocate|MemoryError|bad_alloc"
        ),
        detail="The scanner needed more memory than it may have and was stopped: give it fewer"
        " rules or files at once, or look for a pattern that matches everything.",
    ),
    _Refusal(
        kind=ScannerProcessLimitError,
        words=re.compile(
            rb"(?i)cannot fork|fork: |can't start new thread|resource temporarily unavailable"
        ),
        detail="The scanner wanted to start more processes than it may and was stopped: try again"
        " when less is going on.",
    ),
    _Refusal(
        kind=ScannerFileLimitError,
        words=re.compile(rb"(?i)permission denied|read-only file system|too many open files"),
        detail="The scanner wanted files outside its folder, or too many of them, and was stopped:"
        " where it is installed in an unusual place, name that in SANDBOX_FOLDERS.",
    ),
)


def refused_by_system(finished: Finished) -> ScannerFailedError | None:
    """Return the limit that a program ran into, as far as its last words tell."""
    last_words = finished.errors[-LAST_WORDS:]
    for refusal in _REFUSALS:
        if finished.exit_code != 0 and refusal.words.search(last_words):
            return refusal.kind(refusal.detail)
    return None
