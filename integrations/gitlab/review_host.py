"""A project at GitLab as a place where we speak in merge requests."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from integrations.codehosts import CodeHostBusyError
from integrations.gitlab.addresses import note_address, project_name
from integrations.gitlab.changes import changes_of
from integrations.gitlab.client import GitLabClient, ProjectClient
from integrations.gitlab.failures import InvalidRequestError, LongAnswerError, MissingError
from integrations.gitlab.posting import check_text, post
from integrations.gitlab.proposals import Opening
from integrations.gitlab.shapes import (
    DEVELOPER,
    STATES,
    Discussion,
    MergeRequest,
    Note,
    Version,
)
from integrations.markers import key_in
from integrations.models import RepositoryLink
from integrations.review_hosts import (
    Changes,
    Draft,
    GoneError,
    Proposal,
    RemoteChangeRequest,
    RemoteComment,
    RemoteState,
    Status,
    StatusState,
)

# GitLab has no neutral state: what is none of our business to stop is a success.
_STATUSES = {
    StatusState.PENDING: "pending",
    StatusState.SUCCESS: "success",
    StatusState.NEUTRAL: "success",
    StatusState.FAILURE: "failed",
}
_LONGEST_DESCRIPTION = 140
_LONGEST_ADDRESS = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class GitLabReviewHost:
    """Speaks as the bot of the connection's token."""

    link: RepositoryLink
    client: ProjectClient = field(repr=False)

    @classmethod
    def of_link(cls, link: RepositoryLink) -> "GitLabReviewHost":
        """Return the review host behind a link."""
        client = GitLabClient.of_connection(link.connection)
        return cls(link=link, client=client.of_project(project_name(link)))

    def read_change_request(self, *, number: int) -> RemoteChangeRequest:
        """Return a merge request as it is now."""
        return _in_our_words(self.client.merge_request(number))

    def read_changes(self, *, number: int, commit: str) -> Changes:
        """Return what the version of the merge request that ends at `commit` changes.

        Raises GoneError where none does, CodeHostBusyError where GitLab is still making it.
        """
        versions = self.client.versions(number)
        found = next((one for one in versions if one.head_commit_sha == commit), None)
        if found is None:
            raise self._why_without_version(number, commit)
        try:
            full = self.client.version(number, found.id)
        except LongAnswerError:
            return self._long_changes(number, found, is_newest=found is versions[0])
        return changes_of(full, full.diffs, is_complete=True)

    def own_comments(self, *, number: int) -> list[RemoteComment]:
        """Return all comments whose author is us, oldest first; drafts are none yet."""
        our_id = self.client.me().id
        found = [
            (note, discussion)
            for discussion in self.client.discussions(number)
            for note in discussion.notes
            if note.author.id == our_id and not note.system
        ]
        found.sort(key=lambda pair: pair[0].id)
        return [self._comment(number, note, discussion) for note, discussion in found]

    def post_comments(self, *, number: int, changes: Changes, drafts: Sequence[Draft]) -> None:
        """Post comments: several with one mail, where GitLab can."""
        post(self.client, number=number, changes=changes, drafts=drafts)

    def edit_comment(self, *, number: int, comment: RemoteComment, body: str) -> None:
        """Replace a comment's text."""
        check_text(body)
        self.client.change_note(number, comment.id, body=body)

    def delete_comment(self, *, number: int, comment: RemoteComment) -> None:
        """Delete a comment of ours, if it is still there."""
        try:
            self.client.drop_note(number, comment.id)
        except MissingError:
            return

    def reply(self, *, number: int, thread_id: str, body: str) -> None:
        """Answer in a discussion, or in the conversation where there is none."""
        check_text(body)
        if thread_id:
            self.client.answer(number, thread_id, body=body)
        else:
            self.client.write_note(number, body=body)

    def may_write(self, *, author: str) -> bool:
        """Say whether a user (by id) is at least a Developer, here or through a group."""
        if not (author.isascii() and author.isdigit()):
            return False
        try:
            member = self.client.member(int(author))
        except MissingError as error:
            if "project" in error.words.lower():
                raise
            return False
        is_same = member.id == int(author)
        return is_same and member.state == "active" and member.access_level >= DEVELOPER

    def is_public(self) -> bool:
        """Say whether people without an account can read the project, as it is now."""
        return self.client.facts().visibility == "public"

    def set_status(self, *, commit: str, status: Status, status_id: str) -> str:  # noqa: ARG002
        """Set our commit status, which GitLab knows by its name; return its id."""
        body = {
            "name": settings.PRODUCT_NAME,
            "state": _STATUSES[status.state],
            "description": status.title[:_LONGEST_DESCRIPTION],
        }
        if len(status.url) <= _LONGEST_ADDRESS:
            body["target_url"] = status.url
        try:
            return str(self.client.set_status(commit, body).id)
        except InvalidRequestError as error:
            if "transition" not in error.words.lower():
                raise
            # It says so already, and GitLab changes no word of a status that is under way.
            rows = self.client.statuses(commit, name=settings.PRODUCT_NAME)
            if not rows or rows[0].status != body["state"]:
                raise
            return str(rows[0].id)

    def open_change_request(self, *, proposal: Proposal) -> RemoteChangeRequest:
        """Make branch, commit and merge request, or return what an earlier try made."""
        return _in_our_words(Opening(client=self.client, proposal=proposal).open())

    def _comment(self, number: int, note: Note, discussion: Discussion) -> RemoteComment:
        position = note.position
        return RemoteComment(
            id=str(note.id),
            thread_id=discussion.id,
            key=key_in(note.body),
            body=note.body,
            url=note_address(self.link, number=number, note_id=note.id),
            is_inline=position is not None,
            path=(position.new_path or "") if position else "",
            line=position.new_line if position else None,
        )

    def _long_changes(self, number: int, version: Version, *, is_newest: bool) -> Changes:
        """Read page by page what is too long for one answer, which GitLab has of the newest."""
        diffs = self.client.diffs(number) if is_newest else []
        return changes_of(version, diffs, is_complete=False)

    def _why_without_version(self, number: int, commit: str) -> Exception:
        if self.client.merge_request(number).sha == commit:
            return CodeHostBusyError("GitLab is still preparing the diff of the merge request.")
        return GoneError(
            f"Commit {commit[:12]} is the head of no version of merge request !{number}: it was"
            " replaced by a push, or only a later one was pushed."
        )


def _in_our_words(found: MergeRequest) -> RemoteChangeRequest:
    return RemoteChangeRequest(
        number=found.iid,
        state=STATES.get(found.state, RemoteState.OPEN),
        title=found.title,
        url=found.web_url,
        author=found.author.username,
        head_commit=found.sha or "",
        head_ref=found.source_branch,
        base_ref=found.target_branch,
        is_from_fork=found.source_project_id != found.target_project_id,
        updated_at=found.updated_at,
    )
