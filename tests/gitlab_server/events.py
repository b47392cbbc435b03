"""Bodies of webhooks, in the shapes of GitLab's documentation.

https://docs.gitlab.com/user/project/integrations/webhook_events/
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.gitlab_server.entities import as_time
from tests.gitlab_server.state import VISIBILITY_LEVELS, MergeRequest, Note, Repository, User

Json = dict[str, Any]
STATE_IDS = {"opened": 1, "closed": 2, "merged": 3, "locked": 4}


def as_text(moment: datetime) -> str:
    """Return a moment as webhooks write it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


class Events:
    """Makes bodies of events; mixed into the server."""

    url: str
    user: Callable[[str], User]
    web_url: Callable[[Repository], str]

    def push_event(
        self, project: Repository, branch: str, before: str, after: str, login: str
    ) -> Json:
        user = self.user(login)
        return {
            "object_kind": "push",
            "event_name": "push",
            "before": before,
            "after": after,
            "ref": f"refs/heads/{branch}",
            "ref_protected": branch == project.default_branch,
            "checkout_sha": after,
            "user_id": user.id,
            "user_name": user.name,
            "user_username": user.username,
            "user_email": "",
            "user_avatar": None,
            "project_id": project.id,
            "project": {"id": project.id, **self._project_part(project)},
            "repository": self._repository_part(project),
            "commits": [],
            "total_commits_count": 1,
        }

    def merge_request_event(
        self,
        project: Repository,
        one: MergeRequest,
        login: str,
        *,
        action: str,
        old: str = "",
    ) -> Json:
        attributes = self._merge_request_part(project, one)
        attributes |= {"url": self._address(project, one), "action": action}
        if old:
            attributes["oldrev"] = old
        return {
            "object_kind": "merge_request",
            "event_type": "merge_request",
            "user": self._user_part(login),
            "project": {"id": project.id, **self._project_part(project)},
            "object_attributes": attributes,
            "labels": [],
            "changes": {},
            "repository": self._repository_part(project),
        }

    def note_event(
        self, project: Repository, one: MergeRequest, note: Note, login: str, *, action: str
    ) -> Json:
        return {
            "object_kind": "note",
            "event_type": "note",
            "user": self._user_part(login),
            "project_id": project.id,
            "project": {"id": project.id, **self._project_part(project)},
            "object_attributes": {
                "attachment": None,
                "author_id": self.user(note.author).id,
                "change_position": None,
                "commit_id": None,
                "created_at": as_text(note.created_at),
                "discussion_id": note.discussion_id,
                "id": note.id,
                "internal": False,
                "line_code": None,
                "note": note.body,
                "noteable_id": one.id,
                "noteable_type": "MergeRequest",
                "original_position": note.position,
                "position": note.position,
                "project_id": project.id,
                "resolved_at": None,
                "st_diff": None,
                "system": note.is_system,
                "type": note.type,
                "updated_at": as_text(note.updated_at),
                "updated_by_id": None,
                "description": note.body,
                "url": f"{self._address(project, one)}#note_{note.id}",
                "action": action,
            },
            "repository": self._repository_part(project),
            "merge_request": self._merge_request_part(project, one),
        }

    def project_event(self, project: Repository, name: str, *, old: str = "") -> Json:
        body = {
            "event_name": name,
            "created_at": as_time(project.created_at),
            "updated_at": as_time(project.created_at),
            "name": project.name,
            "path": project.name,
            "path_with_namespace": project.full_name,
            "project_id": project.id,
            "project_namespace_id": 32,
            "owners": [],
            "project_visibility": project.visibility,
        }
        return {**body, "old_path_with_namespace": old} if old else body

    def _address(self, project: Repository, one: MergeRequest) -> str:
        return f"{self.web_url(project)}/-/merge_requests/{one.iid}"

    def _user_part(self, login: str) -> Json:
        user = self.user(login)
        return {
            "id": user.id,
            "name": user.name,
            "username": user.username,
            "avatar_url": None,
            "email": "[REDACTED]",
        }

    def _project_part(self, project: Repository) -> Json:
        address = self.web_url(project)
        return {
            "name": project.name,
            "description": None,
            "web_url": address,
            "avatar_url": None,
            "git_ssh_url": f"git@127.0.0.1:{project.full_name}.git",
            "git_http_url": f"{address}.git",
            "namespace": project.namespace,
            "visibility_level": VISIBILITY_LEVELS[project.visibility],
            "path_with_namespace": project.full_name,
            "default_branch": project.default_branch,
            "ci_config_path": None,
            "homepage": address,
            "url": f"git@127.0.0.1:{project.full_name}.git",
            "ssh_url": f"git@127.0.0.1:{project.full_name}.git",
            "http_url": f"{address}.git",
        }

    def _repository_part(self, project: Repository) -> Json:
        address = self.web_url(project)
        return {
            "name": project.name,
            "url": f"git@127.0.0.1:{project.full_name}.git",
            "description": None,
            "homepage": address,
        }

    def _merge_request_part(self, project: Repository, one: MergeRequest) -> Json:
        facts = project.git.commit(one.sha)
        return {
            "id": one.id,
            "iid": one.iid,
            "target_branch": one.target_branch,
            "source_branch": one.source_branch,
            "source_project_id": one.source_project_id,
            "target_project_id": project.id,
            "author_id": self.user(one.author).id,
            "assignee_ids": [],
            "assignee_id": None,
            "reviewer_ids": [],
            "title": one.title,
            "description": one.description,
            "created_at": as_text(one.created_at),
            "updated_at": as_text(one.updated_at),
            "last_edited_at": None,
            "state_id": STATE_IDS[one.state],
            "state": one.state,
            "merge_status": "unchecked",
            "detailed_merge_status": "mergeable",
            "merge_commit_sha": one.merge_commit_sha,
            "draft": one.title.startswith("Draft:"),
            "work_in_progress": one.title.startswith("Draft:"),
            "blocking_discussions_resolved": True,
            "source": self._project_part(project),
            "target": self._project_part(project),
            "last_commit": {
                "id": one.sha,
                "message": facts.message,
                "title": facts.message.split("\n")[0],
                "timestamp": facts.committer_date,
                "url": f"{self.web_url(project)}/-/commit/{one.sha}",
                "author": {"name": facts.author_name, "email": facts.author_email},
            },
            "labels": [],
        }
