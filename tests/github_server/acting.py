"""People at work in pull requests: what they do, and the webhooks that follow.

Each method does what a person did in a browser or with git, and returns the deliveries.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from tests.github_server import branches, deeds
from tests.github_server.deliveries import Delivery, post
from tests.github_server.state import IssueComment, Pull, Repository, ReviewComment

if TYPE_CHECKING:
    from tests.github_server.server import GitHubServer


class Acting:
    """What people do to branches, pull requests and comments."""

    @property
    def _me(self) -> "GitHubServer":
        return cast("GitHubServer", self)

    def push(
        self,
        full_name: str,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        login: str = "mel",
        message: str = "Change",
        base: str = "",
        force: bool = False,
    ) -> list[Delivery]:
        """Commit `files` (None removes one) on a branch, which is made from `base` if need be.

        With `force` the new commit stands on `base` in place of all that the branch had; `prune`
        makes the repository forget what was there.
        """
        repository = self._me.repositories[full_name]
        git = repository.git
        with self._me.lock:
            before = git.branch(branch) if branch in git.branches() else ""
            parent = before
            if force or not before:
                parent = git.branch(base or repository.default_branch)
            git.move_branch(branch, git.commit_files(parent, files, message))
            return branches.follow_branch(self._me, repository, branch, before, login)

    def pushed(self, full_name: str, branch: str, *, login: str = "mel") -> list[Delivery]:
        """Take note of commits that a test made on a branch with git itself."""
        repository = self._me.repositories[full_name]
        with self._me.lock:
            heads = [one.head_sha for one in repository.pulls.values() if one.head == branch]
            before = heads[-1] if heads else ""
            return branches.follow_branch(self._me, repository, branch, before, login)

    def prune(self, full_name: str) -> None:
        """Forget commits that no branch holds, as hosts do some time after a forced push."""
        git = self._me.repositories[full_name].git
        git.run("reflog", "expire", "--expire=now", "--all")
        git.run("gc", "--quiet", "--prune=now")
        git.forget()

    def open_pull(
        self,
        full_name: str,
        head: str,
        base: str = "",
        *,
        author: str = "mel",
        title: str = "Change",
        body: str = "",
        fork: str = "",
        draft: bool = False,
    ) -> tuple[Pull, list[Delivery]]:
        """Open a pull request; `fork`: full name of the fork that the head is in."""
        repository = self._me.repositories[full_name]
        base = base or repository.default_branch
        with self._me.lock:
            pull = Pull(
                number=len(repository.pulls) + 1,
                title=title,
                body=body,
                author=self._me.account(author).login,
                head=head,
                base=base,
                head_sha=repository.git.branch(head),
                base_sha=repository.git.branch(base),
                created_at=self._me.now(),
                updated_at=self._me.now(),
                is_draft=draft,
                fork=fork,
            )
            repository.pulls[pull.number] = pull
            return pull, branches.tell_pull(self._me, repository, pull, "opened", author)

    def comment(
        self,
        full_name: str,
        number: int,
        login: str,
        body: str,
        *,
        in_reply_to: int | None = None,
        path: str = "",
        line: int | None = None,
    ) -> tuple[IssueComment | ReviewComment, list[Delivery]]:
        """Write in the conversation, in a thread (`in_reply_to`) or at a line."""
        repository, pull = self._found(full_name, number)
        with self._me.lock:
            if in_reply_to is not None:
                parent = repository.review_comments[in_reply_to]
                return deeds.write_reply(self._me, repository, pull, login, body, parent)
            if not path:
                return deeds.write_issue_comment(self._me, repository, pull, login, body)
            review, told = deeds.write_review(
                self._me,
                repository,
                pull,
                login,
                body="",
                event="COMMENT",
                commit=pull.head_sha,
                comments=[(deeds.Spot(path, line), body)],
            )
            rows = repository.review_comments.values()
            return next(row for row in rows if row.review_id == review.id), told

    def edit_comment(
        self, full_name: str, comment_id: int, body: str, *, login: str = ""
    ) -> list[Delivery]:
        """Change a comment; its author does it where no `login` is given."""
        repository = self._me.repositories[full_name]
        with self._me.lock:
            row = _comment(repository, comment_id)
            return deeds.change_comment(self._me, repository, row, body, login or row.user)

    def delete_comment(self, full_name: str, comment_id: int, *, login: str = "") -> list[Delivery]:
        """Delete a comment; its author does it where no `login` is given."""
        repository = self._me.repositories[full_name]
        with self._me.lock:
            row = _comment(repository, comment_id)
            return deeds.drop_comment(self._me, repository, row, login or row.user)

    def close(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Close a pull request unmerged."""
        repository, pull = self._found(full_name, number)
        with self._me.lock:
            pull.state, pull.closed_at = "closed", self._me.now()
            return branches.tell_pull(self._me, repository, pull, "closed", login)

    def reopen(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Open it again."""
        repository, pull = self._found(full_name, number)
        with self._me.lock:
            pull.state, pull.closed_at = "open", None
            return branches.tell_pull(self._me, repository, pull, "reopened", login)

    def merge(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Merge a pull request with a merge commit; its branch stays."""
        repository, pull = self._found(full_name, number)
        git = repository.git
        with self._me.lock:
            base = git.branch(pull.base)
            tree = git.merged_tree(base, pull.head_sha)
            message = f"Merge pull request #{number} from {repository.owner}/{pull.head}"
            merged = git.write_commit(tree, [base, pull.head_sha], message)
            git.move_branch(pull.base, merged)
            pull.state, pull.merged_by, pull.merge_commit_sha = "closed", login, merged
            pull.closed_at = pull.merged_at = self._me.now()
            told = branches.follow_branch(self._me, repository, pull.base, base, login)
            return told + branches.tell_pull(self._me, repository, pull, "closed", login)

    def edit_pull(
        self, full_name: str, number: int, *, title: str = "", base: str = "", login: str = "mel"
    ) -> list[Delivery]:
        """Change the title or the base."""
        repository, pull = self._found(full_name, number)
        changes: dict[str, object] = {}
        with self._me.lock:
            if title:
                changes["title"] = {"from": pull.title}
                pull.title = title
            if base:
                changes["base"] = {"ref": {"from": pull.base}, "sha": {"from": pull.base_sha}}
                pull.base, pull.base_sha = base, repository.git.branch(base)
            return branches.tell_pull(self._me, repository, pull, "edited", login, changes=changes)

    def delete_branch(self, full_name: str, branch: str, login: str = "mel") -> list[Delivery]:
        """Delete a branch; pull requests keep the commit that they had."""
        repository = self._me.repositories[full_name]
        with self._me.lock:
            before = repository.git.branch(branch)
            repository.git.drop_branch(branch)
            return branches.tell_push(self._me, repository, branch, before, "0" * 40, login)

    def deliver(self, deliveries: Sequence[Delivery] | None = None) -> list[int]:
        """Send what waits (or what is given), in order; return the statuses of the answers."""
        if deliveries is None:
            with self._me.lock:
                deliveries, self._me.deliveries = self._me.deliveries, []
        return [post(one) for one in deliveries if one.url]

    def _found(self, full_name: str, number: int) -> tuple[Repository, Pull]:
        repository = self._me.repositories[full_name]
        return repository, repository.pulls[number]


def _comment(repository: Repository, comment_id: int) -> IssueComment | ReviewComment:
    found = repository.issue_comments.get(comment_id)
    return found or repository.review_comments[comment_id]
