"""What people call a rule; pure."""

import re
from typing import Any

LONGEST = 120
ACRONYMS = frozenset({
    "aes", "api", "aws", "cors", "crlf", "csp", "csrf", "css", "des", "dns", "ecb", "gcm", "hmac",
    "html", "http", "https", "id", "idor", "ip", "jwt", "ldap", "md5", "nosql", "oauth", "orm",
    "os", "pii", "rce", "rsa", "sha1", "smtp", "sql", "ssh", "ssl", "ssrf", "ssti", "tls", "ui",
    "uri", "url", "xml", "xpath", "xss", "xxe", "yaml",
})  # fmt: skip


def title_of_rule(*, check_id: str, metadata: Any) -> str:
    """Return a rule's name for people: its own title, else the last part of its id in words."""
    title = metadata.get("title") if isinstance(metadata, dict) else None
    if isinstance(title, str) and title.strip():
        return title.strip()[:LONGEST]
    words = [word for word in re.split(r"[-_]+", check_id.rpartition(".")[2]) if word]
    spoken = [word.upper() if word.lower() in ACRONYMS else word for word in words]
    sentence = " ".join(spoken) or check_id
    return sentence[0].upper() + sentence[1:]
