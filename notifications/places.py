"""Where in a change request's diff a comment stands; pure."""

from dataclasses import dataclass

from integrations.review_hosts import Changes, Place
from notifications.models import CommentPlace
from notifications.planning import Spot


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A kind of place, and the place; None: in the conversation."""

    kind: CommentPlace
    place: Place | None


IN_CONVERSATION = Placed(kind=CommentPlace.CONVERSATION, place=None)


def place_of(spot: Spot, changes: Changes) -> Placed:
    """Return the place of a finding: at its lines, else near them, else in the conversation.

    All of its lines where the diff shows them; else the first one that it shows.
    """
    file = changes.files.get(spot.path)
    if file is None:
        return IN_CONVERSATION
    if file.holds(spot.start_line, spot.end_line):
        return _placed(CommentPlace.LINE, spot.path, spot.start_line, spot.end_line)
    shown = [line for line in file.lines if spot.start_line <= line <= spot.end_line]
    if shown:
        return _placed(CommentPlace.LINE, spot.path, min(shown), min(shown))
    nearest = file.nearest(spot.start_line)
    if nearest is None:
        return IN_CONVERSATION
    return _placed(CommentPlace.NEAREST, spot.path, nearest, nearest)


def _placed(kind: CommentPlace, path: str, start_line: int, end_line: int) -> Placed:
    return Placed(kind=kind, place=Place(path=path, start_line=start_line, end_line=end_line))
