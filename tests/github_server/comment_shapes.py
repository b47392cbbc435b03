"""How the stand-in speaks of what stands in pull requests: comments, reviews, checks."""

from typing import Any

from tests.github_server.code_shapes import CodeShapes
from tests.github_server.shapes import Json, node_id, stamp
from tests.github_server.state import (
    CheckRun,
    IssueComment,
    Repository,
    Review,
    ReviewComment,
    Status,
)

ASSOCIATIONS = {"admin": "OWNER", "maintain": "COLLABORATOR", "write": "COLLABORATOR"}


class CommentShapes(CodeShapes):
    """Shapes of what people and programs say."""

    def association(self, repository: Repository, login: str) -> str:
        """What a login is to a repository."""
        return ASSOCIATIONS.get(repository.permissions.get(login, ""), "NONE")

    def reactions(self, where: str) -> Json:
        kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
        return {"url": f"{where}/reactions", "total_count": 0, **dict.fromkeys(kinds, 0)}

    def review_comment(self, repository: Repository, row: ReviewComment) -> Json:
        """A comment at lines; an outdated one has no `line`."""
        where = f"{self.api}/repos/{repository.full_name}/pulls"
        url = f"{where}/comments/{row.id}"
        web = f"{self.web}/{repository.full_name}/pull/{row.pull}#discussion_r{row.id}"
        facts: Json = {
            "url": url,
            "pull_request_review_id": row.review_id,
            "id": row.id,
            "node_id": node_id("PullRequestReviewComment", row.id),
            "diff_hunk": row.diff_hunk,
            "path": row.path,
            "position": row.position,
            "original_position": row.original_position,
            "commit_id": row.commit_id,
            "original_commit_id": row.original_commit_id,
            "user": self.account(row.user),
            "body": row.body,
            "created_at": stamp(row.created_at),
            "updated_at": stamp(row.updated_at or row.created_at),
            "html_url": web,
            "pull_request_url": f"{where}/{row.pull}",
            "author_association": self.association(repository, row.user),
            "_links": {
                "self": {"href": url},
                "html": {"href": web},
                "pull_request": {"href": f"{where}/{row.pull}"},
            },
            "start_line": row.start_line,
            "original_start_line": row.original_start_line,
            "start_side": row.start_side,
            "line": row.line,
            "original_line": row.original_line,
            "side": row.side,
            "subject_type": row.subject_type,
            "reactions": self.reactions(url),
        }
        return facts | ({"in_reply_to_id": row.in_reply_to} if row.in_reply_to else {})

    def issue_comment(self, repository: Repository, row: IssueComment) -> Json:
        """A comment in the conversation."""
        where = f"{self.api}/repos/{repository.full_name}/issues"
        url = f"{where}/comments/{row.id}"
        return {
            "id": row.id,
            "node_id": node_id("IssueComment", row.id),
            "url": url,
            "html_url": f"{self.web}/{repository.full_name}/pull/{row.pull}#issuecomment-{row.id}",
            "body": row.body,
            "user": self.account(row.user),
            "created_at": stamp(row.created_at),
            "updated_at": stamp(row.updated_at or row.created_at),
            "issue_url": f"{where}/{row.pull}",
            "author_association": self.association(repository, row.user),
            "performed_via_github_app": None,
            "reactions": self.reactions(url),
        }

    def review(self, repository: Repository, row: Review) -> Json:
        """A review."""
        pull = f"{self.api}/repos/{repository.full_name}/pulls/{row.pull}"
        web = f"{self.web}/{repository.full_name}/pull/{row.pull}#pullrequestreview-{row.id}"
        facts: dict[str, Any] = {
            "id": row.id,
            "node_id": node_id("PullRequestReview", row.id),
            "user": self.account(row.user),
            "body": row.body,
            "state": row.state,
            "html_url": web,
            "pull_request_url": pull,
            "_links": {"html": {"href": web}, "pull_request": {"href": pull}},
            "commit_id": row.commit_id,
            "author_association": self.association(repository, row.user),
        }
        sent = {} if row.state == "PENDING" else {"submitted_at": stamp(row.submitted_at)}
        return facts | sent

    def check_run(self, repository: Repository, row: CheckRun) -> Json:
        """A check run."""
        url = f"{self.api}/repos/{repository.full_name}/check-runs/{row.id}"
        return {
            "id": row.id,
            "head_sha": row.head_sha,
            "node_id": node_id("CheckRun", row.id),
            "external_id": row.external_id,
            "url": url,
            "html_url": f"{self.web}/{repository.full_name}/runs/{row.id}",
            "details_url": row.details_url,
            "status": row.status,
            "conclusion": row.conclusion,
            "started_at": stamp(row.started_at),
            "completed_at": stamp(row.completed_at),
            "output": {
                "title": row.output.get("title"),
                "summary": row.output.get("summary"),
                "text": row.output.get("text"),
                "annotations_count": len(row.output.get("annotations", [])),
                "annotations_url": f"{url}/annotations",
            },
            "name": row.name,
            "check_suite": {"id": row.app.id},
            "app": self.app(row.app),
            "pull_requests": [],
        }

    def status(self, repository: Repository, row: Status) -> Json:
        """A commit status."""
        return {
            "url": f"{self.api}/repos/{repository.full_name}/statuses/{row.sha}",
            "avatar_url": f"{self.web}/avatars/{self.github.account(row.creator).id}",
            "id": row.id,
            "node_id": node_id("Status", row.id),
            "state": row.state,
            "description": row.description,
            "target_url": row.target_url,
            "context": row.context,
            "created_at": stamp(row.created_at),
            "updated_at": stamp(row.created_at),
            "creator": self.account(row.creator),
        }
