"""Addresses of a project's pages at GitLab, for people; pure."""

from urllib.parse import quote

from integrations.models import RepositoryLink


def project_address(link: RepositoryLink) -> str:
    """Return the address of the project, below the base URL that the connection names."""
    return f"{link.connection.base_url.rstrip('/')}/{quote(link.location)}"


def line_address(link: RepositoryLink, *, path: str, commit: str, line: int) -> str:
    """Return the address of a line (1-based) of a file at a commit."""
    return f"{project_address(link)}/-/blob/{quote(commit)}/{quote(path)}#L{line}"


def note_address(link: RepositoryLink, *, number: int, note_id: int) -> str:
    """Return the address of a comment in a merge request."""
    return f"{project_address(link)}/-/merge_requests/{number}#note_{note_id}"


def project_name(link: RepositoryLink) -> str:
    """Return what the API knows the project by: its number, which outlives a new name."""
    return link.external_id or link.location
