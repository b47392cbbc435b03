"""A repository at GitHub in whose pull requests we speak."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from integrations.code_files import check_commit
from integrations.github.actors import Actor, actor_of
from integrations.github.client import COMPARED_FILES, MOST_FILES, RepositoryClient
from integrations.github.failures import InvalidRequestError
from integrations.github.proposals import open_pull
from integrations.github.pulls import (
    as_change_request,
    as_changes,
    as_comment,
    as_review_comment,
    in_order,
)
from integrations.github.sign_in import Purpose, connection_calls
from integrations.github.statuses import set_check_run, set_commit_status
from integrations.models import RepositoryLink, SignIn
from integrations.review_hosts import (
    Changes,
    Draft,
    GoneError,
    Proposal,
    RemoteChangeRequest,
    RemoteComment,
    ReviewRefusedError,
    Status,
)

_WRITERS = {"admin", "maintain", "write"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubReviewHost:
    """Speaks as the connection of a link."""

    link: RepositoryLink
    client: RepositoryClient = field(repr=False)

    @classmethod
    def of_link(cls, link: RepositoryLink) -> "GitHubReviewHost":
        """Return the review host behind a link, whose location is `owner/name`."""
        return cls(link=link, client=_client(link, Purpose.REVIEW))

    def read_change_request(self, *, number: int) -> RemoteChangeRequest:
        """Return a pull request as it is now."""
        return as_change_request(self.client.pull(number))

    def read_changes(self, *, number: int, commit: str) -> Changes:
        """Return what may be spoken of at `commit`, which may be older than the head."""
        check_commit(commit)
        pull = self.client.pull(number)
        if pull.head.sha.startswith(commit):
            files = self.client.pull_files(number)
            return as_changes(files, commit=pull.head.sha, most_files=MOST_FILES)
        files = self.client.compared_files(base=pull.base.sha, head=commit)
        return as_changes(files, commit=commit, most_files=COMPARED_FILES)

    def own_comments(self, *, number: int) -> list[RemoteComment]:
        """Return all comments whose author is us, inline and in the conversation, oldest first."""
        us = self._us()
        found = [
            (one.created_at, as_comment(one, is_inline=is_inline))
            for is_inline, comments in (
                (True, self.client.review_comments(number)),
                (False, self.client.conversation(number)),
            )
            for one in comments
            if us.wrote(one)
        ]
        return in_order(found)

    def post_comments(self, *, number: int, changes: Changes, drafts: Sequence[Draft]) -> None:
        """Post one review with all drafts at lines, and the others in the conversation.

        GitHub refuses a review as a whole for one line outside the diff: then what can be posted
        is, in as few reviews as it takes. Raises ReviewRefusedError where nothing is taken.
        """
        placed = [draft for draft in drafts if draft.place is not None]
        taken, refusal = self._post_review(number, changes, placed)
        for draft in drafts:
            if draft.place is None:
                try:
                    self.client.comment(number, draft.body)
                    taken += 1
                except InvalidRequestError as error:
                    refusal = error
        if refusal is not None and taken == 0:
            raise refusal

    def edit_comment(self, *, number: int, comment: RemoteComment, body: str) -> None:  # noqa: ARG002 the protocol's
        """Replace a comment's text. Raises GoneError where somebody has deleted it."""
        self.client.edit_comment(int(comment.id), is_inline=comment.is_inline, body=body)

    def delete_comment(self, *, number: int, comment: RemoteComment) -> None:
        """Delete a comment of ours; one that is gone already is no error."""
        try:
            self.client.delete_comment(int(comment.id), is_inline=comment.is_inline)
        except GoneError:
            # The comment, or everything: then it is said that everything is gone.
            self.client.pull(number)

    def reply(self, *, number: int, thread_id: str, body: str) -> None:
        """Answer in a thread, or in the conversation where `thread_id` is blank."""
        if thread_id:
            self.client.reply(number, comment_id=int(thread_id), body=body)
        else:
            self.client.comment(number, body)

    def may_write(self, *, author: str) -> bool:
        """Say whether a person may write to the repository; nobody of that name may not."""
        try:
            return self.client.permission_of(author) in _WRITERS
        except GoneError:
            return False

    def is_public(self) -> bool:
        """Say whether strangers can read the repository, as it is now."""
        return not self.client.repository().private

    def set_status(self, *, commit: str, status: Status, status_id: str) -> str:
        """Set the check run of an app, or the commit status of a token; return its id."""
        check_commit(commit)
        if self.link.connection.sign_in == SignIn.APP:
            return set_check_run(self.client, commit=commit, status=status, status_id=status_id)
        return set_commit_status(self.client, commit=commit, status=status)

    def open_change_request(self, *, proposal: Proposal) -> RemoteChangeRequest:
        """Make branch, commit and pull request, or return what an earlier try made."""
        return as_change_request(open_pull(_client(self.link, Purpose.PROPOSE), proposal))

    def _us(self) -> Actor:
        return actor_of(self.link.connection, calls=self.client.calls)

    def _post_review(
        self, number: int, changes: Changes, drafts: Sequence[Draft]
    ) -> tuple[int, ReviewRefusedError | None]:
        """Return how many drafts GitHub took, and why it refused the last of the others."""
        if not drafts:
            return 0, None
        comments = [as_review_comment(draft) for draft in drafts]
        try:
            self.client.review(number, commit=changes.commit, comments=comments)
        except InvalidRequestError as error:
            if len(drafts) == 1 or error.is_about_all:
                return 0, error
        else:
            return len(drafts), None
        middle = len(drafts) // 2
        first_taken, first_refusal = self._post_review(number, changes, drafts[:middle])
        last_taken, last_refusal = self._post_review(number, changes, drafts[middle:])
        return first_taken + last_taken, last_refusal or first_refusal


def _client(link: RepositoryLink, purpose: Purpose) -> RepositoryClient:
    calls = connection_calls(link.connection, purpose=purpose, repository_id=link.external_id)
    return RepositoryClient(calls=calls, full_name=link.location)
