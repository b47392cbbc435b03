"""What change requests say of a finding in JSON: comments there, and fixes that came there."""

from collections.abc import Sequence

from api.v1.assistant_shapes import Moment, Shape
from notifications import models as rows
from remediation.models import FixRequest, FixRequestState


class ReviewComment(Shape):
    """A comment on the finding in a change request, by the code host's ids."""

    external_discussion_id: str
    external_note_id: str


class ClickToFixPr(Shape):
    """A change request with a fix."""

    url: str
    created_at: Moment


class ClickToFixFailure(Shape):
    """A change request with a fix that could not be opened."""

    error: str
    created_at: Moment


def comment_of(comment: rows.ReviewComment) -> ReviewComment:
    """Return the shape of a comment; where there is no thread, the comment is one."""
    return ReviewComment(
        external_discussion_id=comment.thread_id or comment.external_id,
        external_note_id=comment.external_id,
    )


def opened(requests: Sequence[FixRequest]) -> list[ClickToFixPr]:
    """Return those that were opened."""
    return [
        ClickToFixPr(url=one.url, created_at=one.opened_at or one.requested_at)
        for one in requests
        if one.url
    ]


def failed(requests: Sequence[FixRequest]) -> list[ClickToFixFailure]:
    """Return those that could not be."""
    return [
        ClickToFixFailure(error=one.error, created_at=one.requested_at)
        for one in requests
        if one.state == FixRequestState.FAILED
    ]
