"""Stand-ins for other people's systems, at the rim."""

import dataclasses
import enum
import json
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import BaseModel

from integrations.codehosts import CodeHostBusyError
from integrations.markers import key_in
from integrations.review_hosts import (
    ChangedFile,
    Changes,
    GoneError,
    RemoteChangeRequest,
    RemoteComment,
    RemoteState,
    ReviewRefusedError,
    Status,
)
from llm.providers.base import ProviderError, ProviderReply, ProviderRequest


class ScriptedProvider:
    """A provider that gives the replies it was given, in order; it keeps the requests.

    A reply is an answer (a pydantic model or a dict), a text, a ProviderReply, or a ProviderError
    to be raised.
    """

    name: ClassVar[str] = "scripted"
    limit_key: ClassVar[str] = ""
    is_offline: ClassVar[bool] = False

    def __init__(self, *replies):
        self.replies = list(replies)
        self.model = "scripted-model"
        self.requests: list[ProviderRequest] = []

    def with_model(self, model: str) -> "ScriptedProvider":
        self.model = model
        return self

    def complete(self, request: ProviderRequest) -> ProviderReply:
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, ProviderError):
            raise reply
        if isinstance(reply, ProviderReply):
            return reply
        if isinstance(reply, BaseModel):
            reply = reply.model_dump_json()
        return ProviderReply(text=reply if isinstance(reply, str) else json.dumps(reply))


class Fault(enum.Enum):
    """What befalls a call: nothing is done, it is done and not told, done twice, or by half."""

    BEFORE = "before"
    AFTER = "after"
    TWICE = "twice"
    HALF = "half"


