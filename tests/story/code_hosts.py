"""The two code hosts as a story sees them: the same things under one set of names."""

from dataclasses import dataclass

from tests.github_server.server import GitHubServer
from tests.gitlab_server.server import GitLabServer
from tests.story.platform import github_pull_request, github_push, gitlab_merge_request, plain_git

NAME = "acme/shop"
BOT = "acme-bot"
TITLE = "Sell gift cards @eve, fixes #1"


@dataclass(frozen=True)
class Comment:
    """A comment as it stands at the code host."""

    id: int
    author: str
    body: str
    path: str
    line: int | None


class AtGitHub:
    """Pull requests, and a fine-grained token."""

    kind = "github"

    def __init__(self, repository):
        self.server = GitHubServer()
        self.server.__enter__()
        self.server.add_repository(NAME, repository, people={"mel": "write", "eve": "read"})
        self.token = self.server.add_token(BOT, [NAME])

    def push(self, branch, files, *, base=""):
        self.server.push(NAME, branch, files, base=base)
        return self.server.deliver()

    def open_change_request(self, branch):
        pull, _deliveries = self.server.open_pull(NAME, branch, author="mel", title=TITLE)
        self.server.deliver()
        return pull.number

    def scan_main(self, commit):
        return github_push(commit)

    def scan_change(self, checkout, *, branch, head, number):
        return github_pull_request(checkout, branch=branch, head=head, number=number)

    def comments(self, number):
        at_lines = self.server.review_comments(NAME, number)
        return [
            Comment(id=one.id, author=one.user, body=one.body, path=one.path, line=one.line)
            for one in at_lines
        ] + [
            Comment(id=one.id, author=one.user, body=one.body, path="", line=None)
            for one in self.server.issue_comments(NAME, number)
        ]

    def reply(self, number, comment, author, text):
        self.server.comment(NAME, number, author, text, in_reply_to=comment.id)
        return self.server.deliver()

    def merge(self, number):
        self.server.merge(NAME, number, "mel")
        return self.server.deliver()

    def notifications(self, number):
        return self.server.notifications(NAME, number)

    def statuses(self, commit):
        return [one.state for one in self.server.statuses(NAME, commit)]

    def head_of(self, branch):
        return self.server.repositories[NAME].git.branch(branch)

    def close(self):
        self.server.__exit__(None, None, None)


class AtGitLab:
    """Merge requests, and a project's token."""

    kind = "gitlab"

    def __init__(self, repository):
        self.server = GitLabServer()
        self.server.__enter__()
        people = {"mel": "developer", "eve": "reporter"}
        self.server.add_repository(NAME, repository, people=people)
        self.token = self.server.add_token(BOT, [NAME])

    def push(self, branch, files, *, base=""):
        self.server.push(NAME, branch, files, base=base)
        return self.server.deliver()

    def open_change_request(self, branch):
        one, _deliveries = self.server.open_merge_request(NAME, branch, author="mel", title=TITLE)
        self.server.deliver()
        return one.iid

    def scan_main(self, commit):
        return plain_git("main")

    def scan_change(self, checkout, *, branch, head, number):
        return gitlab_merge_request(checkout, branch=branch, head=head, number=number)

    def comments(self, number):
        return [
            Comment(
                id=note.id,
                author=note.author,
                body=note.body,
                path=note.path,
                line=note.line,
            )
            for note in self.server.notes(NAME, number)
        ]

    def reply(self, number, comment, author, text):
        thread = next(
            one.id
            for one in self.server.discussions(NAME, number)
            if any(note.id == comment.id for note in one.notes)
        )
        self.server.comment(NAME, number, author, text, in_reply_to=thread)
        return self.server.deliver()

    def merge(self, number):
        self.server.merge(NAME, number, "mel")
        return self.server.deliver()

    def notifications(self, number):
        return self.server.notifications(NAME, number)

    def statuses(self, commit):
        return [one.state for one in self.server.statuses(NAME, commit)]

    def head_of(self, branch):
        return self.server.repositories[NAME].git.branch(branch)

    def close(self):
        self.server.__exit__(None, None, None)
