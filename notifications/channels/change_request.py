"""The comments of a change request and its status, as Markdown; pure.

Every body ends with the marker of its key, and all text from outside in it is neutral: it notifies
nobody, refers to nothing, and commands nothing.
"""

import enum
from collections.abc import Sequence
from typing import Protocol

from integrations.review_hosts import Status
from notifications.facts import FindingNotice


class Dialect(enum.Enum):
    """Whose Markdown a body is written in."""

    GITHUB = "github"
    GITLAB = "gitlab"


class Links(Protocol):
    """Where the lines of the change request's code can be looked at."""

    def line_url(self, path: str, line: int) -> str:
        """Return the address of a line (1-based); blank where there is none."""
        ...


def finding_body(
    notice: FindingNotice,
    *,
    key: str,
    dialect: Dialect,
    has_suggestion: bool,
    links: Links,
    commands: str,
) -> str:
    """Return the comment on one finding; `commands`: the prefix, blank where none are taken."""
    raise NotImplementedError


def rule_body(notices: Sequence[FindingNotice], *, key: str, dialect: Dialect, links: Links) -> str:
    """Return the comment on many findings of one rule."""
    raise NotImplementedError


def status_of(notices: Sequence[FindingNotice], *, is_analyzing: bool, url: str) -> Status:
    """Return the summary of a change request's findings for a check run or commit status."""
    raise NotImplementedError