class FakeReviewHost:
    """A code host that keeps change requests, comments, people and statuses in memory.

    `plan` gives a call by its number (from 1) a fault; `calls` are the names of methods called.
    """

    def __init__(self, *, login="assay[bot]"):
        self.login = login
        self.change_requests: dict[int, RemoteChangeRequest] = {}
        self.files: dict[tuple[int, str], dict[str, ChangedFile]] = {}
        self.is_cut = False
        self.gone_commits: set[str] = set()
        self.refused_keys: set[str] = set()
        self.refused_lines: set[str] = set()
        self.comments: dict[int, list[RemoteComment]] = {}
        self.replies: list[tuple[int, str, str]] = []
        self.batches: list[list[str]] = []
        self.writers: set[str] = set()
        self.public = False
        self.statuses: dict[str, tuple[str, Status]] = {}
        self.proposals: dict[str, object] = {}
        self.calls: list[str] = []
        self.plan: dict[int, tuple[Fault, Exception]] = {}
        self.broken: Exception | None = None
        self.before_call = lambda name: None
        self._next_id = 1000

    def of_link(self, link):
        """Return this host, for every project: goes into the registry."""
        return self

    def line_url(self, *, path, commit, line):
        """Return the address of a line, as a CodeHost does."""
        return f"https://code.example/acme/shop/blob/{commit}/{path}#L{line}"

    def add_change_request(self, number, *, commit, lines, **facts):
        """Open a change request whose diff at `commit` shows `lines`: path to numbers of lines."""
        self.change_requests[number] = RemoteChangeRequest(
            number=number,
            **{
                "state": RemoteState.OPEN,
                "title": f"Change {number}",
                "url": f"https://code.example/acme/shop/pull/{number}",
                "author": "dana",
                "head_commit": commit,
                "head_ref": "feature",
                "base_ref": "main",
                "is_from_fork": False,
                "updated_at": datetime(2026, 11, 22, tzinfo=UTC),
                **facts,
            },
        )
        self.files[number, commit] = {
            path: ChangedFile(path=path, old_path=path, lines=dict.fromkeys(numbers))
            for path, numbers in lines.items()
        }

    def change(self, number, **facts):
        """Let a change request be otherwise: closed, or at another head."""
        self.change_requests[number] = dataclasses.replace(self.change_requests[number], **facts)

    def fail(self, call_number, fault, error=None):
        """Let a call, counted from 1 over all methods, go wrong."""
        self.plan[call_number] = (fault, error or CodeHostBusyError("The code host is busy."))

    def write_as_us(self, number, body, *, path="", line=None):
        """Put a comment of ours there without a call."""
        return self._add(number, body, path=path, line=line)

    def delete_as_person(self, number, key):
        """Delete the comments of a key, as a person does."""
        self.comments[number] = [one for one in self.comments[number] if one.key != key]

    def keys(self, number):
        """Return the keys of all comments, oldest first."""
        return [one.key for one in self.comments.get(number, [])]

    def comment(self, number, key):
        """Return the one comment of a key."""
        (found,) = (one for one in self.comments[number] if one.key == key)
        return found

    # What follows is integrations.review_hosts.ReviewHost.

    def read_change_request(self, *, number):
        return self._call("read_change_request", lambda: self._known(number))

    def read_changes(self, *, number, commit):
        return self._call("read_changes", lambda: self._changes(number, commit))

    def own_comments(self, *, number):
        return self._call("own_comments", lambda: list(self.comments.get(number, [])))

    def post_comments(self, *, number, changes, drafts):
        drafts = list(drafts)
        self._call(
            "post_comments",
            lambda: self._post(number, drafts),
            half=lambda: self._post(number, drafts[: len(drafts) // 2]),
        )

    def edit_comment(self, *, number, comment, body):
        self._call("edit_comment", lambda: self._edit(number, comment.id, body))

    def delete_comment(self, *, number, comment):
        self._call("delete_comment", lambda: self._delete(number, comment.id))

    def reply(self, *, number, thread_id, body):
        self._call("reply", lambda: self._reply(number, thread_id, body))

    def may_write(self, *, author):
        return self._call("may_write", lambda: author in self.writers)

    def is_public(self):
        return self._call("is_public", lambda: self.public)

    def set_status(self, *, commit, status, status_id):
        return self._call("set_status", lambda: self._set_status(commit, status, status_id))

    def open_change_request(self, *, proposal):
        return self._call("open_change_request", lambda: self._open(proposal))

    def _call(self, name, do, half=None):
        self.calls.append(name)
        self.before_call(name)
        fault, error = self.plan.pop(len(self.calls), (None, None))
        if self.broken is not None:
            raise self.broken
        if fault is Fault.BEFORE:
            raise error
        if fault is Fault.HALF:
            (half or do)()
            raise error
        answer = do()
        if fault is Fault.TWICE:
            answer = do()
        if fault is Fault.AFTER:
            raise error
        return answer

    def _known(self, number):
        if number not in self.change_requests:
            raise GoneError(f"change request: {number} is gone at the code host.")
        return self.change_requests[number]

    def _changes(self, number, commit):
        self._known(number)
        if commit in self.gone_commits or (number, commit) not in self.files:
            raise GoneError(f"commit: {commit} is gone at the code host.")
        return Changes(commit=commit, files=self.files[number, commit], is_complete=not self.is_cut)

    def _post(self, number, drafts):
        self._known(number)
        taken = [draft for draft in drafts if not self._refuses(draft)]
        if drafts and not taken:
            raise ReviewRefusedError("comment: the code host takes no such comment.")
        self.batches.append([draft.key for draft in taken])
        for draft in taken:
            place = draft.place
            self._add(
                number,
                draft.body,
                path=place.path if place else "",
                line=place.end_line if place else None,
            )

    def _refuses(self, draft):
        is_at_a_line = draft.place is not None
        return draft.key in self.refused_keys or (is_at_a_line and draft.key in self.refused_lines)

    def _add(self, number, body, *, path, line):
        self._next_id += 1
        comment = RemoteComment(
            id=str(self._next_id),
            thread_id=str(self._next_id) if path else "",
            key=key_in(body),
            body=body,
            url=f"https://code.example/acme/shop/pull/{number}#comment-{self._next_id}",
            is_inline=bool(path),
            path=path,
            line=line,
        )
        self.comments.setdefault(number, []).append(comment)
        return comment

    def _reply(self, number, thread_id, body):
        self.replies.append((number, thread_id, body))
        comment = self._add(number, body, path="", line=None)
        self.comments[number][-1] = dataclasses.replace(comment, thread_id=thread_id)

    def _edit(self, number, comment_id, body):
        mine = self.comments.get(number, [])
        if comment_id not in {one.id for one in mine}:
            raise GoneError(f"comment: {comment_id} is gone at the code host.")
        self.comments[number] = [
            dataclasses.replace(one, body=body, key=key_in(body)) if one.id == comment_id else one
            for one in mine
        ]

    def _delete(self, number, comment_id):
        mine = self.comments.get(number, [])
        self.comments[number] = [one for one in mine if one.id != comment_id]

    def _set_status(self, commit, status, status_id):
        if commit in self.gone_commits:
            raise GoneError(f"commit: {commit} is gone at the code host.")
        self._next_id += 0 if status_id else 1
        known = status_id or str(self._next_id)
        self.statuses[commit] = (known, status)
        return known

    def _open(self, proposal):
        if proposal.branch not in self.proposals:
            number = max(self.change_requests, default=0) + 1
            self.add_change_request(
                number,
                commit=f"{number:040x}",
                lines={},
                head_ref=proposal.branch,
                base_ref=proposal.base_ref,
                title=proposal.title,
            )
            self.proposals[proposal.branch] = (number, proposal)
        return self.change_requests[self.proposals[proposal.branch][0]]
