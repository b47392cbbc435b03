"""The demo's job: an organization, a repository, two real scans, and their analysis."""

import secrets
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from rich.progress import Progress

from demo.mails import write_monday_mail
from demo.repository import BRANCH, git, make_repository
from demo.scanning import PROJECT, PROJECT_URL, ScanJob
from findings.models import ChangeRequest, Finding, Status
from integrations.services import connect_local
from notifications.models import Review
from pipeline.models import Stage, StageRun, StageStatus
from pipeline.queue import LIVE
from remediation.models import FixAttempt, FixStatus, Guidance
from rules.imports import import_rules
from rules.models import Mode
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tenants.models import Door, Membership, Organization, TokenKind, User
from tenants.scope import organization_scope
from tenants.services import create_organization, get_or_create_project
from tenants.tokens import create_token

RULES = Path(__file__).resolve().parent / "rules"
SLUG = "acme"
ADMIN_EMAIL = "ada@acme.example"
STANDSTILL_SECONDS = 240
CHANGE_REQUEST = 7
BLOCKING = {"python/sql-string-built"}
SCANS = 2
STAGE_BARS = {
    Stage.JUDGE: "Analysis: verdicts",
    Stage.REMEDY: "Analysis: guidance",
    Stage.PROVE: "Analysis: proofs of fixes",
}
ACTOR = Actor(door=Door.COMMAND, label="Demo")


class AnalysisStuckError(RuntimeError):
    """The analysis stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How to come in: the demo's admin, and a token for its CI job."""

    organization_id: int
    password: str
    ci_token: str


class Stopwatch:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        """Take the time since the last lap."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._last, 1)
        self._last = now


def run_demo(progress: Progress) -> tuple[dict[str, Any], Login]:
    """Do it all; return the summary and the login."""
    watch = Stopwatch()
    steps = progress.add_task("Organization, rules and repository", total=3)
    login = _organization(settings.DATA_DIR)
    progress.advance(steps)
    with organization_scope(login.organization_id):
        files = sorted(RULES.glob("*/*.yml"))
        blocking = [file for file in files if f"{file.parent.name}/{file.stem}" in BLOCKING]
        import_rules(files=files, mode=Mode.COMMENT, actor=ACTOR, now=timezone.now())
        import_rules(files=blocking, mode=Mode.BLOCK, actor=ACTOR, now=timezone.now())
        progress.advance(steps)
        repository = make_repository(settings.DATA_DIR / "shop")
        project = get_or_create_project(name=PROJECT, url=PROJECT_URL)
        connect_local(project=project, path=repository.path, actor=ACTOR)
        progress.advance(steps)
    watch.lap("setup")
    job = ScanJob(repository=repository.path, token=login.ci_token, url=settings.PUBLIC_URL)
    _scan(job, repository.path, progress, watch)
    with organization_scope(login.organization_id):
        _wait_for_what_follows(progress, watch)
        return _summary(watch), login


def _wait_for_what_follows(progress: Progress, watch: Stopwatch) -> None:
    _wait_for_analysis(progress)
    watch.lap("analysis")
    _wait_for_comments(progress)
    watch.lap("comments")
    admin = Membership.objects.get(user__email=ADMIN_EMAIL)
    write_monday_mail(member=admin, progress=progress)
    watch.lap("mail")


def _organization(data_directory: Path) -> Login:
    """Make the organization, or come back to that of an earlier run."""
    password_file = data_directory / "demo-password"
    organization = Organization.objects.filter(slug=SLUG).first()
    if organization is None:
        password = secrets.token_urlsafe(12)
        password_file.touch(mode=0o600)
        password_file.write_text(password)
        made = create_organization(
            slug=SLUG,
            name="Acme",
            admin_email=ADMIN_EMAIL,
            admin_password=password,
            actor=ACTOR,
        )
        return Login(
            organization_id=made.organization.id, password=password, ci_token=made.ci_token
        )
    with organization_scope(organization.id):
        token = create_token(actor=ACTOR, kind=TokenKind.CI, name="Demo run")
        _restore_admin(password_file)
    return Login(
        organization_id=organization.id,
        password=password_file.read_text(),
        ci_token=token.text,
    )


def _restore_admin(password_file: Path) -> None:
    """Make the printed password right again where the file of an earlier run is gone."""
    if password_file.exists():
        return
    admin: User = Membership.objects.select_related("user").get(user__email=ADMIN_EMAIL).user
    password = secrets.token_urlsafe(12)
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    admin.set_password(password)
    admin.save(update_fields=["password"])


def _scan(job: ScanJob, checkout: Path, progress: Progress, watch: Stopwatch) -> None:
    full = progress.add_task("semgrep ci: full scan of main", total=None)
    job.run(branch="main")
    progress.update(full, total=1, completed=1)
    watch.lap("full_scan")
    change = progress.add_task("semgrep ci: change request", total=None)
    git(checkout, "switch", "--quiet", BRANCH)
    job.run(branch=BRANCH, baseline="main", change_request=str(CHANGE_REQUEST))
    git(checkout, "switch", "--quiet", "main")
    progress.update(change, total=1, completed=1)
    watch.lap("change_request_scan")


def _wait_for_analysis(progress: Progress) -> None:
    """Follow the durable queue until it is empty: a stage's row ends as the next one is added."""
    bars = {stage: progress.add_task(name, total=None) for stage, name in STAGE_BARS.items()}
    ended, deadline = 0, time.monotonic() + STANDSTILL_SECONDS
    while time.monotonic() < deadline:
        counts = Counter(StageRun.objects.values_list("stage", "status"))
        left = {stage: sum(counts[stage, status] for status in LIVE) for stage in Stage}
        total = {stage: sum(counts[stage, status] for status in StageStatus) for stage in Stage}
        for stage, bar in bars.items():
            progress.update(bar, total=total[stage], completed=total[stage] - left[stage])
        if counts[Stage.PLAN, StageStatus.DONE] >= SCANS and not any(left.values()):
            return
        if sum(total.values()) - sum(left.values()) > ended:
            ended = sum(total.values()) - sum(left.values())
            deadline = time.monotonic() + STANDSTILL_SECONDS
        time.sleep(0.2)
    raise AnalysisStuckError("The analysis stands still; see the logs of the workers.")


