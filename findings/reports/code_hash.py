"""The hash of matched code that the scanner calls `code_hash`, for formats that only show lines.

Semgrep's formula (recomputed from its uploads): SHA-256 of the matched lines, dedented and
stripped, the nosemgrep comment of the first line cut off. Equal hashes let a report in one
format be recognized in another.
"""

import hashlib
import re
import textwrap

_NOSEMGREP = re.compile(r"[ \t]*(?:#|//|/\*|--|<!--|;|%)[ \t]*nosem(?:grep)?\b.*$")


def hash_code(lines: str) -> str:
    """Return the hex hash of matched lines; blank for no lines."""
    first, newline, rest = lines.partition("\n")
    code = textwrap.dedent(_NOSEMGREP.sub("", first.rstrip("\r")) + newline + rest).strip()
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest() if code else ""
