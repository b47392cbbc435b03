"""Buttons of messages in Slack: a member agrees with a verdict, or says why she does not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.errors import InvalidInputError, ProblemError, TransientError
from core.numbers import id_of
from findings.locks import lock_projects
from findings.models import Finding, TriageState
from findings.selectors import get_finding
from findings.titles import title_of_rule
from findings.triage_states import BY_HAND, TriageChange, triage_findings
from integrations.events import SlackButtonPressed, SlackWindowFilled
from integrations.models import SlackWorkspace
from integrations.slack_workspaces import slack_of
from llm.configuration import assistant_settings
from memories.models import TEXT_LIMIT, MemoryContext, MemorySource
from memories.services import MemoryDraft, suggest_memory
from notifications.channels import slack, slack_windows
from notifications.channels.slack_blocks import escaped
from notifications.models import Channel, Delivery, DeliveryKind
from notifications.scan_messages import after_decisions
from notifications.slack_people import Person, actor_of, allowed
from tenants.audit import Actor
from tenants.permissions import Permission
from triage.feedback import agree_and_ignore, rate_verdict
from triage.models import Rating

AGREED = "Agreed, and ignored."
DISAGREED = "Disagreement kept."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a button carries: the message, its finding, and the verdict that was read."""

    delivery_id: int
    finding_id: int
    verdict_id: int


def window_of_button(
    *, event: SlackButtonPressed, workspace: SlackWorkspace, now: datetime
) -> Mapping[str, object] | None:
    """Return the window that a button opens; None where it opens none for this person.

    Whoever may not decide is told so by `answer_button`.
    """
    if event.action != slack.DISAGREE:
        return None
    person = Person(workspace=workspace, user_id=event.user_id, user_name=event.user_name)
    try:
        asked = _asked(event.value, workspace)
        allowed(person, Permission.TRIAGE_FINDINGS, now=now)
    except ProblemError:
        return None
    rule = get_finding(asked.finding_id).rule
    title = title_of_rule(check_id=rule.check_id, metadata=rule.metadata)
    memo = {"value": event.value, "channel_id": event.channel_id}
    return slack_windows.disagree_window(title=title, memo=memo)


def answer_button(
    *, event: SlackButtonPressed, workspace: SlackWorkspace, came_at: datetime, now: datetime
) -> str:
    """Do what a pressed button asks for; return for people what came of it. Safe to do twice.

    `came_at`: when it was pressed.
    """
    if event.action not in {slack.AGREE, slack.DISAGREE}:
        return "A button that only opens a page."
    person = Person(workspace=workspace, user_id=event.user_id, user_name=event.user_name)
    try:
        asked = _asked(event.value, workspace)
        member = allowed(person, Permission.TRIAGE_FINDINGS, now=now)
        if event.action == slack.DISAGREE:
            raise InvalidInputError("The window did not open in time; press Disagree again.")
        _agree(asked, actor=actor_of(member), came_at=came_at, now=now)
    except ProblemError as error:
        _bring_up_to_date(event.value, workspace, now)
        return _whisper(person, event.channel_id, error.detail)
    return AGREED


def answer_window(*, event: SlackWindowFilled, workspace: SlackWorkspace, now: datetime) -> str:
    """Keep a disagreement; return for people what came of it. Safe to do twice."""
    person = Person(workspace=workspace, user_id=event.user_id, user_name=event.user_name)
    memo = memo_of(event)
    note = "".join(event.fields.get(slack_windows.NOTE, ()))
    try:
        asked = _asked(memo.get("value", ""), workspace)
        member = allowed(person, Permission.TRIAGE_FINDINGS, now=now)
        _disagree(asked, note.strip(), actor=actor_of(member), now=now)
    except ProblemError as error:
        _bring_up_to_date(memo.get("value", ""), workspace, now)
        return _whisper(person, memo.get("channel_id", ""), error.detail)
    return DISAGREED


def memo_of(event: SlackWindowFilled) -> dict[str, str]:
    """Return what we had put into a window."""
    try:
        told = json.loads(event.memo)
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    return {str(name): str(value) for name, value in told.items()}


