"""Rows of the stand-in as GitLab's API shows them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.github_server.git import CommitFacts, FileDiff
from tests.gitlab_server.positions import find_line
from tests.gitlab_server.shapes import HOOK_EVENTS
from tests.gitlab_server.state import (
    DraftNote,
    Hook,
    MergeRequest,
    Note,
    Repository,
    Status,
    User,
    Version,
)

Json = dict[str, Any]
_RESOLVABLE = {"DiffNote", "DiscussionNote"}
NO_POSITION = dict.fromkeys(
    ["base_sha", "start_sha", "head_sha", "old_path", "new_path", "old_line", "new_line"]
)


def as_time(moment: datetime | None) -> str | None:
    """Return a moment as the API writes it."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Entities:
    """Makes JSON of rows; mixed into the server, whose address stands in the links."""

    url: str
    user: Callable[[str], User]
    files_limit: int

    def user_json(self, user: User) -> Json:
        return {
            "id": user.id,
            "username": user.username,
            "name": user.name,
            "state": user.state,
            "locked": False,
            "avatar_url": None,
            "web_url": f"{self.url}/{user.username}",
        }

    def project_json(self, project: Repository) -> Json:
        return {
            "id": project.id,
            "description": None,
            "name": project.name,
            "path": project.name,
            "path_with_namespace": project.full_name,
            "created_at": as_time(project.created_at),
            "default_branch": project.default_branch,
            "web_url": self.web_url(project),
            "visibility": project.visibility,
            "archived": project.is_archived,
            "namespace": {"full_path": project.namespace, "kind": "group"},
        }

    def web_url(self, project: Repository) -> str:
        return f"{self.url}/{project.full_name}"

    def commit_json(self, project: Repository, facts: CommitFacts) -> Json:
        return {
            "id": facts.sha,
            "short_id": facts.sha[:8],
            "created_at": facts.committer_date,
            "parent_ids": facts.parents,
            "title": facts.message.split("\n")[0],
            "message": facts.message,
            "author_name": facts.author_name,
            "author_email": facts.author_email,
            "authored_date": facts.author_date,
            "committer_name": facts.committer_name,
            "committer_email": facts.committer_email,
            "committed_date": facts.committer_date,
            "web_url": f"{self.web_url(project)}/-/commit/{facts.sha}",
        }

    def merge_request_json(self, project: Repository, one: MergeRequest) -> Json:
        return {
            "id": one.id,
            "iid": one.iid,
            "project_id": project.id,
            "title": one.title,
            "description": one.description,
            "state": one.state,
            "created_at": as_time(one.created_at),
            "updated_at": as_time(one.updated_at),
            "merged_at": as_time(one.merged_at),
            "closed_at": as_time(one.closed_at),
            "source_branch": one.source_branch,
            "target_branch": one.target_branch,
            "source_project_id": one.source_project_id,
            "target_project_id": project.id,
            "author": self.user_json(self.user(one.author)),
            "draft": one.title.startswith("Draft:"),
            "sha": one.sha,
            "merge_commit_sha": one.merge_commit_sha,
            "user_notes_count": len(one.notes()),
            "web_url": f"{self.web_url(project)}/-/merge_requests/{one.iid}",
        }

    def full_merge_request_json(self, project: Repository, one: MergeRequest) -> Json:
        refs = None
        if one.versions and one.versions[-1].head == one.sha:
            newest = one.versions[-1]
            refs = {
                "base_sha": newest.base,
                "head_sha": newest.head,
                "start_sha": newest.start,
            }
        return {**self.merge_request_json(project, one), "diff_refs": refs}

    def version_json(self, project: Repository, one: MergeRequest, version: Version) -> Json:
        count = len(project.git.diff(version.base, version.head))
        is_cut = count > self.files_limit
        return {
            "id": version.id,
            "head_commit_sha": version.head,
            "base_commit_sha": version.base,
            "start_commit_sha": version.start,
            "created_at": as_time(version.created_at),
            "merge_request_id": one.id,
            "state": "overflow_diff_files_limit" if is_cut else "collected",
            "real_size": f"{self.files_limit}+" if is_cut else str(count),
            "patch_id_sha": None,
        }

    def diffs_json(self, project: Repository, version: Version) -> list[Json]:
        diffs = project.git.diff(version.base, version.head)[: self.files_limit]
        return [_diff_json(project, diff) for diff in diffs]

    def note_json(self, project: Repository, one: MergeRequest, note: Note) -> Json:
        shown = {
            "id": note.id,
            "type": note.type,
            "body": note.body,
            "author": self.user_json(self.user(note.author)),
            "created_at": as_time(note.created_at),
            "updated_at": as_time(note.updated_at),
            "system": note.is_system,
            "noteable_id": one.id,
            "noteable_type": "MergeRequest",
            "project_id": project.id,
            "noteable_iid": one.iid,
            "resolvable": note.type in _RESOLVABLE,
            "confidential": False,
            "internal": False,
        }
        if note.type in _RESOLVABLE:
            shown |= {"resolved": False, "resolved_by": None}
        if note.position:
            shown |= {"position": {**NO_POSITION, **note.position}}
        return shown

    def draft_json(self, project: Repository, one: MergeRequest, draft: DraftNote) -> Json:
        place = find_line(project, one, draft.position) if draft.position else None
        return {
            "id": draft.id,
            "author_id": self.user(draft.author).id,
            "merge_request_id": one.id,
            "resolve_discussion": False,
            "discussion_id": draft.discussion_id,
            "note": draft.note,
            "commit_id": None,
            "line_code": place[0] if place else None,
            "position": {
                **NO_POSITION,
                "position_type": "text",
                "line_range": None,
                **(draft.position or {}),
            },
        }

    def status_json(self, status: Status) -> Json:
        return {
            "id": status.id,
            "sha": status.sha,
            "ref": status.ref,
            "status": status.state,
            "name": status.name,
            "target_url": status.target_url,
            "description": status.description,
            "created_at": as_time(status.created_at),
            "allow_failure": False,
            "author": self.user_json(self.user(status.author)),
        }

    def hook_json(self, project: Repository, hook: Hook) -> Json:
        settings = {**dict.fromkeys(HOOK_EVENTS, False), **hook.settings}
        return {
            "id": hook.id,
            "url": hook.url,
            "project_id": project.id,
            "created_at": as_time(hook.created_at),
            "enable_ssl_verification": settings.pop("enable_ssl_verification", True),
            **settings,
        }


def _diff_json(project: Repository, diff: FileDiff) -> Json:
    is_hidden = diff.path in project.too_large | project.collapsed
    return {
        "old_path": diff.old_path,
        "new_path": diff.path,
        "a_mode": "0" if diff.status == "added" else "100644",
        "b_mode": "0" if diff.status == "removed" else "100644",
        "diff": "" if is_hidden or diff.patch is None else f"{diff.patch}\n",
        "collapsed": diff.path in project.collapsed,
        "too_large": diff.path in project.too_large,
        "new_file": diff.status == "added",
        "renamed_file": diff.status == "renamed",
        "deleted_file": diff.status == "removed",
        "generated_file": False,
    }
