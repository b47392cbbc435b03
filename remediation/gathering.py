"""What a question about a remedy is made of: code, verdict, memories, and what is declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.conf import settings

from findings.models import Conclusion
from llm.configuration import assistant_settings
from llm.runner import is_offline_provider
from memories.models import MemoryContext
from memories.selectors import MemoryFact, memories_for
from remediation.answers import MAX_FIXES
from remediation.manifests import Manifest, manifest_for
from remediation.names import Known, known_names
from remediation.packages import language_of_path
from triage.context import JudgeContext, build_context
from triage.gathering import Subject, gather_question
from triage.models import Verdict
from triage.selectors import latest_verdict


@dataclass(frozen=True, kw_only=True)
class Case:
    """A finding with all that is needed to say what to do about it."""

    subject: Subject
    context: JudgeContext
    verdict: Verdict | None
    manifest: Manifest
    candidates: int
    """How many fixes the model is asked for; 0: guidance alone."""

    @property
    def memories(self) -> Sequence[MemoryFact]:
        """The memories that stand in the question."""
        return self.context.question.memories

    @property
    def is_true_positive(self) -> bool:
        """Whether triage found the weakness to be real."""
        return self.subject.finding.verdict == Conclusion.TRUE_POSITIVE

    @property
    def wants_fix_of_rule(self) -> bool:
        """Whether the rule itself says how a real match is mended."""
        return self.is_true_positive and has_own_fix(self.context.question.rule.definition)

    @property
    def is_out_of_date(self) -> bool:
        """Whether the file is too short for the match: it has changed since."""
        return self.context.question.place.end_line > len(self.context.source.lines)

    @cached_property
    def known(self) -> Known:
        """What the material knows of packages, versions and hashes."""
        rule = self.context.question.rule
        told = [rule.message, str(dict(rule.metadata)), str(rule.definition or "")]
        return known_names(
            path=self.context.source.path,
            text=self.context.source.text,
            language=language_of_path(self.context.source.path),
            manifest=self.manifest,
            told=[*told, *(memory.text for memory in self.memories)],
        )

    def input_hash(self, *, asked_by: str) -> str:
        """Return the key of an equal question; `asked_by` names the prompt and the model."""
        verdict = self.verdict
        parts = [
            asked_by,
            str(settings.CONTEXT_LINES),
            str(self.candidates),
            f"{verdict.conclusion} {verdict.reason}" if verdict else "",
            *self.manifest.names,
        ]
        return self.context.input_hash(judged_by="\n".join(parts))


def gather_case(subject: Subject) -> Case:
    """Read all that belongs to a finding; raise CodeUnavailableError without its code."""
    finding = subject.finding
    memories = (
        ()
        if is_offline_provider()
        else tuple(memories_for(finding=finding, context=MemoryContext.GUIDANCE))
    )
    question = replace(gather_question(subject, memories=memories), earlier_triage=())
    definition = question.rule.definition
    is_wanted = finding.verdict == Conclusion.TRUE_POSITIVE and not has_own_fix(definition)
    asks_fixes = is_wanted and assistant_settings().fixes
    return Case(
        subject=subject,
        context=build_context(question, budget=settings.CONTEXT_LINES),
        verdict=latest_verdict(finding.pk),
        manifest=manifest_for(
            project=finding.project, path=question.file.path, commit=subject.commit
        ),
        candidates=min(settings.FIX_CANDIDATES, MAX_FIXES) if asks_fixes else 0,
    )


def has_own_fix(definition: Mapping[str, Any] | None) -> bool:
    """Say whether a rule brings its own fix."""
    return bool(definition) and bool({"fix", "fix-regex"} & (definition or {}).keys())
