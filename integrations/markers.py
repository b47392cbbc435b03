"""The hidden mark by which we know our own comments again; pure.

It is an HTML comment, which code hosts keep and do not show. Anybody can copy it, so it counts
only in comments whose author is us.
"""

import re

KEY_PATTERN = r"[a-z0-9][a-z0-9-]{0,79}"
_MARKER = re.compile(rf"(?:\A|\n)<!-- assay:({KEY_PATTERN}) -->\s*\Z")


def marker(key: str) -> str:
    """Return the line that marks a comment as that of `key`: letters, digits and hyphens."""
    if not re.fullmatch(KEY_PATTERN, key):
        raise ValueError(key)
    return f"<!-- assay:{key} -->"


def key_in(body: str) -> str:
    """Return the key of the mark that ends a comment; blank where none stands alone there.

    Further up, a mark would be text that somebody else wrote and we repeat.
    """
    found = _MARKER.search(body)
    return found.group(1) if found else ""
