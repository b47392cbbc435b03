"""Proven fixes as a code host applies them with one click, else as a difference to read; pure."""

import difflib

from notifications.channels.dialects import Dialect
from notifications.channels.escaping import code_block, fenced, is_exact, visible
from notifications.facts import FindingNotice, FixFacts

# GitLab takes no more lines than these around the commented one; longer ones are no small fix.
MOST_LINES = 100
CONTEXT_LINES = 3


def suggestion_block(notice: FindingNotice, *, dialect: Dialect) -> str:
    """Return the block that replaces the notice's lines by the fix; blank where none can.

    The comment stands at these lines, at GitLab at the last of them.
    """
    fix = notice.fix
    if fix is None or not fix.replacement or not _is_of_these_lines(fix, notice):
        return ""
    above = notice.end_line - notice.start_line
    is_small = above < MOST_LINES and fix.replacement.count("\n") < MOST_LINES
    if not is_small or not is_exact(fix.replacement):
        return ""
    word = "suggestion" if dialect is Dialect.GITHUB else f"suggestion:-{above}+0"
    return fenced(fix.replacement, word=word)


def difference(fix: FixFacts) -> str:
    """Return what a fix changes, as a block of lines with their signs."""
    parts = [_difference(old, new) for old, new in fix.edits]
    return code_block("\n".join(part for part in parts if part), language="diff")


def _is_of_these_lines(fix: FixFacts, notice: FindingNotice) -> bool:
    # Of other code, even with the same match in it, the rest of the lines may differ.
    of_fix = (fix.path, fix.commit, fix.start_line, fix.end_line)
    return of_fix == (notice.path, notice.commit, notice.start_line, notice.end_line)


def _difference(old: str, new: str) -> str:
    before, after = visible(old).split("\n"), visible(new).split("\n")
    lines = difflib.unified_diff(before, after, lineterm="", n=CONTEXT_LINES)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))
