"""What we know of the comments of a change request: planned, found at the code host, given up."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from findings.models import Activity, ActivityKind
from integrations.review_hosts import RemoteComment
from notifications.bodies import hash_of
from notifications.claims import holding
from notifications.models import (
    CommentKind,
    CommentPlace,
    CommentState,
    Review,
    ReviewComment,
)
from notifications.places import Placed
from notifications.planning import Entry, Plan, Spot
from tenants.models import Door

ERROR_LIMIT = 1000
PLACE_HERE = ("commit", "path", "start_line", "end_line")


def store_plan(
    *, review: Review, intended: Plan, may_post: bool, now: datetime
) -> list[ReviewComment]:
    """Return a row for each comment of the plan; what is new is stored before any call is made.

    What may not be posted is kept here from the start: nobody will have to look for it.
    """
    with holding(review):
        known = {row.key: row for row in review.comments.order_by("id")}
        fresh = [
            ReviewComment(
                review=review,
                kind=entry.kind,
                key=entry.key,
                finding_id=entry.finding_ids[0] if entry.kind == CommentKind.FINDING else None,
                check_id=entry.check_id,
                finding_ids=_members(entry),
                state=CommentState.PLANNED if may_post else CommentState.KEPT_HERE,
                created_at=now,
                **_place_here(entry, intended),
            )
            for entry in intended.entries
            if entry.key not in known
        ]
        ReviewComment.objects.bulk_create(fresh)
        changed = [
            row
            for entry in intended.entries
            if (row := known.get(entry.key)) and _keep_up(row, entry, intended)
        ]
        ReviewComment.objects.bulk_update(changed, ["finding_ids", *PLACE_HERE])
    return [*known.values(), *fresh]


def want_posted(*, review: Review, rows: Iterable[ReviewComment]) -> None:
    """Note, before any call, that these comments may soon stand at the code host."""
    held_back = [row for row in rows if row.state != CommentState.PLANNED]
    for row in held_back:
        row.state, row.error = CommentState.PLANNED, ""
    with holding(review):
        ReviewComment.objects.bulk_update(held_back, ["state", "error"])


def note_places(
    *,
    review: Review,
    commit: str,
    places: Mapping[str, Placed],
    spots: Mapping[str, Spot],
    rows: Sequence[ReviewComment],
) -> None:
    """Store where comments are about to be posted, both by key."""
    for row in rows:
        placed, spot = places[row.key], spots.get(row.key)
        row.commit, row.place = commit, placed.kind
        shown = placed.place or spot
        if shown is not None:
            row.path, row.start_line, row.end_line = shown.path, shown.start_line, shown.end_line
    with holding(review):
        ReviewComment.objects.bulk_update(
            rows, ["commit", "place", "path", "start_line", "end_line"]
        )


def note_found(
    *,
    review: Review,
    found: Sequence[tuple[ReviewComment, RemoteComment]],
    title: str,
    now: datetime,
) -> None:
    """Note comments as posted that the code host shows, and tell it in their findings' activity."""
    if not found:
        return
    first = [row for row, _ in found if row.posted_at is None]
    for row, comment in found:
        row.state, row.error = CommentState.POSTED, ""
        row.external_id, row.thread_id, row.url = comment.id, comment.thread_id, comment.url[:1000]
        row.body_hash = hash_of(comment.body)
        row.posted_at = row.posted_at or now
        if not comment.is_inline:
            row.place = CommentPlace.CONVERSATION
    with holding(review):
        ReviewComment.objects.bulk_update(
            [row for row, _ in found],
            [
                "state",
                "error",
                "external_id",
                "thread_id",
                "url",
                "body_hash",
                "posted_at",
                "place",
            ],
        )
        Activity.objects.bulk_create(_activities(first, title=title, now=now))
        Review.objects.filter(pk=review.pk, told_at=None).update(told_at=now)


def note_edited(
    *,
    review: Review,
    row: ReviewComment,
    entry: Entry,
    body_hash: str,
    verdict_id: int | None,
    now: datetime,
) -> None:
    """Note that a comment has a new text at the code host, and of whom it speaks now."""
    row.body_hash, row.edited_at, row.error = body_hash, now, ""
    row.finding_ids, row.shown_verdict_id = _members(entry), verdict_id
    with holding(review):
        row.save(
            update_fields=["body_hash", "edited_at", "error", "finding_ids", "shown_verdict_id"]
        )


def note_shown(*, review: Review, shown: Sequence[tuple[ReviewComment, int | None]]) -> None:
    """Note of comments whose text is as it should be which verdict it tells."""
    changed = [(row, one) for row, one in shown if row.shown_verdict_id != one]
    for row, verdict_id in changed:
        row.shown_verdict_id = verdict_id
    if changed:
        with holding(review):
            ReviewComment.objects.bulk_update([row for row, _ in changed], ["shown_verdict_id"])


def note_state(
    *, review: Review, rows: Collection[ReviewComment], state: CommentState, error: str = ""
) -> None:
    """Note that comments are kept here, refused or deleted, with the reason for people."""
    changed = [row for row in rows if (row.state, row.error) != (state, error[:ERROR_LIMIT])]
    for row in changed:
        row.state, row.error = state, error[:ERROR_LIMIT]
    if changed:
        with holding(review):
            ReviewComment.objects.bulk_update(changed, ["state", "error"])


def doubt(*, review: Review, keys: Collection[str]) -> None:
    """Have comments looked for again: they may stand there twice by now."""
    rows = ReviewComment.objects.filter(review=review, key__in=keys, state=CommentState.POSTED)
    rows.update(body_hash="")


def _members(entry: Entry) -> list[int]:
    return list(entry.finding_ids) if entry.kind == CommentKind.RULE else []


def _keep_up(row: ReviewComment, entry: Entry, intended: Plan) -> bool:
    """Let a comment that stands nowhere else follow its findings; say whether it changed."""
    # What stands at the code host grows when its text has: a comment that was deleted there in
    # the meantime has not told of the new findings.
    if row.state == CommentState.POSTED:
        return False
    wanted: dict[str, object] = {"finding_ids": _members(entry)}
    if row.state == CommentState.KEPT_HERE:
        wanted |= _place_here(entry, intended)
    differs = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in differs:
        setattr(row, name, wanted[name])
    return bool(differs)


def _place_here(entry: Entry, intended: Plan) -> dict[str, object]:
    """Return the place that pages show until the comment is posted."""
    spot = intended.spots.get(entry.finding_ids[0])
    if entry.kind != CommentKind.FINDING or spot is None or intended.scan is None:
        return {}
    return {
        "commit": intended.scan.commit,
        "path": spot.path,
        "start_line": spot.start_line,
        "end_line": spot.end_line,
    }


def _activities(rows: Iterable[ReviewComment], *, title: str, now: datetime) -> Iterable[Activity]:
    for row in rows:
        for finding_id in row.told_finding_ids:
            yield Activity(
                finding_id=finding_id,
                kind=ActivityKind.COMMENT,
                at=now,
                actor_label="Platform",
                door=Door.PLATFORM,
                title=title[:300],
                note=row.url,
            )
