"""Mails of Acme, written down as they are in life, and sent as a worker does it."""

from datetime import UTC, date, datetime, timedelta

from findings.models import Product, Severity
from insights.models import RecommendedTask, TaskFinding
from notifications.models import Channel, Delivery, DeliveryKind
from pipeline import jobs, trades
from tests.factories import (
    DeliveryFactory,
    FindingFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    ScanFactory,
    SourceFileFactory,
)

MONDAY = date(2026, 11, 23)
EIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)
TITLES = (
    "Bind the values of SQL statements in app/orders",
    "Update requests to 2.32.4",
    "Revoke the key in deploy/settings.py",
)


def use(settings, server):
    """Have the settings name a mail server."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_TIMEOUT = 10


def send(delivery, *, now=EIGHT, most=5):
    """Run a delivery as often as it asks for, at most so many times; return it as it is then."""
    for _time in range(most):
        delay = jobs.run_job(trade=trades.DELIVERIES, job_id=delivery.pk, now=now)
        if delay is None:
            break
        now += timedelta(seconds=delay)
    return Delivery.objects.get(pk=delivery.pk)


def a_scan_mail(*, count=2, address="team@acme.example", **rule):
    """Return a delivery that tells of a scan with new findings of one rule."""
    project = ProjectFactory(name="acme/shop")
    ref = RefFactory(project=project, name="refs/pull/7/merge")
    scan = ScanFactory(ref=ref, kind="diff", commit="0123456789abcdef" + "0" * 24)
    message = rule.pop("message", "User input reaches an SQL statement as text.")
    path = rule.pop("path", "app/orders.py")
    known = ReportedRuleFactory(
        **{"check_id": "python.sql-injection", "severity": Severity.CRITICAL, **rule}
    )
    file = SourceFileFactory(project=project, path=path)
    findings = [
        FindingFactory(
            project=project, ref=ref, rule=known, file=file, message=message, start_line=10 + number
        )
        for number in range(count)
    ]
    return DeliveryFactory(
        key=f"scan:{scan.pk}:mail",
        scan=scan,
        subscription__address=address,
        next_attempt_at=EIGHT,
        facts={"finding_ids": [finding.pk for finding in findings]},
    )


def tasks_of(monday, *, titles=TITLES):
    """Store a week's tasks, each with two findings of its own; the first of each is fixed."""
    project = ProjectFactory(name=f"acme/{monday:%m-%d}")
    products = (Product.SAST, Product.SCA, Product.SECRETS)
    for rank, title in enumerate(titles, start=1):
        task = RecommendedTask.objects.create(
            week=monday, rank=rank, key=f"task-{rank}", project=project, title=title,
            score=10 - rank, product=products[rank - 1],
            rationale="2 critical findings in code that handles payments; one change closes both.",
        )  # fmt: skip
        for state in ("fixed", "unresolved"):
            finding = FindingFactory(project=project, state=state)
            TaskFinding.objects.create(task=task, finding=finding)


def a_monday_mail(user, *, week=MONDAY, **facts):
    """Return the delivery of a member's Monday mail."""
    member = user.memberships.get()
    return DeliveryFactory(
        channel=Channel.MAIL, kind=DeliveryKind.MONDAY, key=f"monday:{week}:{member.pk}",
        recipient=user.email, subscription=None, member=member, next_attempt_at=EIGHT,
        facts={"week": week.isoformat(), **facts},
    )  # fmt: skip