def _wait_for_comments(progress: Progress) -> None:
    """Wait until what the change request is told stands on its page."""
    bar = progress.add_task("Comments in the change request", total=None)
    deadline = time.monotonic() + STANDSTILL_SECONDS
    while time.monotonic() < deadline:
        if Review.objects.filter(status=JobStatus.DONE, comments__isnull=False).exists():
            progress.update(bar, total=1, completed=1)
            return
        time.sleep(0.2)
    raise AnalysisStuckError("Nothing was said in the change request; see the workers' logs.")


def comments_page(login: Login) -> str:
    """Return the address of the page that shows the comments of the change request."""
    with organization_scope(login.organization_id):
        change_request = ChangeRequest.objects.get(number=CHANGE_REQUEST)
        path = reverse("notifications:change-request", args=[SLUG, change_request.pk])
    return f"{settings.PUBLIC_URL}{path}"


def dashboard_page() -> str:
    """Return the address of what the scans come to."""
    return settings.PUBLIC_URL + reverse("console:dashboard", args=[SLUG])


def _summary(watch: Stopwatch) -> dict[str, Any]:
    rows = list(
        Finding.objects.exclude(status=Status.REMOVED).values_list("verdict", "file__component")
    )
    return {
        "url": f"{settings.PUBLIC_URL}/orgs/{SLUG}/findings",
        "findings": len(rows),
        "verdicts": dict(Counter(verdict or "none" for verdict, _tag in rows)),
        "tags": dict(Counter(tag or "no marker" for _verdict, tag in rows)),
        "guidance": Guidance.objects.values("finding").distinct().count(),
        "fixes": _fix_counts(),
        "seconds": watch.seconds,
    }


def _fix_counts() -> dict[str, int]:
    """Count attempts at fixes by how their proof ended."""
    counts = Counter(FixAttempt.objects.values_list("status", flat=True))
    return {"verified": counts[FixStatus.PROVEN], "rejected": counts[FixStatus.REFUSED]}
