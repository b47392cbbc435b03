"""How far the analysis of one finding has come, and how its last part ended.

The rows are the pipeline's; they are read through the finding, since nothing is imported from
above.
"""

import enum

from findings.models import Finding
from triage.models import AnalysisRequest, AnalysisStatus

_LIVE = ("waiting", "running")
_REMEDY_STAGES = ("remedy", "prove", "retry")


class Step(enum.StrEnum):
    """What is being done for a finding."""

    NOTHING = "nothing"
    WAITING = "waiting"
    JUDGING = "judging"
    WRITING = "writing"
    PROVING = "proving"

    @property
    def sentence(self) -> str:
        """Return what a page says of it."""
        return _SENTENCES[self]


_SENTENCES = {
    Step.NOTHING: "",
    Step.WAITING: "The analysis was asked for and is about to begin.",
    Step.JUDGING: "The finding is being judged; guidance follows where it is real.",
    Step.WRITING: "Guidance and a fix are being written.",
    Step.PROVING: "The fix is being proven: it is shown only if every check passes.",
}
_STEPS = {
    "judge": Step.JUDGING,
    "remedy": Step.WRITING,
    "retry": Step.WRITING,
    "prove": Step.PROVING,
}


def step_of(finding: Finding) -> Step:
    """Return what is being done for the finding, the earliest step first."""
    live = set(finding.stages.filter(status__in=_LIVE).values_list("stage", flat=True))
    step = next((step for stage, step in _STEPS.items() if stage in live), Step.NOTHING)
    if step == Step.NOTHING and _is_asked_for(finding):
        return Step.WAITING
    return step


def failure_of(finding: Finding) -> str:
    """Return why the newest work on the finding's remedy failed; blank where it did not."""
    stages = finding.stages.filter(stage__in=_REMEDY_STAGES)
    newest = stages.order_by("-id").values_list("status", "error").first()
    return newest[1] if newest and newest[0] == "failed" else ""


def _is_asked_for(finding: Finding) -> bool:
    return AnalysisRequest.objects.filter(
        status=AnalysisStatus.WAITING, finding_ids__contains=[finding.pk]
    ).exists()
