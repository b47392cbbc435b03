"""Commands that people write in change requests: read, allowed, done once, and answered."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from findings.models import ChangeRequest
from findings.texts import storable_text
from integrations.checking import note_trouble
from integrations.codehosts import NoCodeHostError
from integrations.events import CommentWritten
from integrations.models import RepositoryLink
from integrations.review_hosts import ReviewHost, ReviewRefusedError
from integrations.selectors import review_host_for
from notifications import answers
from notifications.deciding import Request, decide, is_replaced
from notifications.models import (
    CommandState,
    CommentState,
    ReviewCommand,
    ReviewComment,
)
from notifications.replying import reply
from notifications.review_settings import refuses_in_public, review_settings
from tenants.models import Project
from triage.commands import BadCommand, Command, Verb, read_command

OUTCOME_LIMIT = 200
NO_COMMAND = "No command."
FOR_OTHERS = "A command in a thread that is not ours: passed over."
REPLACED = "The comment was edited since: passed over."
ANSWERED = "Answered before."
ENOUGH = "Refused; the author, who may not write there, was told often enough."
# A stranger could make us speak without end, and spend the connection's calls on it.
MOST_REFUSALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A command, where it was written, and the comment of ours that it answers, if any."""

    command: Command | BadCommand
    project: Project
    event: CommentWritten
    prefix: str
    comment: ReviewComment | None
    came_at: datetime

    @property
    def verb(self) -> str:
        return self.command.verb.value if isinstance(self.command, Command) else ""

    @property
    def text_hash(self) -> str:
        told = self.command
        text = told.note if isinstance(told, Command) else told.problem
        return hashlib.sha256(f"{self.verb}\n{text}".encode()).hexdigest()


def answer_comment(
    *, project: Project, event: CommentWritten, came_at: datetime, now: datetime
) -> str:
    """Do what a comment asks for, once, and reply; return for people what came of it.

    `came_at`: when we first heard of the comment. Raises TransientError for another try, in which
    nothing is done twice.
    """
    prefix = review_settings().command_prefix
    command = None if event.is_bot else read_command(event.text, prefix=prefix)
    if command is None:
        return NO_COMMAND
    link = RepositoryLink.objects.select_related("connection").filter(project=project).first()
    try:
        host = review_host_for(project)
        comment = _comment_of(project, event, host)
        asked = _Asked(
            command=command,
            project=project,
            event=event,
            prefix=prefix,
            comment=comment,
            came_at=came_at,
        )
        return _answer(asked, host, link, now)[:OUTCOME_LIMIT]
    except NoCodeHostError as error:
        return error.detail[:OUTCOME_LIMIT]
    except ReviewRefusedError as error:
        if link is not None:
            note_trouble(connection_id=link.connection_id, error=error, now=now)
        return f"The code host refused: {error.detail}"[:OUTCOME_LIMIT]


def _answer(asked: _Asked, host: ReviewHost, link: RepositoryLink | None, now: datetime) -> str:
    if asked.comment is None and not _is_meant_for_us(asked):
        return FOR_OTHERS
    row = _keep(asked, now)
    if row is None or is_replaced(row):
        return REPLACED
    if row.answered_at is not None:
        return ANSWERED
    if row.state == CommandState.WAITING:
        refusal = _refusal(asked, host, link)
        row = decide(row=row, request=_request(asked, link), refusal=refusal, now=now)
    if _was_told_enough(row) and not host.may_write(author=asked.event.author_key):
        return ENOUGH
    number, thread_id = asked.event.number, asked.event.thread_id
    if not reply(row=row, host=host, number=number, thread_id=thread_id, now=now):
        return REPLACED
    return f"{row.verb or 'Command'} by {row.author}: {row.get_state_display().lower()}."


def _comment_of(project: Project, event: CommentWritten, host: ReviewHost) -> ReviewComment | None:
    """Return our comment that heads the thread; None in the conversation and in other threads."""
    if not event.thread_id:
        return None
    ours = ReviewComment.objects.select_related("finding__project").filter(
        review__change_request__project=project, review__change_request__number=event.number
    )
    heads = Q(thread_id=event.thread_id) | Q(external_id=event.thread_id)
    known: ReviewComment | None = ours.filter(heads).order_by("id").first()
    if known is None and ours.filter(state=CommentState.PLANNED).exists():
        # It may have been posted a moment ago, before we could note its number.
        keys = {
            one.key
            for one in host.own_comments(number=event.number)
            if event.thread_id in {one.thread_id, one.id}
        }
        known = ours.filter(key__in=keys - {""}).order_by("id").first()
    return known


def _is_meant_for_us(asked: _Asked) -> bool:
    """Say whether a command that heads no thread of ours is to be answered all the same."""
    if asked.command.has_prefix:
        return True
    in_conversation = not asked.event.thread_id
    return in_conversation and bool(
        ReviewComment.objects.filter(
            review__change_request__project=asked.project,
            review__change_request__number=asked.event.number,
            state=CommentState.POSTED,
        ).exists()
    )


def _was_told_enough(row: ReviewCommand) -> bool:
    """Say whether an answer that changed nothing is one of many to the same author."""
    changed_nothing = Q(state=CommandState.REFUSED) | Q(verb=Verb.HELP)
    of_author = ReviewCommand.objects.filter(
        changed_nothing, change_request_id=row.change_request_id, author=row.author
    )
    is_one = of_author.filter(pk=row.pk).exists()
    return is_one and of_author.filter(answered_at__isnull=False).count() >= MOST_REFUSALS


@transaction.atomic
def _keep(asked: _Asked, now: datetime) -> ReviewCommand | None:
    """Return the row of the command; None for a text that was edited before it reached us."""
    # Locked: of two texts of one comment, told at the same moment, the edit is to be the newer row.
    change_request, _ = ChangeRequest.objects.select_for_update().get_or_create(
        project=asked.project, number=asked.event.number, defaults={"created_at": now}
    )
    external_id = storable_text(asked.event.comment_id)[:60]
    rows = ReviewCommand.objects.filter(change_request=change_request, external_id=external_id)
    if not asked.event.is_edit and rows.exclude(text_hash=asked.text_hash).exists():
        return None
    row: ReviewCommand
    row, _ = ReviewCommand.objects.get_or_create(
        change_request=change_request,
        external_id=external_id,
        text_hash=asked.text_hash,
        defaults={
            "comment": asked.comment,
            "author": storable_text(asked.event.author)[:200],
            "verb": asked.verb,
            "created_at": now,
        },
    )
    return row


def _refusal(asked: _Asked, host: ReviewHost, link: RepositoryLink | None) -> str:
    """Return why the command is not done, as an answer that tells nothing of the finding."""
    command = asked.command
    if isinstance(command, BadCommand):
        return answers.help_text(prefix=asked.prefix, problem=command.problem)
    if command.verb == Verb.HELP:
        return ""
    if asked.comment is None or asked.comment.finding is None:
        return answers.NO_FINDING
    if link and refuses_in_public(review_settings(), link.connection) and host.is_public():
        return answers.NOT_IN_PUBLIC
    return "" if host.may_write(author=asked.event.author_key) else answers.MAY_NOT_WRITE


def _request(asked: _Asked, link: RepositoryLink | None) -> Request:
    host_name = link.connection.get_kind_display() if link else ""
    return Request(
        command=asked.command if isinstance(asked.command, Command) else None,
        comment=asked.comment,
        login=storable_text(asked.event.author)[:100],
        host_name=host_name,
        prefix=asked.prefix,
        came_at=asked.came_at,
    )
