"""Text from outside, made fit for PostgreSQL, which stores neither NUL nor lone surrogates."""

import math
import re
from typing import Any

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_CUT_MARK = " […]"


def is_storable(text: str) -> bool:
    """Say whether PostgreSQL can keep this text as it is."""
    # What is printable holds neither; asking so is several times faster than the search.
    return text.isprintable() or _UNSTORABLE.search(text) is None


def storable_text(text: str, *, limit: int | None = None) -> str:
    """Return `text` with what cannot be stored replaced, cut to `limit` characters."""
    if not is_storable(text):
        text = _UNSTORABLE.sub(_REPLACEMENT, text)
    if limit is not None and len(text) > limit:
        text = text[: limit - len(_CUT_MARK)] + _CUT_MARK
    return text


def storable_json(value: Any) -> Any:
    """Return a JSON value with every text in it made storable; infinite numbers become text."""
    if isinstance(value, str):
        return storable_text(value)
    if isinstance(value, dict):
        return {storable_text(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
