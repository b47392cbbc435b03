"""What we do in one repository of GitHub, in GitHub's words: one method for each thing."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from integrations.github.calls import Calls
from integrations.github.shapes import (
    Blob,
    Collaborator,
    Comment,
    Commit,
    Comparison,
    Content,
    FilePatch,
    GitObject,
    Numbered,
    Pull,
    Reference,
    Repository,
    Tree,
)

READ_METADATA = "Metadata: read"
READ_CODE = "Contents: read"
WRITE_CODE = "Contents: read and write"
PULLS = "Pull requests: read and write"
CHECKS = "Checks: read and write"
STATUSES = "Commit statuses: read and write"
MOST_FILES = 3000
COMPARED_FILES = 300
_FILE_PAGES = 30
_COMMENT_PAGES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryClient:
    """One repository."""

    calls: Calls
    full_name: str

    def repository(self) -> Repository:
        """https://docs.github.com/en/rest/repos/repos#get-a-repository."""
        return self.calls.get(Repository, self._at(""), needs=READ_METADATA)

    def contents(self, *, path: str, ref: str) -> Content | list[Content]:
        """https://docs.github.com/en/rest/repos/contents#get-repository-content."""
        at = self._at(f"/contents/{quote(path)}")
        return self.calls.get_parsed(_contents, at, needs=READ_CODE, ref=ref)

    def commit_of(self, ref: str) -> str:
        """https://docs.github.com/en/rest/commits/commits#get-a-commit."""
        at = self._at(f"/commits/{_word(ref)}")
        return self.calls.get(GitObject, at, needs=READ_CODE, per_page=1).sha

    def git_commit(self, sha: str) -> Commit:
        """https://docs.github.com/en/rest/git/commits#get-a-commit-object."""
        return self.calls.get(Commit, self._at(f"/git/commits/{_word(sha)}"), needs=READ_CODE)

    def tree(self, sha: str) -> Tree:
        """https://docs.github.com/en/rest/git/trees#get-a-tree."""
        return self.calls.get(Tree, self._at(f"/git/trees/{_word(sha)}"), needs=READ_CODE)

    def blob(self, sha: str) -> bytes:
        """https://docs.github.com/en/rest/git/blobs#get-a-blob."""
        blob = self.calls.get(Blob, self._at(f"/git/blobs/{_word(sha)}"), needs=READ_CODE)
        return base64.b64decode(blob.content)

    def head_of(self, branch: str) -> str:
        """https://docs.github.com/en/rest/git/refs#get-a-reference."""
        at = self._at(f"/git/ref/heads/{quote(branch)}")
        return self.calls.get(Reference, at, needs=READ_CODE).object.sha

    def pull(self, number: int) -> Pull:
        """https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request."""
        return self.calls.get(Pull, self._at(f"/pulls/{number}"), needs=PULLS)

    def open_pulls(self, *, head: str, base: str) -> list[Pull]:
        """https://docs.github.com/en/rest/pulls/pulls#list-pull-requests."""
        at = self._at("/pulls")
        return self.calls.get_parsed(_pulls, at, needs=PULLS, state="open", head=head, base=base)

    def pull_files(self, number: int) -> list[FilePatch]:
        """https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files."""
        at = self._at(f"/pulls/{number}/files")
        return list(self.calls.pages(FilePatch, at, needs=PULLS, most_pages=_FILE_PAGES))

    def compared_files(self, *, base: str, head: str) -> list[FilePatch]:
        """https://docs.github.com/en/rest/commits/commits#compare-two-commits."""
        at = self._at(f"/compare/{_word(base)}...{_word(head)}")
        return self.calls.get(Comparison, at, needs=READ_CODE, per_page=1).files

    def review_comments(self, number: int) -> list[Comment]:
        """https://docs.github.com/en/rest/pulls/comments#list-review-comments-on-a-pull-request."""
        at = self._at(f"/pulls/{number}/comments")
        return list(self.calls.pages(Comment, at, needs=PULLS, most_pages=_COMMENT_PAGES))

    def conversation(self, number: int) -> list[Comment]:
        """https://docs.github.com/en/rest/issues/comments#list-issue-comments."""
        at = self._at(f"/issues/{number}/comments")
        return list(self.calls.pages(Comment, at, needs=PULLS, most_pages=_COMMENT_PAGES))

    def review(self, number: int, *, commit: str, comments: Sequence[Mapping[str, Any]]) -> None:
        """https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request."""
        body = {"commit_id": commit, "event": "COMMENT", "comments": list(comments)}
        self.calls.order("POST", self._at(f"/pulls/{number}/reviews"), body, needs=PULLS)

    def comment(self, number: int, body: str) -> None:
        """https://docs.github.com/en/rest/issues/comments#create-an-issue-comment."""
        at = self._at(f"/issues/{number}/comments")
        self.calls.order("POST", at, {"body": body}, needs=PULLS)

    def reply(self, number: int, *, comment_id: int, body: str) -> None:
        """https://docs.github.com/en/rest/pulls/comments#create-a-reply-for-a-review-comment."""
        at = self._at(f"/pulls/{number}/comments/{comment_id}/replies")
        self.calls.order("POST", at, {"body": body}, needs=PULLS)

    def edit_comment(self, comment_id: int, *, is_inline: bool, body: str) -> None:
        """https://docs.github.com/en/rest/pulls/comments#update-a-review-comment-for-a-pull-request."""
        at = self._comment(comment_id, is_inline=is_inline)
        self.calls.order("PATCH", at, {"body": body}, needs=PULLS)

    def delete_comment(self, comment_id: int, *, is_inline: bool) -> None:
        """https://docs.github.com/en/rest/pulls/comments#delete-a-review-comment-for-a-pull-request."""
        at = self._comment(comment_id, is_inline=is_inline)
        self.calls.order("DELETE", at, None, needs=PULLS)

    def permission_of(self, login: str) -> str:
        """https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user."""
        at = self._at(f"/collaborators/{_word(login)}/permission")
        return self.calls.get(Collaborator, at, needs=READ_METADATA).permission

    def make_check_run(self, body: Mapping[str, Any]) -> int:
        """https://docs.github.com/en/rest/checks/runs#create-a-check-run."""
        return self.calls.make(Numbered, self._at("/check-runs"), body, needs=CHECKS).id

    def change_check_run(self, number: int, body: Mapping[str, Any]) -> None:
        """https://docs.github.com/en/rest/checks/runs#update-a-check-run."""
        self.calls.order("PATCH", self._at(f"/check-runs/{number}"), body, needs=CHECKS)

    def make_status(self, sha: str, body: Mapping[str, Any]) -> int:
        """https://docs.github.com/en/rest/commits/statuses#create-a-commit-status."""
        return self.calls.make(
            Numbered, self._at(f"/statuses/{_word(sha)}"), body, needs=STATUSES
        ).id

    def make_commit(
        self, *, parent: str, path: str, mode: str, content: bytes, message: str
    ) -> str:
        """https://docs.github.com/en/rest/git/commits#create-a-commit."""
        encoded = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
        blob = self._make_git("blobs", encoded)
        entry = {"path": path, "mode": mode, "type": "blob", "sha": blob}
        base_tree = self.git_commit(parent).tree.sha
        tree = self._make_git("trees", {"base_tree": base_tree, "tree": [entry]})
        return self._make_git("commits", {"message": message, "tree": tree, "parents": [parent]})

    def make_branch(self, branch: str, *, sha: str) -> None:
        """https://docs.github.com/en/rest/git/refs#create-a-reference."""
        body = {"ref": f"refs/heads/{branch}", "sha": sha}
        self.calls.order("POST", self._at("/git/refs"), body, needs=WRITE_CODE)

    def make_pull(self, *, head: str, base: str, title: str, body: str) -> Pull:
        """https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request."""
        asked = {"title": title, "head": head, "base": base, "body": body}
        return self.calls.make(Pull, self._at("/pulls"), asked, needs=PULLS)

    def _make_git(self, kind: str, body: Mapping[str, Any]) -> str:
        at = self._at(f"/git/{kind}")
        return self.calls.make(GitObject, at, body, needs=WRITE_CODE).sha

    def _comment(self, comment_id: int, *, is_inline: bool) -> str:
        return self._at(f"/{'pulls' if is_inline else 'issues'}/comments/{comment_id}")

    def _at(self, path: str) -> str:
        return f"/repos/{quote(self.full_name)}{path}"


def _word(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")


def _contents(data: Any) -> Content | list[Content]:
    if isinstance(data, list):
        return [Content.model_validate(one) for one in data]
    return Content.model_validate(data)


def _pulls(data: Any) -> list[Pull]:
    return [Pull.model_validate(one) for one in data]
