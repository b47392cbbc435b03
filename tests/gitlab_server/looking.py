"""What tests look at: what stands in a merge request, and what was asked."""

from tests.gitlab_server.state import (
    Discussion,
    DraftNote,
    Hook,
    MergeRequest,
    Note,
    Repository,
    SeenRequest,
    Status,
)


class Looking:
    """Reads of the state; nothing here changes it."""

    repositories: dict[str, Repository]
    requests: list[SeenRequest]

    def merge_request(self, full_name: str, number: int) -> MergeRequest:
        """Return a merge request."""
        return self.repositories[full_name].merge_requests[number]

    def merge_requests(self, full_name: str) -> list[MergeRequest]:
        """Return all merge requests of a project, oldest first."""
        return list(self.repositories[full_name].merge_requests.values())

    def discussions(self, full_name: str, number: int) -> list[Discussion]:
        """Return the discussions, oldest first."""
        return list(self.merge_request(full_name, number).discussions.values())

    def notes(self, full_name: str, number: int) -> list[Note]:
        """Return all notes, oldest first."""
        return self.merge_request(full_name, number).notes()

    def drafts(self, full_name: str, number: int) -> list[DraftNote]:
        """Return the drafts of everybody."""
        return list(self.merge_request(full_name, number).drafts.values())

    def statuses(self, full_name: str, sha: str) -> list[Status]:
        """Return the statuses of a commit, oldest first."""
        return [row for row in self.repositories[full_name].statuses if row.sha == sha]

    def hooks(self, full_name: str) -> list[Hook]:
        """Return the webhooks of a project."""
        return list(self.repositories[full_name].hooks.values())

    def notifications(self, full_name: str, number: int) -> int:
        """Return how many mails a watcher got: one a review or note, none for an edit."""
        return self.merge_request(full_name, number).mails

    def asked(self, method: str = "", path: str = "") -> list[SeenRequest]:
        """Return the requests of a method whose path holds a text."""
        return [row for row in self.requests if method in ("", row.method) and path in row.path]
