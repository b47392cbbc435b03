"""Our part of a change request's conversation: found again, posted once, kept up to date.

Nothing is posted before it was looked for, and after each post all is looked at again: whatever an
earlier try left behind is taken over, and what stands there twice is removed.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from integrations.review_hosts import (
    AccessLostError,
    Changes,
    Draft,
    GoneError,
    Place,
    RemoteComment,
    ReviewHost,
    ReviewRefusedError,
)
from notifications.bodies import Bodies, hash_of
from notifications.claims import hold
from notifications.comment_rows import note_edited, note_found, note_places, note_state
from notifications.models import CommentKind, CommentPlace, CommentState, Review, ReviewComment
from notifications.places import IN_CONVERSATION, Placed, place_of
from notifications.planning import Entry, Plan, Spot

logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Conversation:
    """The comments of one claimed review, at one code host."""

    review: Review
    host: ReviewHost
    number: int
    title: str
    """Of the activity that tells of a first comment."""
    intended: Plan
    bodies: Bodies
    rows: Sequence[ReviewComment]
    now: datetime
    sent: set[str] = field(default_factory=set)
    """Keys of all that was sent to be posted."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The plan's comments, by key."""
        return {entry.key: entry for entry in self.intended.entries}

    def is_unsure(self) -> bool:
        """Say whether something may stand at the code host that we do not know of."""
        return any(
            row.state == CommentState.PLANNED
            or (row.state == CommentState.POSTED and not row.body_hash)
            for row in self.rows
        )

    def belongs_at_a_line(self, row: ReviewComment) -> bool:
        """Say whether a comment speaks of lines that the newest scan has seen."""
        return self._spot(row) is not None

    def look(self) -> None:
        """Take over what stands at the code host, and remove what stands there twice."""
        by_key: dict[str, list[RemoteComment]] = defaultdict(list)
        for comment in self.host.own_comments(number=self.number):
            by_key[comment.key].append(comment)
        found: list[tuple[ReviewComment, RemoteComment]] = []
        doubles: list[RemoteComment] = []
        for row in self.rows:
            there = by_key.get(row.key, [])
            kept = next((one for one in there if one.id == row.external_id), None)
            kept = kept or (there[0] if there else None)
            if kept is not None and _is_news(row, kept):
                found.append((row, kept))
            doubles.extend(one for one in there if one is not kept)
        missed = [row for row in self.rows if row.key not in by_key and _is_doubted(row)]
        # Before anything is noted: who dies in between looks again.
        for comment in doubles:
            hold(self.review)
            self.host.delete_comment(number=self.number, comment=comment)
        note_found(review=self.review, found=found, title=self.title, now=self.now)
        note_state(review=self.review, rows=missed, state=CommentState.DELETED)

    def post(self, rows: Sequence[ReviewComment], changes: Changes | None, commit: str) -> None:
        """Post comments in as few reviews as the code host takes; None: none can stand at a line.

        A batch that is refused is halved until the culprit is alone; that one goes to the
        conversation, and where it is refused there too, it is kept here with the reason.
        """
        batches = [list(rows)]
        self._place(rows, changes, commit)
        while batches:
            batch = [row for row in batches.pop() if row.state == CommentState.PLANNED]
            drafts = [draft for row in batch if (draft := self._draft(row)) is not None]
            if not drafts:
                continue
            try:
                self._send(drafts, changes, commit)
            except (AccessLostError, GoneError):
                raise
            except ReviewRefusedError as error:
                self.look()
                batches.extend(self._smaller(batch, error, commit))

    def edit(self, *, must_exist: Callable[[], object]) -> bool:
        """Bring the texts up to date; say whether a comment on a rule turned out to be deleted.

        `must_exist` raises where not the comment but the whole change request is gone.
        """
        lost_a_rule = False
        for row in self.rows:
            entry = self.entries[row.key]
            body = self.bodies.body_of(row, entry) if row.state == CommentState.POSTED else None
            if body is None or hash_of(body) == row.body_hash:
                continue
            hold(self.review)
            try:
                self.host.edit_comment(number=self.number, comment=_remote(row), body=body)
            except GoneError:
                must_exist()
                note_state(review=self.review, rows=[row], state=CommentState.DELETED)
                lost_a_rule |= row.kind == CommentKind.RULE
            except AccessLostError:
                raise
            except ReviewRefusedError as error:
                note_state(
                    review=self.review, rows=[row], state=CommentState.POSTED, error=error.detail
                )
            else:
                note_edited(
                    review=self.review,
                    row=row,
                    entry=entry,
                    body_hash=hash_of(body),
                    now=self.now,
                )
        return lost_a_rule

    def _place(self, rows: Sequence[ReviewComment], changes: Changes | None, commit: str) -> None:
        spots = {row.key: spot for row in rows if (spot := self._spot(row)) is not None}
        places = {row.key: _placed(spots.get(row.key), changes) for row in rows}
        note_places(review=self.review, commit=commit, places=places, spots=spots, rows=list(rows))

    def _spot(self, row: ReviewComment) -> Spot | None:
        """Return where a comment belongs; None: one on a rule, or of what is no longer there."""
        if row.kind == CommentKind.RULE or row.finding_id is None:
            return None
        return self.intended.spots.get(row.finding_id)

    def _draft(self, row: ReviewComment) -> Draft | None:
        body = self.bodies.body_of(row, self.entries[row.key])
        return None if body is None else Draft(key=row.key, body=body, place=_place_in(row))

    def _send(self, drafts: Sequence[Draft], changes: Changes | None, commit: str) -> None:
        hold(self.review)
        self.sent.update(draft.key for draft in drafts)
        self.host.post_comments(
            number=self.number,
            changes=changes or Changes(commit=commit, files={}, is_complete=False),
            drafts=drafts,
        )
        logger.info("notifications.comments.sent review=%s count=%s", self.review.pk, len(drafts))

    def _smaller(
        self, batch: Collection[ReviewComment], error: ReviewRefusedError, commit: str
    ) -> list[list[ReviewComment]]:
        """Return what to try instead of a batch that was refused; the first to try comes last."""
        left = [row for row in batch if row.state == CommentState.PLANNED]
        if len(left) > 1:
            middle = len(left) // 2
            return [left[middle:], left[:middle]]
        if left and _place_in(left[0]) is not None:
            self._place(left, None, commit)
            return [left]
        note_state(review=self.review, rows=left, state=CommentState.REFUSED, error=error.detail)
        return []


def _is_news(row: ReviewComment, comment: RemoteComment) -> bool:
    is_known = row.state == CommentState.POSTED and bool(row.body_hash)
    return not is_known or row.external_id != comment.id


def _is_doubted(row: ReviewComment) -> bool:
    return row.state == CommentState.POSTED and not row.body_hash


def _placed(spot: Spot | None, changes: Changes | None) -> Placed:
    return IN_CONVERSATION if spot is None or changes is None else place_of(spot, changes)


def _place_in(row: ReviewComment) -> Place | None:
    """Return the lines that a comment is posted at; None: the conversation."""
    is_inline = row.place in {CommentPlace.LINE, CommentPlace.NEAREST}
    if not is_inline or row.start_line is None or row.end_line is None:
        return None
    return Place(path=row.path, start_line=row.start_line, end_line=row.end_line)


def _remote(row: ReviewComment) -> RemoteComment:
    """Return a comment as far as the code host needs it to find it again."""
    return RemoteComment(
        id=row.external_id,
        thread_id=row.thread_id,
        key=row.key,
        body="",
        url=row.url,
        is_inline=_place_in(row) is not None,
        path=row.path,
        line=row.end_line,
    )
