"""Opening a merge request of ours: a branch with one commit, made only where nothing is lost."""

import base64
import hashlib
from dataclasses import dataclass

from integrations.gitlab.client import ProjectClient
from integrations.gitlab.failures import InvalidRequestError, MissingError
from integrations.gitlab.posting import check_text
from integrations.gitlab.shapes import MergeRequest
from integrations.review_hosts import GoneError, Proposal, ReviewRefusedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One proposal on its way; each step finds what an earlier try has done of it."""

    client: ProjectClient
    proposal: Proposal

    def open(self) -> MergeRequest:
        """Return the merge request, made now or by an earlier try; raises as ReviewHost does."""
        check_text(self.proposal.body)
        found = self._find()
        if found is not None:
            return found
        if not self._has_our_commit():
            self._commit()
        try:
            return self.client.open_merge_request(
                {
                    "source_branch": self.proposal.branch,
                    "target_branch": self.proposal.base_ref,
                    "title": self.proposal.title,
                    "description": self.proposal.body,
                    "remove_source_branch": True,
                }
            )
        except InvalidRequestError:
            # Two tries at once: the other one was first.
            found = self._find()
            if found is None:
                raise
            return found

    def _find(self) -> MergeRequest | None:
        """Return ours from the branch, an open one first."""
        rows = [
            one
            for one in self.client.merge_requests_from(self.proposal.branch)
            if one.source_project_id == one.target_project_id
        ]
        ours = [one for one in rows if one.author.id == self.client.me().id]
        if rows and not ours:
            raise self._not_ours()
        return max(ours, key=lambda one: (one.state == "opened", one.iid), default=None)

    def _has_our_commit(self) -> bool:
        """Say whether an earlier try has made the branch. Raises where somebody else has."""
        try:
            head = self.client.branch(self.proposal.branch).commit
        except MissingError:
            return False
        is_ours = head.message.strip() == self.proposal.message.strip() and (
            self._hash_at(head.id) == hashlib.sha256(self.proposal.content).hexdigest()
        )
        if not is_ours:
            raise self._not_ours()
        return True

    def _commit(self) -> None:
        """Make branch and commit in one call, from the base as it is now."""
        base = self._base_commit()
        try:
            file = self.client.file(self.proposal.path, ref=base)
        except MissingError:
            raise self._changed() from None
        if file.content_sha256 != self.proposal.expected_hash:
            raise self._changed()
        self.client.commit(
            {
                "branch": self.proposal.branch,
                "start_sha": base,
                "commit_message": self.proposal.message,
                "actions": [
                    {
                        "action": "update",
                        "file_path": self.proposal.path,
                        "content": base64.b64encode(self.proposal.content).decode(),
                        "encoding": "base64",
                        "last_commit_id": file.last_commit_id,
                    }
                ],
            }
        )

    def _base_commit(self) -> str:
        try:
            return self.client.branch(self.proposal.base_ref).commit.id
        except MissingError as error:
            raise GoneError(
                f"The branch {self.proposal.base_ref} is not at GitLab (any more): {error.detail}"
            ) from None

    def _hash_at(self, commit: str) -> str:
        try:
            return self.client.file(self.proposal.path, ref=commit).content_sha256
        except MissingError:
            return ""

    def _changed(self) -> ReviewRefusedError:
        return ReviewRefusedError(
            f"{self.proposal.path} has changed on {self.proposal.base_ref} since the fix was"
            " proven. Scan again, and open a merge request with the new fix."
        )

    def _not_ours(self) -> ReviewRefusedError:
        return ReviewRefusedError(
            f"The branch {self.proposal.branch} is at GitLab already and holds something else."
            " Rename or delete it, and try again."
        )
