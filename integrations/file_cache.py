"""Files of commits, kept for minutes: one analysis reads the same file many times.

They lie encrypted in the cache, under names that tell nothing, each organization's and connection's
apart; so do other texts, such as minted tokens, which bring a name of their own. A cache that is
away, or holds what cannot be read, only costs another call.
"""

import contextlib
import hashlib
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict

from django.core.cache import cache

from core.encryption import decrypt, encrypt
from integrations.codehosts import CodeFile
from integrations.models import RepositoryLink

KEPT_SECONDS = 300
LIMIT_CHARACTERS = 1_000_000


def cached_file(
    *, link: RepositoryLink, path: str, commit: str, read: Callable[[], CodeFile]
) -> CodeFile:
    """Return a file of a commit from the cache, or from `read`; what `read` raises is not kept."""
    key = _key(link, "file", commit, path)
    found = recall(key)
    if found:
        return CodeFile(**json.loads(found))
    file = read()
    remember(key, json.dumps(asdict(file)))
    return file


def cached_text(*, link: RepositoryLink, words: Sequence[str], read: Callable[[], str]) -> str:
    """Return what else was read for a link, such as a folder's names; `words` say what it is."""
    key = _key(link, *words)
    if found := recall(key):
        return found[1:]
    text = read()
    remember(key, f"={text}")  # a blank text was read as well
    return text


def recall(key: str) -> str:
    """Return a text that was kept; blank where there is none, or none that can be read."""
    # Whatever a cache that is away raises, and whatever stands in it: we only read once more.
    with contextlib.suppress(Exception):
        if kept := cache.get(key):
            return zlib.decompress(bytes.fromhex(decrypt(kept))).decode()
    return ""


def remember(key: str, text: str, *, seconds: int = KEPT_SECONDS) -> None:
    """Keep a text for a while, encrypted; one that is too long is not kept."""
    if len(text) > LIMIT_CHARACTERS:
        return
    with contextlib.suppress(Exception):
        cache.set(key, encrypt(zlib.compress(text.encode()).hex()), timeout=seconds)


def _key(link: RepositoryLink, *words: str) -> str:
    place = [link.organization_id, link.connection_id, link.id, link.location, *words]
    return f"code-file:{hashlib.sha256(json.dumps(place).encode()).hexdigest()}"
