"""Search/replace edits, matched, bounded and applied; pure."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from remediation.reasons import Reason

MAX_EDITS = 20


class EditRefusedError(ValueError):
    """The edits, or the patch, cannot be applied; `reason` says why in a word."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Text that stands exactly once in a file, and what to put in its place."""

    search: str
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Lines of the original that an edit replaces; 1-based, both ends included."""

    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A text with all edits made, and the place of each edit, in the order of the edits."""

    text: str
    places: tuple[Place, ...]


def apply_edits(*, original: str, edits: Sequence[Edit]) -> Applied:
    """Make all edits in `original`; each search text must stand there exactly once.

    Line ends in the edits are brought to those of the file. Raises EditRefusedError.
    """
    if not edits:
        raise EditRefusedError(Reason.NO_CHANGE, "There are no edits.")
    if len(edits) > MAX_EDITS:
        raise EditRefusedError(Reason.TOO_LARGE, f"There are more than {MAX_EDITS} edits.")
    spans = [_locate(original, edit, number) for number, edit in enumerate(edits, start=1)]
    _refuse_overlaps(spans)
    text = original
    for start, end, replace in sorted(spans, reverse=True):
        text = text[:start] + replace + text[end:]
    if text == original:
        raise EditRefusedError(Reason.NO_CHANGE, "The edits replace text by the same text.")
    places = tuple(_place(original, start, end) for start, end, _replace in spans)
    return Applied(text=text, places=places)


def _locate(original: str, edit: Edit, number: int) -> tuple[int, int, str]:
    """Return where an edit applies and what it puts there."""
    if "\0" in edit.search or "\0" in edit.replace:
        raise EditRefusedError(Reason.DOES_NOT_APPLY, f"Edit {number} holds a NUL character.")
    if not edit.search.strip():
        raise EditRefusedError(
            Reason.DOES_NOT_APPLY, f"Edit {number} has an empty search text: say where it goes."
        )
    search, replace = edit.search, edit.replace
    start = original.find(search)
    if start < 0:
        search = with_line_ends_of(original, search)
        start = original.find(search)
    if start < 0:
        raise EditRefusedError(Reason.DOES_NOT_APPLY, _why_absent(original, edit.search, number))
    if original.find(search, start + 1) >= 0:
        raise EditRefusedError(
            Reason.DOES_NOT_APPLY,
            f"Edit {number} applies twice: its search text stands more than once in the file.",
        )
    end = start + len(search)
    replace = with_line_ends_of(original[start:end] if "\n" in search else original, replace)
    return start, end, replace


def with_line_ends_of(model: str, text: str) -> str:
    """Return `text` with the line ends that most lines of `model` have."""
    plain = text.replace("\r\n", "\n")
    carriage_returns = model.count("\r\n")
    if carriage_returns * 2 > model.count("\n"):
        return plain.replace("\n", "\r\n")
    return plain if model.count("\n") else text


def _why_absent(original: str, search: str, number: int) -> str:
    words = "".join(search.split())
    if words and words in "".join(original.split()):
        return f"Edit {number} differs from the file in white space: tabs, spaces or line ends."
    return f"The search text of edit {number} does not stand in the file."


def _refuse_overlaps(spans: Sequence[tuple[int, int, str]]) -> None:
    ordered = sorted(spans)
    for first, second in itertools.pairwise(ordered):
        if second[0] < first[1]:
            raise EditRefusedError(Reason.DOES_NOT_APPLY, "Two edits overlap.")


def _place(original: str, start: int, end: int) -> Place:
    first = original.count("\n", 0, start) + 1
    return Place(
        start_line=first, end_line=first + original.count("\n", start, max(start, end - 1))
    )
