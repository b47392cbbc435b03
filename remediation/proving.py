"""Proving the fixes that wait for it, many at once, and keeping what was found."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.redaction import redact
from findings.models import Confidence
from memories.models import Memory
from remediation.announcements import fix_proven
from remediation.fixes import KNOWN_PACKAGES, lowered, new_packages
from remediation.manifests import manifest_for
from remediation.models import FixAttempt, FixStatus, RemedyOrigin
from remediation.names import Known, known_names
from remediation.packages import language_of_path
from remediation.proof import Check, Proof, prove_all
from remediation.reasons import Reason
from remediation.retrying import findings_to_retry, retry_fix
from remediation.suggestions import with_suggestion
from remediation.trials import Trial, prepare
from tenants.announcements import announce

__all__ = ["ProvingOutcome", "prove_proposed", "retry_fix"]

MAX_DETAIL = 1000

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvingOutcome:
    """What came of it; `retry_finding_ids`: findings whose model may be asked once more."""

    proven_finding_ids: tuple[int, ...] = ()
    retry_finding_ids: tuple[int, ...] = ()


def prove_proposed(*, finding_ids: Sequence[int], now: datetime) -> ProvingOutcome:
    """Prove every proposed fix of these findings, and keep the best proven one of each.

    A second time it changes nothing. Raises TransientError where the code of some could not be
    had for now; what could be proven is kept by then.
    """
    attempts = list(
        FixAttempt.objects.filter(finding_id__in=finding_ids, status=FixStatus.PROPOSED)
        .select_related("finding__project", "finding__rule", "guidance")
        .order_by("finding_id", "round", "rank", "id")
    )
    preparation = prepare(attempts)
    trials = preparation.trials
    proofs = _prove(trials)
    texts = _memory_texts(trials)
    proven = _keep(
        [_result(trial, proofs[trial.candidate.key], texts, now=now) for trial in trials]
    )
    if preparation.obstacle is not None:
        raise preparation.obstacle
    return ProvingOutcome(
        proven_finding_ids=tuple(proven),
        retry_finding_ids=tuple(findings_to_retry(finding_ids)),
    )


def _prove(trials: Sequence[Trial]) -> Mapping[str, Proof]:
    """Return the proofs by the candidate's key, all from one call."""
    failed = {trial.candidate.key: trial.failed for trial in trials if trial.failed}
    candidates = [trial.candidate for trial in trials if trial.failed is None]
    proofs = prove_all(candidates) if candidates else []
    return failed | {proof.key: proof for proof in proofs}


def _memory_texts(trials: Iterable[Trial]) -> Mapping[int, str]:
    wanted = {memory_id for trial in trials for memory_id in trial.attempt.memory_ids}
    return dict(Memory.objects.filter(pk__in=wanted).values_list("pk", "text")) if wanted else {}


def _result(trial: Trial, proof: Proof, texts: Mapping[int, str], *, now: datetime) -> FixAttempt:
    """Return the attempt with what its proof found, not yet stored."""
    attempt = trial.attempt
    checks = list(proof.checks)
    if proof.is_proven:
        checks.append(_packages_check(trial, texts))
    missing = sum(check.ok is None for check in checks)
    attempt.status = FixStatus.PROVEN if proof.is_proven else FixStatus.REFUSED
    attempt.reason = proof.reason
    attempt.detail = redact(proof.detail)[:MAX_DETAIL]
    attempt.checks = [
        {"name": check.name, "ok": check.ok, "detail": redact(check.detail)[:MAX_DETAIL]}
        for check in checks
    ]
    proposed = Confidence(attempt.proposed_confidence)
    attempt.confidence = lowered(proposed, steps=missing) if proof.is_proven else Confidence.LOW
    attempt.edits = _placed_edits(trial)
    attempt.proven_at = now
    return attempt


def _placed_edits(trial: Trial) -> list[dict[str, object]]:
    places = trial.applied.places if trial.applied else [None] * len(trial.edits)
    edits: list[dict[str, object]] = [
        {
            "search": edit.search,
            "replace": edit.replace,
            "start_line": place.start_line if place else None,
            "end_line": place.end_line if place else None,
        }
        for edit, place in zip(trial.edits, places, strict=True)
    ]
    return with_suggestion(
        edits,
        before=trial.candidate.original,
        after=trial.candidate.patched,
        lines=(trial.attempt.start_line, trial.attempt.end_line),
    )


def _packages_check(trial: Trial, texts: Mapping[int, str]) -> Check:
    """Say whether all that the fix imports is known; if not, nobody can say that it is there."""
    unknown = new_packages(trial.edits, _known(trial, texts))
    if not unknown:
        return Check(name=KNOWN_PACKAGES, ok=True, detail="It imports nothing that is not known.")
    listed = ", ".join(unknown[:5])
    detail = f"Neither the file nor the project's manifest knows {listed}: see whether it exists."
    return Check(name=KNOWN_PACKAGES, ok=None, detail=detail)


def _known(trial: Trial, texts: Mapping[int, str]) -> Known:
    attempt, rule = trial.attempt, trial.attempt.finding.rule
    definitions = [str(one) for one in trial.candidate.rules if one.get("id") == rule.check_id]
    memories = [texts[one] for one in attempt.memory_ids if one in texts]
    return known_names(
        path=attempt.path,
        text=trial.candidate.original,
        language=language_of_path(attempt.path),
        manifest=manifest_for(
            project=attempt.finding.project, path=attempt.path, commit=attempt.commit
        ),
        told=[attempt.finding.message, str(dict(rule.metadata)), *definitions, *memories],
    )


@transaction.atomic
def _keep(results: Sequence[FixAttempt]) -> list[int]:
    """Store the results, one proven fix a finding at most; return the findings that have one."""
    ids = [result.pk for result in results]
    waiting = set(
        FixAttempt.objects.select_for_update()
        .filter(pk__in=ids, status=FixStatus.PROPOSED)
        .values_list("pk", flat=True)
    )
    # What was withdrawn or judged meanwhile stays as it is.
    kept = [result for result in results if result.pk in waiting]
    by_finding: dict[int, list[FixAttempt]] = defaultdict(list)
    for result in kept:
        by_finding[result.finding_id].append(result)
    best = [chosen for group in by_finding.values() if (chosen := _choose(group))]
    FixAttempt.objects.bulk_update(
        kept, ["status", "reason", "detail", "checks", "confidence", "edits", "proven_at"]
    )
    for fix in best:
        FixAttempt.objects.filter(finding_id=fix.finding_id, status=FixStatus.PROVEN).exclude(
            pk=fix.pk
        ).update(status=FixStatus.WITHDRAWN)
        announce(fix_proven, finding_id=fix.finding_id)
    for result in kept:
        logger.info("remediation.fix.tried fix=%s reason=%s", result.pk, result.reason)
    return [fix.finding_id for fix in best]


def _choose(attempts: Sequence[FixAttempt]) -> FixAttempt | None:
    """Return the best proven attempt: the surest, a rule's before a model's, then by rank."""
    proven = [attempt for attempt in attempts if attempt.reason == Reason.OK]
    if not proven:
        return None
    return min(
        proven,
        key=lambda one: (
            -one.confidence,
            one.origin != RemedyOrigin.RULE,
            one.round,
            one.rank,
            one.pk,
        ),
    )
