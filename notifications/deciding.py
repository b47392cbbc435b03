"""Doing what a command asks for, in one transaction with the note that it is done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core.errors import ProblemError
from findings.locks import lock_projects
from findings.models import Conclusion, Finding, Status, TriageReason, TriageState
from findings.selectors import get_finding
from findings.triage_states import TriageChange, triage_findings
from llm.configuration import assistant_settings
from memories.models import TEXT_LIMIT, MemoryContext, MemorySource, MemoryStage
from memories.services import MemoryDraft, suggest_memory
from notifications import answers
from notifications.models import CommandState, ReviewCommand, ReviewComment
from notifications.reviews import want_reviews
from tenants.audit import Actor
from tenants.models import Door
from triage.commands import Command, Verb
from triage.feedback import agree_and_ignore, rate_verdict
from triage.models import Rating, Verdict
from triage.selectors import latest_verdict

_REASONS = {
    Verb.FALSE_POSITIVE: TriageReason.FALSE_POSITIVE,
    Verb.ACCEPTABLE_RISK: TriageReason.ACCEPTABLE_RISK,
    Verb.OTHER: TriageReason.NO_TRIAGE_REASON,
    Verb.IGNORE: TriageReason.NO_TRIAGE_REASON,
}
SUGGESTED = "Your text is suggested as a memory; an admin can make it live."
REMEMBERED = "Your text is a memory already."


class NothingDoneError(ProblemError):
    """The command cannot be done as things are; the sentence is the answer."""

    code = "nothing_done"


class NotShownError(NothingDoneError):
    """The comment does not show the verdict that counts."""

    code = "not_shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for; `command` is None where it was not understood."""

    command: Command | None
    comment: ReviewComment | None
    login: str
    host_name: str
    prefix: str
    came_at: datetime

    @property
    def actor(self) -> Actor:
        """Who asks; nobody of ours."""
        return Actor(door=Door.CHANGE_REQUEST, label=f"@{self.login} ({self.host_name})")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """A command to be done on a finding."""

    command: Command
    comment: ReviewComment
    finding: Finding
    actor: Actor
    came_at: datetime
    now: datetime


def is_replaced(row: ReviewCommand) -> bool:
    """Say whether the comment was edited since, and now holds another command."""
    return bool(
        ReviewCommand.objects.filter(
            change_request_id=row.change_request_id,
            external_id=row.external_id,
            pk__gt=row.pk,
        ).exists()
    )


@transaction.atomic
def decide(*, row: ReviewCommand, request: Request, refusal: str, now: datetime) -> ReviewCommand:
    """Do a waiting command, or refuse it with `refusal`, and keep the answer; once."""
    lock_projects([row.change_request.project_id])
    row = ReviewCommand.objects.select_for_update().get(pk=row.pk)
    if row.state != CommandState.WAITING or is_replaced(row):
        return row
    row.state, answer = _outcome(request, refusal, now)
    row.answer = answers.to(request.login, answer)
    row.save(update_fields=["state", "answer"])
    return row


def _outcome(request: Request, refusal: str, now: datetime) -> tuple[CommandState, str]:
    command, comment = request.command, request.comment
    if refusal or command is None:
        return CommandState.REFUSED, refusal
    if command.verb == Verb.HELP:
        return CommandState.DONE, answers.help_text(prefix=request.prefix)
    if comment is None or comment.finding_id is None:
        return CommandState.REFUSED, answers.NO_FINDING
    try:
        with transaction.atomic():
            finding = get_finding(comment.finding_id)
            task = _Task(
                command=command,
                comment=comment,
                finding=finding,
                actor=request.actor,
                came_at=request.came_at,
                now=now,
            )
            told = _DO[command.verb](task)
    except NothingDoneError as error:
        if isinstance(error, NotShownError):
            # Whatever kept the comment as it is: by the next answer it shall show the verdict.
            want_reviews(review_ids=[comment.review_id], at=now)
        return CommandState.REFUSED, error.detail
    except ProblemError as error:
        return CommandState.REFUSED, answers.refused(error.detail)
    return CommandState.DONE, told


