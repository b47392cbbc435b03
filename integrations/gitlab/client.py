"""What we do at GitLab, in its words: one method a call, with the link to its documentation."""

from collections.abc import Mapping
from typing import Any

from integrations.credentials import unlock
from integrations.gitlab import shapes
from integrations.gitlab.calls import Calls, part
from integrations.models import Connection


class GitLabClient:
    """One GitLab as one connection sees it; its projects are spoken of by number or full name."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._me: shapes.User | None = None

    @classmethod
    def of_connection(cls, connection: Connection, *, reserve: int = 0) -> "GitLabClient":
        """Return the client of a connection; `reserve`: calls that are left for comments."""
        return cls(
            Calls(
                base_url=connection.base_url,
                token=lambda: unlock(connection.encrypted_credentials).get("token", ""),
                ca_bundle=connection.ca_bundle,
                connection_id=connection.pk,
                reserve=reserve,
            )
        )

    def me(self) -> shapes.User:
        """https://docs.gitlab.com/api/users/#get-the-current-user; asked once."""
        if self._me is None:
            self._me = self._calls.get(shapes.User, "/user")
        return self._me

    def token(self) -> shapes.Token:
        """https://docs.gitlab.com/api/personal_access_tokens/#self-inform."""
        return self._calls.get(shapes.Token, "/personal_access_tokens/self")

    def group(self, name: str) -> shapes.Group:
        """https://docs.gitlab.com/api/groups/#retrieve-a-group."""
        query = {"with_projects": "false"}
        return self._calls.get(shapes.Group, f"/groups/{part(name)}", query)

    def projects(
        self, *, page: int, size: int, least_level: int
    ) -> tuple[list[shapes.Project], int | None, Mapping[str, str]]:
        """https://docs.gitlab.com/api/projects/#list-all-projects."""
        query = {
            "membership": "true",
            "min_access_level": str(least_level),
            "order_by": "id",
            "sort": "asc",
        }
        return self._calls.page(shapes.Project, "/projects", query, page=page, size=size)

    def project(self, name: str) -> shapes.Project:
        """https://docs.gitlab.com/api/projects/#retrieve-a-project."""
        return self._calls.get(shapes.Project, f"/projects/{part(name)}")

    def of_project(self, name: str) -> "ProjectClient":
        """Return the calls of one project."""
        return ProjectClient(self._calls, client=self, name=name)


