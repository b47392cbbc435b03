"""One change request, told: what is missing is posted, what has changed is edited, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from findings.change_requests import note_change_request
from findings.models import ChangeRequest, ChangeRequestState
from integrations.codehosts import CodeHostBusyError
from integrations.review_hosts import Changes, GoneError, RemoteChangeRequest
from notifications.comment_rows import note_state, want_posted
from notifications.conversations import Conversation
from notifications.models import CommentState, Review, ReviewComment, ReviewSettings
from tenants import jobs

# How long comments wait for the scan of a head that took the scanned commit's place.
WAITS_FOR_SCAN = timedelta(minutes=15)
LOOKS_AGAIN_AFTER_SECONDS = 60
SWITCHED_OFF = (
    "Comments are switched off for this organization; switch them on in Settings, Comments."
)


class NotThereYetError(CodeHostBusyError):
    """What is needed, or what was just posted, is not to be seen at the code host yet."""


def why_not(settings: ReviewSettings, change_request: ChangeRequest) -> str:
    """Return why nothing new is posted in a change request, for people; blank where it may be."""
    if not settings.comments:
        return SWITCHED_OFF
    return _why_ended(ChangeRequestState(change_request.state))


@dataclass(slots=True, kw_only=True)
class Telling:
    """What happens, in its order, with one conversation."""

    talk: Conversation
    change_request: ChangeRequest
    refusal: str
    """Why nothing new may be posted; blank where it may."""
    now: datetime

    def run(self) -> str:
        """Bring the comments up to date; return why some are kept here, or blank.

        Raises NotThereYetError once all else is done.
        """
        later = None
        try:
            self._post_missing()
        except NotThereYetError as error:
            later = error
        if self.talk.edit(must_exist=self._read):
            # Somebody deleted the comment that was to grow: a new plan finds another place.
            jobs.want(Review, job_ids=[self.talk.review.pk], at=self.now)
        if later is not None:
            raise later
        return self.refusal if any(self._is_kept(row) for row in self.talk.rows) else ""

    def _post_missing(self) -> None:
        talk = self.talk
        wanted = [] if self.refusal else [row for row in talk.rows if self._is_wanted(row)]
        if not wanted and not talk.is_unsure():
            return
        if wanted:
            want_posted(review=talk.review, rows=wanted)
        talk.look()
        missing = _planned(talk.rows)
        if missing and not self.refusal:
            remote = self._read()
            self.refusal = _why_ended(ChangeRequestState(remote.state.value))
            missing = self._post(missing, remote)
        note_state(review=talk.review, rows=missing, state=CommentState.KEPT_HERE)

    def _post(
        self, missing: Sequence[ReviewComment], remote: RemoteChangeRequest
    ) -> list[ReviewComment]:
        """Post what is missing; return what is not to be posted."""
        talk = self.talk
        current = [row for row in missing if not self.refusal and self._is_current(row)]
        scan = talk.intended.scan
        if not current or scan is None:
            return list(missing)
        changes = self._changes(remote, scan.commit, current)
        try:
            talk.post(current, changes, scan.commit)
        except GoneError:
            self._read()
            # The commit went away meanwhile; the conversation needs none.
            talk.look()
            talk.post(_planned(current), None, scan.commit)
        talk.look()
        if _planned(current):
            raise NotThereYetError("The code host does not list all of the comments yet.")
        return [row for row in missing if row not in current]

    def _changes(
        self, remote: RemoteChangeRequest, commit: str, rows: Sequence[ReviewComment]
    ) -> Changes | None:
        """Return the diff to place comments in; None where its commit is gone for good."""
        if not any(self.talk.belongs_at_a_line(row) for row in rows):
            return None
        try:
            return self.talk.host.read_changes(number=self.talk.number, commit=commit)
        except GoneError:
            is_news_due = self.now - min(row.created_at for row in rows) < WAITS_FOR_SCAN
            if remote.head_commit != commit and is_news_due:
                raise NotThereYetError(
                    "The scanned commit was replaced; waiting for the scan of the new one.",
                    retry_after_seconds=LOOKS_AGAIN_AFTER_SECONDS,
                ) from None
            return None

    def _read(self) -> RemoteChangeRequest:
        """Read the change request, and note how it is. Raises GoneError."""
        remote = self.talk.host.read_change_request(number=self.talk.number)
        project = self.change_request.project
        note_change_request(project=project, remote=remote, now=self.now)
        return remote

    def _is_wanted(self, row: ReviewComment) -> bool:
        """Say whether a comment that is not there is to be posted now."""
        scan = self.talk.intended.scan
        is_held_back = row.state == CommentState.KEPT_HERE or (
            # What was refused once is tried again on other code.
            row.state == CommentState.REFUSED and scan is not None and scan.commit != row.commit
        )
        return is_held_back and self._is_current(row)

    def _is_current(self, row: ReviewComment) -> bool:
        """Say whether any finding of a comment is open: only news is posted, no history."""
        return self.talk.bodies.is_open(self.talk.entries[row.key])

    def _is_kept(self, row: ReviewComment) -> bool:
        return row.state == CommentState.KEPT_HERE and self._is_current(row)


def _planned(rows: Sequence[ReviewComment]) -> list[ReviewComment]:
    return [row for row in rows if row.state == CommentState.PLANNED]


def _why_ended(state: ChangeRequestState) -> str:
    if state == ChangeRequestState.OPEN:
        return ""
    return f"It was {state.label.lower()} before these comments were posted; no new ones are added."
