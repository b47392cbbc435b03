"""Proven fixes as a code host applies them with one click, else as a difference to read; pure."""

import difflib

from core.escaping import code_block, fenced, is_exact, visible
from core.redaction import redact
from notifications.channels.dialects import Dialect
from notifications.facts import FindingNotice, FixFacts

# GitLab takes no more lines than these around the commented one; longer ones are no small fix.
MOST_LINES = 100
CONTEXT_LINES = 3


def suggestion_block(notice: FindingNotice, *, dialect: Dialect) -> str:
    """Return the block that replaces the lines of the fix's match; blank where none can.

    The comment stands at exactly these lines, at GitLab at the last of them.
    """
    fix = notice.fix
    # A blank text may be one empty line, or none: which of them, nobody can tell.
    if fix is None or not fix.replacement:
        return ""
    above = fix.end_line - fix.start_line
    is_small = above < MOST_LINES and fix.replacement.count("\n") < MOST_LINES
    if not is_small or not is_exact(fix.replacement):
        return ""
    word = "suggestion" if dialect is Dialect.GITHUB else f"suggestion:-{above}+0"
    return fenced(fix.replacement, word=word)


def difference(fix: FixFacts) -> str:
    """Return what a fix changes, as a block of lines with their signs."""
    parts = [_difference(old, new) for old, new in fix.edits]
    return code_block("\n".join(part for part in parts if part), language="diff")


def _difference(old: str, new: str) -> str:
    before, after = _lines(old), _lines(new)
    lines = difflib.unified_diff(before, after, lineterm="", n=CONTEXT_LINES)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _lines(text: str) -> list[str]:
    return visible(redact(text)).split("\n")