class ProjectClient:
    """One project, by number or full name."""

    def __init__(self, calls: Calls, *, client: GitLabClient, name: str) -> None:
        self._calls = calls
        self._client = client
        self._name = name
        self._at = f"/projects/{part(name)}"

    def me(self) -> shapes.User:
        """Return as whom we write."""
        return self._client.me()

    def facts(self) -> shapes.Project:
        """Return the project itself."""
        return self._client.project(self._name)

    def member(self, user_id: int) -> shapes.Member:
        """https://docs.gitlab.com/api/project_members/ with those of the groups above."""
        return self._calls.get(shapes.Member, f"{self._at}/members/all/{user_id}")

    def file(self, path: str, *, ref: str) -> shapes.File:
        """https://docs.gitlab.com/api/repository_files/#get-file-from-repository."""
        address = f"{self._at}/repository/files/{part(path)}"
        return self._calls.get(shapes.File, address, {"ref": ref})

    def folder(self, path: str, *, ref: str) -> list[shapes.TreeEntry]:
        """https://docs.gitlab.com/api/repositories/#list-repository-tree."""
        query = {"ref": ref, **({"path": path} if path else {})}
        return self._calls.every(shapes.TreeEntry, f"{self._at}/repository/tree", query)

    def branch(self, name: str) -> shapes.Branch:
        """https://docs.gitlab.com/api/branches/#get-single-repository-branch."""
        return self._calls.get(shapes.Branch, f"{self._at}/repository/branches/{part(name)}")

    def commit(self, body: Mapping[str, Any]) -> shapes.Commit:
        """https://docs.gitlab.com/api/commits/#create-a-commit-with-multiple-files-and-actions."""
        return self._calls.make(shapes.Commit, f"{self._at}/repository/commits", body)

    def merge_request(self, number: int) -> shapes.MergeRequest:
        """https://docs.gitlab.com/api/merge_requests/#get-single-mr."""
        return self._calls.get(shapes.MergeRequest, self._of(number))

    def merge_requests_from(self, branch: str) -> list[shapes.MergeRequest]:
        """https://docs.gitlab.com/api/merge_requests/#list-project-merge-requests."""
        query = {"source_branch": branch, "state": "all"}
        return self._calls.every(shapes.MergeRequest, f"{self._at}/merge_requests", query)

    def open_merge_request(self, body: Mapping[str, Any]) -> shapes.MergeRequest:
        """https://docs.gitlab.com/api/merge_requests/#create-mr."""
        return self._calls.make(shapes.MergeRequest, f"{self._at}/merge_requests", body)

    def versions(self, number: int) -> list[shapes.Version]:
        """https://docs.gitlab.com/api/merge_requests/#get-merge-request-diff-versions."""
        return self._calls.every(shapes.Version, f"{self._of(number)}/versions")

    def version(self, number: int, version_id: int) -> shapes.FullVersion:
        """https://docs.gitlab.com/api/merge_requests/#get-a-single-merge-request-diff-version."""
        return self._calls.get(shapes.FullVersion, f"{self._of(number)}/versions/{version_id}")

    def diffs(self, number: int) -> list[shapes.Diff]:
        """https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs; of the newest."""
        return self._calls.every(shapes.Diff, f"{self._of(number)}/diffs")

    def discussions(self, number: int) -> list[shapes.Discussion]:
        """https://docs.gitlab.com/api/discussions/#list-project-merge-request-discussion-items."""
        return self._calls.every(shapes.Discussion, f"{self._of(number)}/discussions")

    def begin_discussion(
        self, number: int, *, body: str, position: Mapping[str, Any]
    ) -> shapes.Discussion:
        """https://docs.gitlab.com/api/discussions/#create-a-new-thread-in-the-merge-request-diff."""
        told = {"body": body, "position": position}
        return self._calls.make(shapes.Discussion, f"{self._of(number)}/discussions", told)

    def answer(self, number: int, discussion_id: str, *, body: str) -> shapes.Note:
        """https://docs.gitlab.com/api/discussions/#add-note-to-existing-merge-request-thread."""
        address = f"{self._of(number)}/discussions/{part(discussion_id)}/notes"
        return self._calls.make(shapes.Note, address, {"body": body})

    def write_note(self, number: int, *, body: str) -> shapes.Note:
        """https://docs.gitlab.com/api/notes/#create-new-merge-request-note."""
        return self._calls.make(shapes.Note, f"{self._of(number)}/notes", {"body": body})

    def change_note(self, number: int, note_id: str, *, body: str) -> shapes.Note:
        """https://docs.gitlab.com/api/notes/#modify-existing-merge-request-note; any kind."""
        address = f"{self._of(number)}/notes/{part(note_id)}"
        return self._calls.change(shapes.Note, address, {"body": body})

    def drop_note(self, number: int, note_id: str) -> None:
        """https://docs.gitlab.com/api/notes/#delete-a-merge-request-note; any kind."""
        self._calls.order("delete", f"{self._of(number)}/notes/{part(note_id)}")

    def drafts(self, number: int) -> list[shapes.DraftNote]:
        """https://docs.gitlab.com/api/draft_notes/: our own, which nobody else sees."""
        return self._calls.every(shapes.DraftNote, f"{self._of(number)}/draft_notes")

    def write_draft(
        self, number: int, *, note: str, position: Mapping[str, Any] | None
    ) -> shapes.DraftNote:
        """https://docs.gitlab.com/api/draft_notes/#create-a-draft-note."""
        told = {"note": note, **({"position": position} if position else {})}
        return self._calls.make(shapes.DraftNote, f"{self._of(number)}/draft_notes", told)

    def drop_draft(self, number: int, draft_id: int) -> None:
        """https://docs.gitlab.com/api/draft_notes/#delete-a-draft-note."""
        self._calls.order("delete", f"{self._of(number)}/draft_notes/{draft_id}")

    def publish_drafts(self, number: int) -> None:
        """https://docs.gitlab.com/api/draft_notes/#publish-all-pending-draft-notes."""
        self._calls.order("post", f"{self._of(number)}/draft_notes/bulk_publish")

    def set_status(self, commit: str, body: Mapping[str, Any]) -> shapes.Status:
        """https://docs.gitlab.com/api/commits/#set-commit-pipeline-status."""
        return self._calls.make(shapes.Status, f"{self._at}/statuses/{part(commit)}", body)

    def statuses(self, commit: str, *, name: str) -> list[shapes.Status]:
        """https://docs.gitlab.com/api/commits/#list-commit-statuses; newest first."""
        address = f"{self._at}/repository/commits/{part(commit)}/statuses"
        return self._calls.every(shapes.Status, address, {"name": name})

    def hooks(self) -> list[shapes.Hook]:
        """https://docs.gitlab.com/api/project_webhooks/#list-webhooks-for-a-project."""
        return self._calls.every(shapes.Hook, f"{self._at}/hooks")

    def make_hook(self, body: Mapping[str, Any]) -> shapes.Hook:
        """https://docs.gitlab.com/api/project_webhooks/#add-a-webhook-to-a-project."""
        return self._calls.make(shapes.Hook, f"{self._at}/hooks", body)

    def change_hook(self, hook_id: int, body: Mapping[str, Any]) -> shapes.Hook:
        """https://docs.gitlab.com/api/project_webhooks/#edit-a-project-webhook."""
        return self._calls.change(shapes.Hook, f"{self._at}/hooks/{hook_id}", body)

    def _of(self, number: int) -> str:
        return f"{self._at}/merge_requests/{number}"