@transaction.atomic
def _agree(asked: _Asked, *, actor: Actor, came_at: datetime, now: datetime) -> None:
    # Whoever decides at this moment is waited for, and then seen.
    lock_projects([get_finding(asked.finding_id).project_id])
    _check_undecided(get_finding(asked.finding_id), since=came_at)
    agree_and_ignore(finding_id=asked.finding_id, verdict_id=asked.verdict_id, actor=actor, now=now)
    after_decisions(finding_ids=[asked.finding_id], now=now)


def _check_undecided(finding: Finding, *, since: datetime) -> None:
    """Raise InvalidInputError where a person has decided since, and otherwise: hers is newer.

    The press may have waited for a worker, or be done a second time after a crash.
    """
    is_newer = finding.triaged_at is not None and finding.triaged_at > since
    if is_newer and finding.triage_state in BY_HAND and finding.triage_state != TriageState.IGNORED:
        raise InvalidInputError(
            f"Somebody has set the finding to {finding.get_triage_state_display().lower()} after"
            " you pressed the button, so nothing was changed. Read the message once more, and"
            " answer again."
        )


@transaction.atomic
def _disagree(asked: _Asked, note: str, *, actor: Actor, now: datetime) -> None:
    rate_verdict(
        finding_id=asked.finding_id,
        verdict_id=asked.verdict_id,
        rating=Rating.BAD,
        note=note,
        actor=actor,
        now=now,
    )
    finding = get_finding(asked.finding_id)
    if finding.triage_state == TriageState.PROVISIONALLY_IGNORED:
        change = TriageChange(state=TriageState.REOPENED)
        triage_findings(finding_ids=[finding.pk], change=change, actor=actor, now=now)
    if note and len(note) <= TEXT_LIMIT and assistant_settings().uses_memories:
        suggest_memory(
            draft=MemoryDraft(
                text=note,
                contexts=[MemoryContext.TRIAGE],
                project=finding.project,
                check_id=finding.rule.check_id,
            ),
            source=MemorySource.DISAGREEMENT,
            finding=finding,
            actor=actor,
            now=now,
        )
    after_decisions(finding_ids=[finding.pk], now=now)


def _asked(value: str, workspace: SlackWorkspace) -> _Asked:
    """Return what a button carries. Raises InvalidInputError where no message of ours has it."""
    numbers = [id_of(part) or 0 for part in value.split(":")]
    if len(numbers) != len(_Asked.__slots__) or not all(numbers):
        raise InvalidInputError("This button is not of a message of ours.")
    asked = _Asked(delivery_id=numbers[0], finding_id=numbers[1], verdict_id=numbers[2])
    rows = Delivery.objects.filter(
        id=asked.delivery_id,
        finding=asked.finding_id,
        channel=Channel.SLACK,
        kind=DeliveryKind.VERDICT,
    ).select_related("subscription")
    delivery: Delivery | None = rows.first()
    if delivery is None or not _stands_in(delivery, workspace):
        raise InvalidInputError("This button is not of a message of ours.")
    return asked


def _stands_in(delivery: Delivery, workspace: SlackWorkspace) -> bool:
    subscription = delivery.subscription
    if subscription is not None and subscription.workspace_id == workspace.pk:
        return True
    return bool(delivery.external_ids.get("workspace") == str(workspace.pk))


def _bring_up_to_date(value: str, workspace: SlackWorkspace, now: datetime) -> None:
    """Show in the message what has changed since it was read."""
    try:
        asked = _asked(value, workspace)
    except ProblemError:
        return
    after_decisions(finding_ids=[asked.finding_id], now=now)


def _whisper(person: Person, channel_id: str, text: str) -> str:
    """Tell one person why nothing was done; that this fails is no reason to do all again."""
    try:
        slack_of(person.workspace).whisper(
            channel=channel_id, user=person.user_id, text=escaped(text, limit=2500)
        )
    except (ProblemError, TransientError):
        return "Refused, and the person could not be told."
    return "Refused; the person was told why."
