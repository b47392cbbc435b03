"""Whether a change of a file without a syntax tree deletes too much; pure."""

import re

from remediation.comparison.changes import Change

SETTING = re.compile(r"^\s*(?:- )?[-\w.\"'/]+\s*[:=]\s*\S.*$")
COMMENT = re.compile(r"^\s*(?:#|//|;|--|<!--|/\*)\s*(?P<text>.*?)\s*(?:-->|\*/)?\s*$")
MOST_SETTINGS = 3


def plain_deletion_in(change: Change) -> str | None:
    """Return in a sentence what is removed or commented out, or None."""
    if not change.after.strip():
        return "The file is empty now."
    removed = {"".join(line.split()) for line in change.removed_text if line.strip()}
    for line in change.added_text:
        found = COMMENT.match(line)
        if found and "".join(found["text"].split()) in removed:
            return f"`{found['text'][:80]}` was turned into a comment."
    for block in change.blocks:
        gone = _code(change.before_lines[block.before_start - 1 : block.before_end - 1])
        came = _code(change.after_lines[block.after_start - 1 : block.after_end - 1])
        is_setting = all(SETTING.match(line) for line in gone) and len(gone) <= MOST_SETTINGS
        if gone and not came and not is_setting:
            return f"Removed without anything in its place: `{gone[0].strip()[:80]}`."
    return None


def _code(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip() and not COMMENT.match(line)]
