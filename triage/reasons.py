"""Why a finding has no verdict, and why it cannot be given one."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from findings.models import UNDECIDED, Finding, Instance, Product, State
from integrations.selectors import code_hosts_for
from llm.configuration import assistant_settings
from triage.models import Analysis, AnalysisRequest, AnalysisStatus
from triage.triggers import is_sure_and_severe

NOT_CODE = "Only findings in code are analyzed."
GONE = "The match is no longer in the code."
NO_COMMIT = "The scan named no commit, so we cannot know which code it saw."
NO_CODE_HOST = "The project has no connected repository, so its code cannot be read."
SWITCHED_OFF = "Verdicts are switched off in the assistant's settings."
UNDER_WAY = "The analysis is already under way."
BELOW_THE_TRIGGER = (
    "Full scans are analyzed where severity is high or critical and the rule's confidence is"
    " medium or high; this finding is below that."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why some findings cannot be analyzed, and how many they are."""

    sentence: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyzable:
    """Which findings can be analyzed, and what keeps the others from it."""

    finding_ids: tuple[int, ...]
    obstacles: tuple[Obstacle, ...]


def why_not_judged(finding: Finding, *, is_offline: bool) -> str:
    """Say why a finding has no verdict and will get none by itself; blank where one is to come."""
    allowed = assistant_settings()
    checks = (
        (finding.product != Product.SAST, NOT_CODE),
        (not allowed.judges, SWITCHED_OFF),
        (finding.status not in UNDECIDED, "It was decided before it was analyzed."),
    )
    sentence = next((text for is_so, text in checks if is_so), "")
    if sentence or is_offline:
        return sentence
    if not is_sure_and_severe(finding):
        return BELOW_THE_TRIGGER
    if _was_left_out(finding):
        return (
            f"A scan's analysis ends after {allowed.findings_per_scan} findings, the most severe"
            " first; this one came after."
        )
    return ""


def is_being_judged(finding: Finding) -> bool:
    """Say whether a verdict on the finding was asked for and is to come."""
    # The rows are the pipeline's: what it still has to do for a finding.
    if finding.stages.filter(stage="judge", status__in=["waiting", "running"]).exists():
        return True
    return AnalysisRequest.objects.filter(
        status=AnalysisStatus.WAITING,
        finding_ids__contains=[finding.pk],
        wanted__contains=[Analysis.JUDGE],
    ).exists()


def _was_left_out(finding: Finding) -> bool:
    """Say whether the analysis of the finding's scan was planned, and without it."""
    scan = finding.first_scan
    # The rows are the pipeline's: what it planned for a scan, and for a finding.
    return (
        scan is not None
        and scan.stages.filter(stage="plan", status="done").exists()
        and not finding.stages.exists()
    )


def analyzable(finding_ids: Collection[int]) -> Analyzable:
    """Say which of these findings can be analyzed now; ids of strangers are left out."""
    findings = list(Finding.objects.filter(pk__in=finding_ids).order_by("-severity", "id"))
    why = _obstacles(findings)
    counts = Counter(why.values())
    return Analyzable(
        finding_ids=tuple(finding.pk for finding in findings if finding.pk not in why),
        obstacles=tuple(Obstacle(sentence=s, count=n) for s, n in counts.most_common()),
    )


def _obstacles(findings: Sequence[Finding]) -> dict[int, str]:
    """Return the first obstacle of each finding that has one."""
    ids = [finding.pk for finding in findings]
    judges = assistant_settings().judges
    hosts = code_hosts_for({finding.project_id for finding in findings})
    with_commit = set(
        Instance.objects.filter(finding_id__in=ids, last_scan__isnull=False)
        .exclude(last_scan__commit="")
        .values_list("finding_id", flat=True)
    )
    # The rows are the pipeline's: what it still has to do for a finding.
    under_way = set(
        Finding.objects.filter(
            pk__in=ids, stages__stage="judge", stages__status__in=["waiting", "running"]
        ).values_list("pk", flat=True)
    )
    found: dict[int, str] = {}
    for finding in findings:
        checks = (
            (finding.product != Product.SAST, NOT_CODE),
            (not judges, SWITCHED_OFF),
            (finding.state in {State.FIXED, State.REMOVED}, GONE),
            (finding.project_id not in hosts, NO_CODE_HOST),
            (finding.pk not in with_commit, NO_COMMIT),
            (finding.pk in under_way, UNDER_WAY),
        )
        sentence = next((text for is_so, text in checks if is_so), "")
        if sentence:
            found[finding.pk] = sentence
    return found
