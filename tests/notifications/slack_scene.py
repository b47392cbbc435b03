"""Acme's Slack: a workspace at the stand-in, a subscribed channel, and findings to tell there."""

from datetime import UTC, datetime

from django.urls import reverse

from findings.models import Conclusion, ScanKind
from integrations.webhooks import endpoint_url
from notifications.models import Channel, Delivery, DeliveryKind
from pipeline import jobs
from pipeline.trades import DELIVERIES
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    ScanFactory,
    SourceFileFactory,
    VerdictFactory,
)
from tests.slack_server.rows import a_channel, a_workspace, an_account

NOW = datetime.now(tz=UTC)
CHECK_ID = "acme.python.sql-injection"
COMMIT = "a" * 40


class SlackScene:
    """Change request 7 of acme/shop; `slack` is the stand-in."""

    trade = DELIVERIES

    def __init__(self, slack, settings, project="acme/shop"):
        self.slack = slack
        settings.SLACK_URL = slack.url
        self.workspace = a_workspace(team=slack.team)
        self.subscription = a_channel(workspace=self.workspace)
        self.project = ProjectFactory(name=project, primary_branch="main")
        self.ref = RefFactory(project=self.project, name="refs/pull/7/merge")
        self.scan = ScanFactory(
            ref=self.ref, kind=ScanKind.DIFF, change_request="7", commit=COMMIT,
            started_at=NOW, ingested_at=NOW, completed_at=NOW,
        )  # fmt: skip
        self.rule = ReportedRuleFactory(
            check_id=CHECK_ID, metadata={"references": ["https://owasp.org/sql"]}
        )
        self.path = reverse(
            "notifications:slack-door", args=[endpoint_url(self.workspace.endpoint).split("/")[-1]]
        )

    def find(self, line=10, **facts):
        """Let the scan have found something."""
        file = facts.pop("file", None) or SourceFileFactory(
            project=self.project, path=facts.pop("path", f"app/db{line}.py")
        )
        finding = FindingFactory(
            project=self.project, rule=facts.pop("rule", self.rule), ref=self.ref, file=file,
            first_scan=self.scan, start_line=line, end_line=line,
            message=facts.pop("message", "User input reaches SQL."), **facts,
        )  # fmt: skip
        InstanceFactory(
            finding=finding, ref=self.ref, rule=finding.rule, file=file, start_line=line,
            end_line=line, first_scan=self.scan, last_scan=self.scan,
        )  # fmt: skip
        return finding

    def judge(self, finding, reason="The value comes from a fixed list."):
        """Let the assistant take a finding for safe."""
        return VerdictFactory(
            finding=finding, conclusion=Conclusion.FALSE_POSITIVE, reason=reason, note=True
        )

    def want(self, kind, *, finding=None, **facts):
        """Write a message down."""
        return Delivery.objects.create(
            channel=Channel.SLACK, kind=kind, key=f"{kind}:{finding.pk if finding else 1}",
            recipient="#security", subscription=self.subscription, scan=self.scan,
            finding=finding, facts=facts, next_attempt_at=NOW, created_at=NOW,
        )  # fmt: skip

    def ask(self, finding):
        """Write down, and send, the question whether a finding is safe to ignore."""
        self.judge(finding)
        delivery = self.want(DeliveryKind.VERDICT, finding=finding)
        self.run(delivery)
        return delivery

    def run(self, delivery, now=NOW):
        """Do the job as the worker does; return in how many seconds it wants another try."""
        return jobs.run_job(trade=DELIVERIES, job_id=delivery.pk, now=now)

    def link(self, person, user="U1"):
        """Let a member have said that she is somebody in Slack."""
        return an_account(workspace=self.workspace, person=person, user=user)

    def post(self, client, body, **signing):
        """Let Slack post to our door."""
        return client.post(
            self.path,
            body,
            content_type="application/x-www-form-urlencoded",
            headers=self.slack.signed(body, **signing),
        )
