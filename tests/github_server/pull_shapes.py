"""How the stand-in speaks of pull requests."""

from tests.github_server.comment_shapes import CommentShapes
from tests.github_server.shapes import Json, node_id, stamp
from tests.github_server.state import Pull, Repository


class PullShapes(CommentShapes):
    """All shapes."""

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
            "repo": None if fork and pull.fork_is_gone else shape,
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
            "reactions": self.reactions(where),
            "performed_via_github_app": None,
            "state_reason": None,
        }
