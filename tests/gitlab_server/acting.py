"""People at work: what they do, and the webhooks that follow."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.github_server.git import NotInGitError
from tests.gitlab_server.deliveries import Delivery, address, post
from tests.gitlab_server.state import Discussion, MergeRequest, Note, Repository, Version

_HOOK_OF = {
    "Push Hook": "push_events",
    "Merge Request Hook": "merge_requests_events",
    "Note Hook": "note_events",
}
NOTHING = "0" * 40


class Acting:
    """Each method does what a person did in a browser or with git, and returns the deliveries."""

    now: Callable[[], datetime]
    repositories: dict[str, Repository]
    deliveries: list[Delivery]
    groups: dict[str, int]

    def push(
        self,
        full_name: str,
        branch: str,
        files: Mapping[str, str | bytes | None],
        *,
        login: str = "mel",
        message: str = "Change",
        base: str = "",
        force: bool = False,
    ) -> list[Delivery]:
        """Commit `files` (None removes one) on a branch, which is made from `base` if need be.

        With `force` the new commit takes the place of the branch's commits since `base`.
        """
        project = self.repositories[full_name]
        start = project.git.resolve(base or project.default_branch)
        try:
            parent = project.git.branch(branch)
        except NotInGitError:
            parent = start
        parent = project.git.merge_base(start, parent) if force else parent
        sha = project.git.commit_files(parent, files, message)
        return self.move_branch(project, branch, sha, login)

    def move_branch(self, project: Repository, branch: str, sha: str, login: str) -> list[Delivery]:
        """Let a branch point at a commit; open merge requests from it get a version more."""
        before = project.git.branch(branch) if branch in project.git.branches() else NOTHING
        project.git.move_branch(branch, sha)
        body = self.push_event(project, branch, before, sha, login)
        deliveries = self._send(project, "Push Hook", body)
        for one in project.merge_requests.values():
            if one.state == "opened" and one.source_branch == branch:
                old, one.sha, one.updated_at = one.sha, sha, self.now()
                self._add_version(project, one)
                body = self.merge_request_event(project, one, login, action="update", old=old)
                deliveries += self._send(project, "Merge Request Hook", body)
        return deliveries

    def open_merge_request(
        self,
        full_name: str,
        head: str,
        base: str = "",
        *,
        author: str = "mel",
        title: str = "Change",
        body: str = "",
        fork: str = "",
    ) -> tuple[MergeRequest, list[Delivery]]:
        """Open a merge request; `fork`: full name of the fork that the head is in."""
        project = self.repositories[full_name]
        now = self.now()
        one = MergeRequest(
            iid=max(project.merge_requests, default=0) + 1,
            title=title,
            description=body,
            author=self.user(author).username,
            source_branch=head,
            target_branch=base or project.default_branch,
            sha=project.git.branch(head),
            created_at=now,
            updated_at=now,
            source_project_id=self.repositories[fork].id if fork else project.id,
        )
        project.merge_requests[one.iid] = one
        self._add_version(project, one)
        event = self.merge_request_event(project, one, author, action="open")
        return one, self._send(project, "Merge Request Hook", event)

    def comment(
        self,
        full_name: str,
        number: int,
        login: str,
        body: str,
        *,
        in_reply_to: str | None = None,
        path: str = "",
        line: int | None = None,
    ) -> tuple[Note, list[Delivery]]:
        """Write in the conversation, in a thread (`in_reply_to`: a discussion) or at a line."""
        project = self.repositories[full_name]
        one = project.merge_requests[number]
        sent = len(self.deliveries)
        position = None
        if path:
            newest = one.versions[-1]
            position = {
                "base_sha": newest.base,
                "start_sha": newest.start,
                "head_sha": newest.head,
                "position_type": "text",
                "old_path": path,
                "new_path": path,
                "new_line": line,
            }
        thread = one.discussions[in_reply_to] if in_reply_to else None
        kind = "DiffNote" if path else None
        note = self.write_note(
            project, one, login, body=body, kind=kind, position=position, discussion=thread
        )
        return note, self.deliveries[sent:]

    def reply(
        self, full_name: str, number: int, login: str, body: str, *, discussion: str
    ) -> tuple[Note, list[Delivery]]:
        """Answer in a thread."""
        return self.comment(full_name, number, login, body, in_reply_to=discussion)

    def write_note(
        self,
        project: Repository,
        one: MergeRequest,
        login: str,
        *,
        body: str,
        kind: str | None = None,
        position: dict[str, Any] | None = None,
        discussion: Discussion | None = None,
    ) -> Note:
        """Add a note and tell those who listen; each is a mail."""
        now = self.now()
        note = Note(
            author=self.user(login).username,
            body=body,
            created_at=now,
            updated_at=now,
            type=kind,
            position=position,
        )
        if discussion is None:
            discussion = Discussion(notes=[], is_individual=kind is None)
            one.discussions[discussion.id] = discussion
        else:
            self._join(discussion, note)
        discussion.notes.append(note)
        note.discussion_id = discussion.id
        one.mails += 1
        self._send(
            project, "Note Hook", self.note_event(project, one, note, login, action="create")
        )
        return note

    def edit_comment(
        self, full_name: str, comment_id: int, body: str, *, login: str = ""
    ) -> list[Delivery]:
        """Change a comment."""
        project, one, note = self._find_note(full_name, comment_id)
        return self.change_note(project, one, note, body, login=login)

    def change_note(
        self, project: Repository, one: MergeRequest, note: Note, body: str, *, login: str = ""
    ) -> list[Delivery]:
        """Give a note another text."""
        note.body, note.updated_at = body, self.now()
        event = self.note_event(project, one, note, login or note.author, action="update")
        return self._send(project, "Note Hook", event)

    def delete_comment(self, full_name: str, comment_id: int, *, login: str = "") -> list[Delivery]:
        """Delete a comment; GitLab tells nobody."""
        _project, one, note = self._find_note(full_name, comment_id)
        self.drop_note(one, note)
        return []

    def drop_note(self, one: MergeRequest, note: Note) -> None:
        """Remove a note, and its discussion with the last one."""
        discussion = one.discussions[note.discussion_id]
        discussion.notes.remove(note)
        if not discussion.notes:
            del one.discussions[discussion.id]

    def close(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Close a merge request unmerged."""
        one = self.repositories[full_name].merge_requests[number]
        one.state, one.closed_at = "closed", self.now()
        return self._changed(full_name, one, login, "close")

    def reopen(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Open it again; what was pushed since then is in it."""
        project = self.repositories[full_name]
        one = project.merge_requests[number]
        one.state, one.closed_at = "opened", None
        if one.sha != project.git.branch(one.source_branch):
            one.sha = project.git.branch(one.source_branch)
            self._add_version(project, one)
        return self._changed(full_name, one, login, "reopen")

    def merge(self, full_name: str, number: int, login: str = "mel") -> list[Delivery]:
        """Merge a merge request with a merge commit."""
        project = self.repositories[full_name]
        one = project.merge_requests[number]
        git = project.git
        target = git.branch(one.target_branch)
        tree = git.raw("merge-tree", "--write-tree", target, one.sha).decode().split("\n")[0]
        one.merge_commit_sha = git.write_commit(
            tree, [target, one.sha], f"Merge branch '{one.source_branch}'"
        )
        one.state, one.merged_at = "merged", self.now()
        moved = self.move_branch(project, one.target_branch, one.merge_commit_sha, login)
        return moved + self._changed(full_name, one, login, "merge")

    def rename(self, full_name: str, new_name: str, login: str = "ada") -> list[Delivery]:
        """Give a project a new name (the part after the last slash)."""
        new = f"{full_name.rpartition('/')[0]}/{new_name}"
        return self._move(full_name, new, "project_rename")

    def transfer(self, full_name: str, new_owner: str, login: str = "ada") -> list[Delivery]:
        """Give a project to another group."""
        self.groups.setdefault(new_owner, len(self.groups) + 9000)
        new = f"{new_owner}/{full_name.rpartition('/')[2]}"
        return self._move(full_name, new, "project_transfer")

    def make_public(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Let strangers read a project."""
        return self._show(full_name, "public")

    def make_private(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Close it to strangers."""
        return self._show(full_name, "private")

    def delete_repository(self, full_name: str, login: str = "ada") -> list[Delivery]:
        """Delete a project with all that is in it."""
        project = self.repositories.pop(full_name)
        event = self.project_event(project, "project_destroy")
        return self._send(project, "Project Hook", event)

    def deliver(self, deliveries: Sequence[Delivery] | None = None) -> list[int]:
        """Send what waits (or what is given), in order; return the statuses of the answers."""
        chosen = list(self.deliveries) if deliveries is None else list(deliveries)
        if deliveries is None:
            self.deliveries.clear()
        return [post(delivery) for delivery in chosen if delivery.url]

    def _changed(
        self, full_name: str, one: MergeRequest, login: str, action: str
    ) -> list[Delivery]:
        project = self.repositories[full_name]
        one.updated_at = self.now()
        event = self.merge_request_event(project, one, login, action=action)
        return self._send(project, "Merge Request Hook", event)

    def _add_version(self, project: Repository, one: MergeRequest) -> None:
        start = project.git.branch(one.target_branch)
        base = project.git.merge_base(start, one.sha)
        one.versions.append(Version(head=one.sha, base=base, start=start, created_at=self.now()))
        project.git.diff(base, one.sha)

    def _join(self, discussion: Discussion, note: Note) -> None:
        """A reply turns a note that stood alone into a thread."""
        if discussion.is_individual:
            discussion.is_individual = False
            discussion.notes[0].type = "DiscussionNote"
        note.type = discussion.notes[0].type
        note.position = discussion.notes[0].position

    def _find_note(self, full_name: str, comment_id: int) -> tuple[Repository, MergeRequest, Note]:
        project = self.repositories[full_name]
        for one in project.merge_requests.values():
            for note in one.notes():
                if note.id == comment_id:
                    return project, one, note
        raise KeyError(comment_id)

    def _move(self, full_name: str, new: str, event: str) -> list[Delivery]:
        project = self.repositories.pop(full_name)
        project.former_names.add(full_name)
        project.full_name = new
        self.repositories[new] = project
        body = self.project_event(project, event, old=full_name)
        return self._send(project, "System Hook", body)

    def _show(self, full_name: str, visibility: str) -> list[Delivery]:
        project = self.repositories[full_name]
        project.visibility = visibility
        return self._send(project, "System Hook", self.project_event(project, "project_update"))

    def _send(self, project: Repository, event: str, body: dict[str, Any]) -> list[Delivery]:
        """Make a delivery for each hook that listens; the server's own address hears all."""
        targets = [(self.webhook_url, self.webhook_secret)] if self.webhook_url else []
        targets += [
            (hook.url, hook.token)
            for hook in project.hooks.values()
            if hook.settings.get(_HOOK_OF.get(event, ""), False)
        ]
        if not targets:
            targets = [("", self.webhook_secret)]
        made = [
            address(event, body, token=token, url=url, instance=self.url) for url, token in targets
        ]
        self.deliveries += made
        return made
