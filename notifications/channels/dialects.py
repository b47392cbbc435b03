"""Whose Markdown a body is written in, and where its lines can be looked at."""

import enum
from typing import Protocol


class Dialect(enum.Enum):
    """Whose Markdown a body is written in."""

    GITHUB = "github"
    GITLAB = "gitlab"


class Links(Protocol):
    """Where the lines of the change request's code can be looked at."""

    def line_url(self, path: str, line: int) -> str:
        """Return the address of a line (1-based); blank where there is none."""
        ...
