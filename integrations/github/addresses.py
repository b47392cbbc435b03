"""Where GitHub's pages and its API are; pure."""

from urllib.parse import quote, urlsplit

DEFAULT = "https://github.com"


def api_address(base_url: str) -> str:
    """Return the API's address for the address that people know.

    GitHub.com and GitHub Enterprise Cloud with data residency have a host for it, an Enterprise
    Server a path: https://docs.github.com/en/enterprise-server@latest/rest/using-the-rest-api
    """
    base = (base_url or DEFAULT).rstrip("/")
    host = (urlsplit(base).hostname or "").lower()
    if host in {"github.com", "www.github.com"}:
        return "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"{base}/api/v3"


def line_address(*, base_url: str, repository: str, path: str, commit: str, line: int) -> str:
    """Return the page of a line (1-based) of a file."""
    base = (base_url or DEFAULT).rstrip("/")
    # `?plain=1` shows the lines of what GitHub would render, such as Markdown.
    return f"{base}/{quote(repository)}/blob/{quote(commit)}/{quote(path)}?plain=1#L{int(line)}"
