"""Text from outside, made fit for a mail: no secrets, nothing that steers a program, cut; pure."""

import re

from core.redaction import redact

NAME_LIMIT = 120
# Controls, line ends of any kind, and marks that turn the direction of writing.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_STEERING_IN_BLOCK = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+"
)


def clean_line(text: object, *, limit: int) -> str:
    """Return text as one line of at most `limit` characters."""
    line = " ".join(_STEERING.sub(" ", redact(str(text))).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def clean_block(text: object, *, limit: int, lines: int) -> str:
    """Return text as at most so many lines and characters, the last ones of it.

    Programs say at the end why they failed.
    """
    unified = redact(str(text)).replace("\r\n", "\n").replace("\r", "\n")
    kept = _STEERING_IN_BLOCK.sub(" ", unified).strip().split("\n")
    block = "\n".join(line.rstrip() for line in kept[-lines:])
    is_cut = len(kept) > lines or len(block) > limit
    return f"…\n{block[-limit:]}" if is_cut else block
