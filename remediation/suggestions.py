"""A fix as the text that replaces the matched lines whole, for programs and comments; pure.

It is kept with the proof, in the fix's first edit: whoever reads it later needs no file.
"""

from remediation.models import FixAttempt

KEY = "suggestion"


def suggestion_of(*, before: str, after: str, start_line: int, end_line: int) -> str | None:
    """Return what stands after the fix where the lines start to end stood before it.

    Lines are 1-based, the end is inclusive. None where the fix changes anything outside them.
    """
    old, new = before.split("\n"), after.split("\n")
    following = len(old) - end_line
    stop = len(new) - following
    if following < 0 or stop < start_line - 1:
        return None
    is_inside = old[: start_line - 1] == new[: start_line - 1] and old[end_line:] == new[stop:]
    return (
        "\n".join(line.rstrip("\r") for line in new[start_line - 1 : stop]) if is_inside else None
    )


def with_suggestion(
    edits: list[dict[str, object]], *, before: str, after: str | None, lines: tuple[int, int]
) -> list[dict[str, object]]:
    """Return edits as they are stored, with the text for the match's lines."""
    if not edits or after is None:
        return edits
    start_line, end_line = lines
    text = suggestion_of(before=before, after=after, start_line=start_line, end_line=end_line)
    return edits if text is None else [{**edits[0], KEY: text}, *edits[1:]]


def kept_suggestion(fix: FixAttempt) -> str | None:
    """Return the text that replaces the lines of the fix's match; None where there is no such."""
    first = fix.edits[0] if fix.edits else {}
    kept = first.get(KEY)
    return kept if isinstance(kept, str) else None
