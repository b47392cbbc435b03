"""A small cache on disk for pages that are slow to build."""

import hashlib
import json
import pickle
import time
from collections.abc import Callable
from typing import Any

from fernhill import config

FOLDER = config.STORAGE / "cache"
MAX_AGE_SECONDS = 300


def cache_key(*parts: object) -> str:
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()


def remembered(key: str, build: Callable[[], Any]) -> Any:
    path = FOLDER / f"{key}.json"
    if path.exists() and time.time() - path.stat().st_mtime < MAX_AGE_SECONDS:
        return json.loads(path.read_text())
    value = build()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return value


def deep_copy(value: Any) -> Any:
    """Copy nested values; several times faster than copy.deepcopy for our menus."""
    return pickle.loads(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))
