"""Gathering what a judgment needs: rows, earlier decisions, and the code from its host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.redaction import redact
from findings.models import Finding, Instance, TriageState
from findings.selectors import commit_to_read, get_finding, instances_of
from integrations.codehosts import CodeFile, CodeHost, CodeUnavailableError
from integrations.selectors import code_host_for
from llm.runner import is_offline_provider
from memories.models import MemoryContext
from memories.selectors import MemoryFact, memories_for
from rules.models import Rule
from triage.context import EarlierTriage, Place, Question, RuleFacts

MAX_EARLIER = 5
MAX_OTHER_FILES = 3
MAX_STEPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A finding with the appearance whose code is judged."""

    finding: Finding
    instance: Instance | None
    commit: str


def find_subject(finding_id: int) -> Subject:
    """Return what is to be judged; raise NotFoundError for a finding that is not there."""
    finding = get_finding(finding_id)
    instance = instances_of(finding).first()
    commit = commit_to_read(instance) if instance else ""
    return Subject(finding=finding, instance=instance, commit=commit)


def gather_question(subject: Subject, *, memories: Sequence[MemoryFact] | None = None) -> Question:
    """Read the code, the earlier decisions and the memories, for which `memories` may stand in.

    Raises CodeUnavailableError when the finding's own file cannot be read; other files of the
    data flow that cannot be read are left out.
    """
    finding = subject.finding
    host = code_host_for(finding.project)
    file = host.read_file(path=finding.file.path, commit=subject.commit)
    trace = _trace(subject.instance)
    others = _other_files(host, trace=trace, path=file.path, commit=subject.commit)
    return Question(
        file=file,
        place=Place(
            path=file.path,
            start_line=finding.start_line,
            start_column=finding.start_column,
            end_line=finding.end_line,
            end_column=finding.end_column,
        ),
        rule=_rule(finding),
        trace=trace,
        other_files=others,
        earlier_triage=_earlier_triage(finding),
        memories=tuple(judge_memories(finding) if memories is None else memories),
    )


def judge_memories(finding: Finding) -> list[MemoryFact]:
    """Return the memories that a judge of this finding is told; rules of thumb read none."""
    if is_offline_provider():
        return []
    return memories_for(finding=finding, context=MemoryContext.TRIAGE)


def _trace(instance: Instance | None) -> tuple[Place, ...]:
    steps = instance.trace if instance and isinstance(instance.trace, list) else []
    return tuple(
        Place(
            path=str(step["path"]),
            start_line=int(step["line"]),
            start_column=int(step.get("column") or 1),
            end_line=int(step.get("end_line") or step["line"]),
            end_column=int(step.get("end_column") or 1),
        )
        for step in steps[:MAX_STEPS]
        if isinstance(step, Mapping) and step.get("path") and step.get("line")
    )


def _other_files(
    host: CodeHost, *, trace: tuple[Place, ...], path: str, commit: str
) -> dict[str, CodeFile]:
    found: dict[str, CodeFile] = {}
    for other in dict.fromkeys(step.path for step in trace if step.path != path):
        if len(found) == MAX_OTHER_FILES:
            break
        try:
            found[other] = host.read_file(path=other, commit=commit)
        except CodeUnavailableError:
            continue
    return found


def _rule(finding: Finding) -> RuleFacts:
    rule = Rule.objects.filter(path=finding.rule.check_id).first()
    metadata: dict[str, Any] = dict(finding.rule.metadata)
    return RuleFacts(
        check_id=finding.rule.check_id,
        message=finding.message,
        metadata=metadata,
        definition=rule.definition if rule else None,
    )


def _earlier_triage(finding: Finding) -> tuple[EarlierTriage, ...]:
    rows = (
        Finding.objects.filter(rule__check_id=finding.rule.check_id, triaged_at__isnull=False)
        .exclude(pk=finding.pk)
        .exclude(triage_state=TriageState.UNTRIAGED)
        .order_by("-triaged_at", "-id")
        .values_list("triage_state", "triage_reason", "triage_note")[:MAX_EARLIER]
    )
    return tuple(EarlierTriage(state=s, reason=r, note=redact(n)[:500]) for s, r, n in rows)
