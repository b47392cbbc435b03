"""How the stand-in speaks of commits, pull requests and what stands in them."""

import base64
from typing import Any

from tests.github_server.git import CommitFacts, FileDiff
from tests.github_server.shapes import Json, Shapes, node_id, stamp
from tests.github_server.state import (
    CheckRun,
    IssueComment,
    Pull,
    Repository,
    Review,
    ReviewComment,
    Status,
)

UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}
ASSOCIATIONS = {"admin": "OWNER", "maintain": "COLLABORATOR", "write": "COLLABORATOR"}


class PullShapes(Shapes):
    """Shapes of what is below a repository."""

    def association(self, repository: Repository, login: str) -> str:
        """What a login is to a repository."""
        return ASSOCIATIONS.get(repository.permissions.get(login, ""), "NONE")

    def git_commit(self, repository: Repository, facts: CommitFacts) -> Json:
        """A commit as git has it."""
        git = f"{self.api}/repos/{repository.full_name}/git"
        web = f"{self.web}/{repository.full_name}/commit"
        return {
            "sha": facts.sha,
            "node_id": node_id("Commit", facts.sha),
            "url": f"{git}/commits/{facts.sha}",
            "html_url": f"{web}/{facts.sha}",
            "author": self._signature(facts.author_name, facts.author_email, facts.author_date),
            "committer": self._signature(
                facts.committer_name, facts.committer_email, facts.committer_date
            ),
            "message": facts.message,
            "tree": {"sha": facts.tree, "url": f"{git}/trees/{facts.tree}"},
            "parents": [
                {"sha": one, "url": f"{git}/commits/{one}", "html_url": f"{web}/{one}"}
                for one in facts.parents
            ],
            "verification": UNSIGNED,
        }

    def _signature(self, name: str, email: str, date: str) -> Json:
        return {"name": name, "email": email, "date": date}

    def commit(self, repository: Repository, facts: CommitFacts) -> Json:
        """A commit as the API has it, without its files."""
        plain = self.git_commit(repository, facts)
        where = f"{self.api}/repos/{repository.full_name}/commits"
        return {
            "sha": facts.sha,
            "node_id": plain["node_id"],
            "url": f"{where}/{facts.sha}",
            "html_url": plain["html_url"],
            "comments_url": f"{where}/{facts.sha}/comments",
            "commit": {
                **{key: plain[key] for key in ("url", "author", "committer", "message", "tree")},
                "comment_count": 0,
                "verification": UNSIGNED,
            },
            "author": self.account(facts.author_name.lower()),
            "committer": self.account(facts.committer_name.lower()),
            "parents": [
                {**one, "url": one["url"].replace("/git/commits/", "/commits/")}
                for one in plain["parents"]
            ],
        }

    def file(self, repository: Repository, head: str, diff: FileDiff) -> Json:
        """A changed file; large and binary ones come without their patch."""
        path = f"{repository.full_name}/%s/{head}/{diff.path}"
        facts: Json = {
            "sha": diff.sha,
            "filename": diff.path,
            "status": diff.status,
            "additions": diff.additions,
            "deletions": diff.deletions,
            "changes": diff.additions + diff.deletions,
            "blob_url": f"{self.web}/{path % 'blob'}",
            "raw_url": f"{self.web}/{path % 'raw'}",
            "contents_url": f"{self.api}/repos/{repository.full_name}/contents/{diff.path}"
            f"?ref={head}",
        }
        if diff.patch is not None and len(diff.patch) <= self.github.patch_limit:
            facts["patch"] = diff.patch
        if diff.status == "renamed":
            facts["previous_filename"] = diff.old_path
        return facts

    def content(self, repository: Repository, path: str, ref: str, blob: bytes, sha: str) -> Json:
        """A file as JSON; above 1 MB its content is left out."""
        where = f"{self.api}/repos/{repository.full_name}"
        is_small = len(blob) <= self.github.content_limit
        links = {
            "self": f"{where}/contents/{path}?ref={ref}",
            "git": f"{where}/git/blobs/{sha}",
            "html": f"{self.web}/{repository.full_name}/blob/{ref}/{path}",
        }
        return {
            "type": "file",
            "name": path.rpartition("/")[2],
            "path": path,
            "sha": sha,
            "size": len(blob),
            "encoding": "base64" if is_small else "none",
            "content": base64.encodebytes(blob).decode() if is_small else "",
            "url": links["self"],
            "git_url": links["git"],
            "html_url": links["html"],
            "download_url": f"{self.web}/raw/{repository.full_name}/{ref}/{path}",
            "_links": links,
        }

    def pull(self, repository: Repository, pull: Pull, *, full: bool = True) -> Json:
        """A pull request; `full` as one that was asked for by number."""
        where = f"{self.api}/repos/{repository.full_name}"
        web = f"{self.web}/{repository.full_name}/pull/{pull.number}"
        url = f"{where}/pulls/{pull.number}"
        issue = f"{where}/issues/{pull.number}"
        addresses = {
            "url": url,
            "html_url": web,
            "diff_url": f"{web}.diff",
            "patch_url": f"{web}.patch",
            "issue_url": issue,
            "commits_url": f"{url}/commits",
            "review_comments_url": f"{url}/comments",
            "review_comment_url": f"{where}/pulls/comments{{/number}}",
            "comments_url": f"{issue}/comments",
            "statuses_url": f"{where}/statuses/{pull.head_sha}",
        }
        links = {
            "self": url,
            "html": web,
            "issue": issue,
            "comments": addresses["comments_url"],
            "review_comments": addresses["review_comments_url"],
            "review_comment": addresses["review_comment_url"],
            "commits": addresses["commits_url"],
            "statuses": addresses["statuses_url"],
        }
        facts = {
            **addresses,
            "id": pull.id,
            "node_id": node_id("PullRequest", pull.id),
            "number": pull.number,
            "state": pull.state,
            "locked": False,
            "title": pull.title,
            "user": self.account(pull.author),
            "body": pull.body or None,
            "labels": [],
            "milestone": None,
            "active_lock_reason": None,
            "created_at": stamp(pull.created_at),
            "updated_at": stamp(pull.updated_at),
            "closed_at": stamp(pull.closed_at),
            "merged_at": stamp(pull.merged_at),
            "merge_commit_sha": pull.merge_commit_sha,
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "head": self._end(repository, pull, pull.head, pull.head_sha, pull.fork),
            "base": self._end(repository, pull, pull.base, pull.base_sha, ""),
            "_links": {name: {"href": address} for name, address in links.items()},
            "author_association": self.association(repository, pull.author),
            "auto_merge": None,
            "draft": pull.is_draft,
        }
        return facts | self._pull_counts(repository, pull) if full else facts

    def _end(self, repository: Repository, pull: Pull, ref: str, sha: str, fork: str) -> Json:
        owner = fork.partition("/")[0] or repository.owner
        shape = self.repository(repository)
        if fork:
            shape |= {
                "full_name": fork,
                "owner": self.account(owner),
                "fork": True,
                "id": repository.id + 500_000,
            }
        return {
            "label": f"{owner}:{ref}",
            "ref": ref,
            "sha": sha,
            "user": self.account(owner),
            "repo": shape,
        }

    def _pull_counts(self, repository: Repository, pull: Pull) -> Json:
        diff = repository.git.diff(pull.base_sha, pull.head_sha)
        talk = [row for row in repository.issue_comments.values() if row.pull == pull.number]
        notes = [row for row in repository.review_comments.values() if row.pull == pull.number]
        commits = repository.git.commits_between(pull.base_sha, pull.head_sha)
        return {
            "merged": pull.merged_at is not None,
            "mergeable": None if pull.state == "closed" else True,
            "rebaseable": None if pull.state == "closed" else True,
            "mergeable_state": "unknown" if pull.state == "closed" else "clean",
            "merged_by": self.account(pull.merged_by) if pull.merged_by else None,
            "comments": len(talk),
            "review_comments": len(notes),
            "maintainer_can_modify": False,
            "commits": len(commits),
            "additions": sum(one.additions for one in diff),
            "deletions": sum(one.deletions for one in diff),
            "changed_files": len(diff),
        }

    def issue(self, repository: Repository, pull: Pull) -> Json:
        """A pull request, seen as the issue that each one is."""
        shape = self.pull(repository, pull, full=False)
        where = shape["issue_url"]
        facts = {
            key: shape[key]
            for key in (
                *("number", "state", "locked", "title", "user", "body", "labels", "milestone"),
                *("active_lock_reason", "created_at", "updated_at", "closed_at", "assignee"),
                *("assignees", "author_association", "draft", "html_url"),
            )
        }
        pull_links = {key: shape[key] for key in ("url", "html_url", "diff_url", "patch_url")}
        talk = [row for row in repository.issue_comments.values() if row.pull == pull.number]
        return {
            **facts,
            "url": where,
            "repository_url": f"{self.api}/repos/{repository.full_name}",
            "labels_url": f"{where}/labels{{/name}}",
            "comments_url": f"{where}/comments",
            "events_url": f"{where}/events",
            "timeline_url": f"{where}/timeline",
            "id": pull.id + 100_000,
            "node_id": node_id("Issue", pull.id),
            "comments": len(talk),
            "pull_request": pull_links | {"merged_at": shape["merged_at"]},
            "reactions": self._reactions(where),
            "performed_via_github_app": None,
            "state_reason": None,
        }

    def _reactions(self, where: str) -> Json:
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
            "reactions": self._reactions(url),
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
            "reactions": self._reactions(url),
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
