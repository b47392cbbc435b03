"""How much of a file a fix may change; pure."""

from remediation.comparison.changes import Change

# A fix of one finding is small: a person must be able to judge it at a glance.
MOST_LINES = 60
MOST_CHARACTERS = 8_000
# Of larger files, at most so much may be replaced.
SMALL_FILE_LINES = 40
MOST_SHARE = 0.5


def excess_in(change: Change) -> str | None:
    """Return in a sentence why a change is too large, or None."""
    lines = sum(max(block.removed, block.added) for block in change.blocks)
    if lines > MOST_LINES:
        return f"It changes {lines} lines; {MOST_LINES} are the most for one fix."
    characters = sum(len(line) for line in change.added_text)
    if characters > MOST_CHARACTERS + sum(len(line) for line in change.removed_text):
        return f"It adds {characters} characters; {MOST_CHARACTERS} are the most for one fix."
    removed = sum(block.removed for block in change.blocks)
    total = len(change.before_lines)
    if total > SMALL_FILE_LINES and removed > total * MOST_SHARE:
        return f"It replaces {removed} of the file's {total} lines, more than half."
    return None


def is_mere_removal(change: Change) -> bool:
    """Say whether a change takes much away and puts next to nothing in its place."""
    removed = sum(1 for line in change.removed_text if line.strip())
    added = sum(1 for line in change.added_text if line.strip())
    return removed > 0 and added * 4 <= removed