def _told(task: _Task, *, said: str = "", memory: str = "") -> str:
    finding = get_finding(task.finding.pk)
    path = reverse("console:finding", args=[finding.organization.slug, finding.pk])
    told = answers.Told(
        status=Status(finding.status).label,
        reason=finding.get_triage_reason_display(),
        said=said,
        memory=memory,
    )
    return answers.done(told, url=f"{settings.PUBLIC_URL}{path}")


def _triage(task: _Task, change: TriageChange) -> None:
    triage_findings(finding_ids=[task.finding.pk], change=change, actor=task.actor, now=task.now)


def _ignore(task: _Task) -> str:
    note = task.command.note
    reason = _REASONS[task.command.verb]
    _triage(task, TriageChange(state=TriageState.IGNORED, reason=reason, note=note))
    return _told(task, memory=_suggest_note(task))


def _open(task: _Task) -> str:
    _triage(task, TriageChange(state=TriageState.REOPENED, note=task.command.note))
    return _told(task)


def _agree(task: _Task) -> str:
    verdict = _verdict_that_was_read(task)
    if verdict.conclusion != Conclusion.FALSE_POSITIVE:
        raise NothingDoneError(answers.NOT_A_FALSE_POSITIVE)
    agree_and_ignore(
        finding_id=task.finding.pk,
        verdict_id=verdict.pk,
        note=task.command.note,
        actor=task.actor,
        now=task.now,
    )
    return _told(task, memory=_suggest_note(task))


def _disagree(task: _Task) -> str:
    rate_verdict(
        finding_id=task.finding.pk,
        verdict_id=_verdict_that_was_read(task).pk,
        rating=Rating.BAD,
        note=task.command.note,
        actor=task.actor,
        now=task.now,
    )
    if task.finding.triage_state == TriageState.PROVISIONALLY_IGNORED:
        _triage(task, TriageChange(state=TriageState.REOPENED))
    return _told(task, said="Your disagreement with the verdict is kept.")


def _remember(task: _Task) -> str:
    if not assistant_settings().uses_memories:
        raise NothingDoneError(answers.MEMORIES_ARE_OFF)
    return _told(task, memory=_suggest(task, [MemoryContext.TRIAGE, MemoryContext.GUIDANCE]))


def _suggest_note(task: _Task) -> str:
    """Suggest the note as a memory where that can be; return what is said of it."""
    note = task.command.note
    if not note or len(note) > TEXT_LIMIT or not assistant_settings().uses_memories:
        return ""
    return _suggest(task, [MemoryContext.TRIAGE])


def _suggest(task: _Task, contexts: Sequence[MemoryContext]) -> str:
    """Suggest a memory for the finding's rule in its project; return what is said of it."""
    finding = task.finding
    draft = MemoryDraft(
        text=task.command.note,
        contexts=contexts,
        project=finding.project,
        check_id=finding.rule.check_id,
    )
    memory = suggest_memory(
        draft=draft, source=MemorySource.COMMENT, finding=finding, actor=task.actor, now=task.now
    )
    return REMEMBERED if memory.stage == MemoryStage.LIVE else SUGGESTED


def _verdict_that_was_read(task: _Task) -> Verdict:
    """Return the verdict that counts, if the comment has shown it."""
    if not assistant_settings().judges_in_comments:
        raise NothingDoneError(answers.VERDICTS_ARE_OFF)
    verdict = latest_verdict(task.finding.pk)
    if verdict is None:
        raise NothingDoneError(answers.NO_VERDICT)
    if task.comment.shown_verdict_id != verdict.pk:
        raise NotShownError(answers.NEWER_VERDICT)
    edited_at = task.comment.edited_at
    if edited_at is not None and edited_at > task.came_at:
        # The command waited, for a code host that was away maybe: it means what stood there then.
        raise NothingDoneError(answers.CHANGED_SINCE)
    return verdict


_DO: Mapping[Verb, Callable[[_Task], str]] = {
    Verb.FALSE_POSITIVE: _ignore,
    Verb.ACCEPTABLE_RISK: _ignore,
    Verb.OTHER: _ignore,
    Verb.IGNORE: _ignore,
    Verb.OPEN: _open,
    Verb.AGREE: _agree,
    Verb.DISAGREE: _disagree,
    Verb.REMEMBER: _remember,
}
