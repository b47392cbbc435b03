"""Asking for findings to be analyzed: a row that the pipeline turns into stages."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from core.errors import InvalidInputError
from findings.models import Activity, ActivityKind, Finding, Product
from tenants.announcements import announce
from tenants.audit import Actor
from triage.announcements import analysis_requested
from triage.models import Analysis, AnalysisRequest

MOST_FINDINGS = 1000
_TITLES = {
    (Analysis.JUDGE,): "Asked for a verdict",
    (Analysis.REMEDY,): "Asked for guidance and a fix",
    (Analysis.JUDGE, Analysis.REMEDY): "Asked for a verdict, guidance and a fix",
}


class TooManyFindingsError(InvalidInputError):
    """More findings were chosen than one request may hold."""

    code = "too_many_findings"


@transaction.atomic
def request_analysis(
    *,
    finding_ids: Sequence[int],
    wanted: Sequence[Analysis],
    is_fresh: bool,
    actor: Actor,
    now: datetime,
) -> AnalysisRequest:
    """Ask for the organization's own findings among these to be analyzed, in the given order.

    `is_fresh` asks the model even where an equal question was answered. Raises
    TooManyFindingsError above MOST_FINDINGS ids, InvalidInputError where nothing is asked.
    """
    asked = list(dict.fromkeys(finding_ids))
    if len(asked) > MOST_FINDINGS:
        raise TooManyFindingsError(
            f"finding_ids: {len(asked)} findings are too many at once; choose at most"
            f" {MOST_FINDINGS}.",
            field="finding_ids",
        )
    kinds = tuple(kind for kind in Analysis if kind in wanted)
    if not kinds:
        raise InvalidInputError(
            "wanted: say what to ask for: a verdict, guidance and a fix, or both.", field="wanted"
        )
    # Nothing of dependencies or secrets goes to a model, whoever asks.
    in_code = Finding.objects.filter(pk__in=asked, product=Product.SAST)
    ours = set(in_code.values_list("pk", flat=True))
    chosen = [finding_id for finding_id in asked if finding_id in ours]
    if not chosen:
        raise InvalidInputError(
            "finding_ids: none of these is a finding in this organization's code; nothing else is"
            " analyzed.",
            field="finding_ids",
        )
    request: AnalysisRequest = AnalysisRequest.objects.create(
        finding_ids=chosen,
        wanted=[kind.value for kind in kinds],
        is_fresh=is_fresh,
        actor=actor.user,
        actor_label=actor.label[:200],
        created_at=now,
    )
    _tell(chosen, title=_TITLES[kinds], actor=actor, now=now)
    announce(analysis_requested, request_id=request.pk)
    return request


def _tell(finding_ids: Sequence[int], *, title: str, actor: Actor, now: datetime) -> None:
    Activity.objects.bulk_create(
        Activity(
            finding_id=finding_id,
            kind=ActivityKind.ANALYSIS_STARTED,
            at=now,
            actor=actor.user,
            actor_label=actor.label[:200],
            door=actor.door,
            title=title,
        )
        for finding_id in finding_ids
    )
