"""Our part of a change request's conversation: found again, posted once, kept up to date.

Nothing is posted before it was looked for, and after each post all is looked at again: whatever an
earlier try left behind is taken over, and what stands there twice is removed.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from findings.guardrails import note_shown_early
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
from notifications.comment_rows import (
    note_edited,
    note_found,
    note_places,
    note_shown,
    note_state,
)
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

    entries: Mapping[str, Entry] = field(init=False)
    """The plan's comments, by key."""

    def __post_init__(self) -> None:
        self.entries = {entry.key: entry for entry in self.intended.entries}

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
        # Before it is noted here, and apart from it: a finding's rows are locked before a review's.
        note_shown_early([finding_id for row, _ in found for finding_id in row.told_finding_ids])
        note_found(review=self.review, found=found, title=self.title, now=self.now)
        note_state(review=self.review, rows=missed, state=CommentState.DELETED)

    def post(self, rows: Sequence[ReviewComment], changes: Changes | None, commit: str) -> None:
        """Post comments with one call; `changes` is None where none can stand at a line.

        What the code host refuses at its lines goes to the conversation; what it refuses there
        too is kept here, with the reason. Where it takes some and is silent on others, the next
        look shows which.
        """
        self._place(rows, changes, commit)
        refusal = self._send(rows, changes, commit)
        if refusal is None:
            return
        left = [row for row in rows if row.state == CommentState.PLANNED]
        at_lines = [row for row in left if _place_in(row) is not None]
        self._note_refused([row for row in left if row not in at_lines], refusal)
        if at_lines:
            self._place(at_lines, None, commit)
            refusal = self._send(at_lines, None, commit)
            if refusal is not None:
                self._note_refused(at_lines, refusal)

    def edit(self, *, must_exist: Callable[[], object]) -> bool:
        """Bring the texts up to date; say whether a comment on a rule turned out to be deleted.

        `must_exist` raises where not the comment but the whole change request is gone.
        """
        lost_a_rule = False
        for row, entry, body in self._outdated():
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
                    verdict_id=self.bodies.verdict_told(row, entry),
                    now=self.now,
                )
        return lost_a_rule

    def _outdated(self) -> list[tuple[ReviewComment, Entry, str]]:
        """Return the comments with another text than they should have, each with that text.

        Of the others it is noted which verdict they tell: another may have come in equal words.
        """
        outdated, shown = [], []
        for row in self.rows:
            entry = self.entries[row.key]
            body = self.bodies.body_of(row, entry) if row.state == CommentState.POSTED else None
            if body is not None and hash_of(body) == row.body_hash:
                shown.append((row, self.bodies.verdict_told(row, entry)))
            elif body is not None:
                outdated.append((row, entry, body))
        note_shown(review=self.review, shown=shown)
        return outdated

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

    def _send(
        self, rows: Sequence[ReviewComment], changes: Changes | None, commit: str
    ) -> ReviewRefusedError | None:
        """Send comments to be posted; return the refusal where the code host took none."""
        drafts = [draft for row in rows if (draft := self._draft(row)) is not None]
        if not drafts:
            return None
        hold(self.review)
        self.sent.update(draft.key for draft in drafts)
        try:
            self.host.post_comments(
                number=self.number,
                changes=changes or Changes(commit=commit, files={}, is_complete=False),
                drafts=drafts,
            )
        except (AccessLostError, GoneError):
            raise
        except ReviewRefusedError as error:
            self.look()
            return error
        logger.info("notifications.comments.sent review=%s count=%s", self.review.pk, len(drafts))
        return None

    def _note_refused(self, rows: Sequence[ReviewComment], refusal: ReviewRefusedError) -> None:
        left = [row for row in rows if row.state == CommentState.PLANNED]
        note_state(review=self.review, rows=left, state=CommentState.REFUSED, error=refusal.detail)


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
