"""What tests look at: what stands in a pull request, and what was asked."""

from tests.github_server.state import (
    CheckRun,
    IssueComment,
    Pull,
    Repository,
    Review,
    ReviewComment,
    SeenRequest,
    Status,
)


class Looking:
    """Reads of the state; nothing here changes it."""

    repositories: dict[str, Repository]
    requests: list[SeenRequest]

    def pull(self, full_name: str, number: int) -> Pull:
        """Return a pull request."""
        return self.repositories[full_name].pulls[number]

    def pulls(self, full_name: str) -> list[Pull]:
        """Return all pull requests of a repository, oldest first."""
        return list(self.repositories[full_name].pulls.values())

    def review_comments(self, full_name: str, number: int) -> list[ReviewComment]:
        """Return the comments at lines, replies too, oldest first."""
        rows = self.repositories[full_name].review_comments.values()
        return [row for row in rows if row.pull == number]

    def issue_comments(self, full_name: str, number: int) -> list[IssueComment]:
        """Return the conversation, oldest first."""
        rows = self.repositories[full_name].issue_comments.values()
        return [row for row in rows if row.pull == number]

    def reviews(self, full_name: str, number: int) -> list[Review]:
        """Return the reviews, oldest first."""
        rows = self.repositories[full_name].reviews.values()
        return [row for row in rows if row.pull == number]

    def check_runs(self, full_name: str, sha: str) -> list[CheckRun]:
        """Return the check runs of a commit, oldest first."""
        rows = self.repositories[full_name].check_runs.values()
        return [row for row in rows if row.head_sha == sha]

    def statuses(self, full_name: str, sha: str) -> list[Status]:
        """Return the statuses of a commit, oldest first."""
        return [row for row in self.repositories[full_name].statuses if row.sha == sha]

    def notifications(self, full_name: str, number: int) -> int:
        """Return how many mails a watcher got: one a review or comment, none for an edit."""
        return self.pull(full_name, number).mails

    def asked(self, method: str = "", path: str = "") -> list[SeenRequest]:
        """Return the requests of a method whose path holds a text."""
        return [row for row in self.requests if method in ("", row.method) and path in row.path]
