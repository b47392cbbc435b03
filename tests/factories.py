"""Rows for tests; every tenant row belongs to the organization in scope."""

import uuid
import zlib

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from findings.models import (
    ChangeRequest,
    Conclusion,
    Confidence,
    Finding,
    Instance,
    Product,
    Ref,
    ReportedRule,
    Scan,
    ScanKind,
    Severity,
    SourceFile,
)
from integrations.credentials import lock_away
from integrations.models import (
    Connection,
    ConnectionKind,
    GitHubApp,
    RepositoryLink,
    SignIn,
    SlackWorkspace,
    WebhookEndpoint,
    WebhookReceipt,
)
from integrations.webhooks import make_endpoint
from memories.models import Memory, MemorySource, MemoryStage
from notifications.models import (
    CommentKind,
    CommentState,
    Delivery,
    OutgoingWebhook,
    Review,
    ReviewComment,
    Subscription,
)
from remediation.models import FixAttempt, FixRequest, FixStatus, Guidance, RemedyOrigin
from rules.models import (
    Mode,
    Policy,
    PolicyRule,
    PolicyRuleset,
    Rule,
    RuleDraft,
    RuleImport,
    Ruleset,
    RulesetRule,
    RuleTrial,
    RuleVersion,
)
from tenants.models import Membership, Organization, Project, Role, User
from triage.models import Origin, Verdict

PASSWORD = "correct horse battery staple"


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    slug = factory.Sequence(lambda n: f"organization-{n}")
    name = factory.LazyAttribute(lambda o: o.slug.title())


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"Person {n}")

    @factory.post_generation
    def password(self, create, extracted, **kwargs):
        self.set_password(extracted or PASSWORD)
        self.save(update_fields=["password"])


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.MEMBER


class ProjectFactory(DjangoModelFactory):
    class Meta:
        model = Project

    name = factory.Sequence(lambda n: f"acme/shop-{n}")
    primary_branch = "main"


class RuleFactory(DjangoModelFactory):
    class Meta:
        model = Rule

    path = factory.Sequence(lambda n: f"acme.rule-{n}")
    definition = factory.LazyAttribute(
        lambda o: {
            "id": o.path,
            "languages": ["python"],
            "severity": "ERROR",
            "message": "eval is called",
            "pattern": "eval(...)",
        }
    )
    content_hash = factory.LazyAttribute(lambda o: f"{abs(hash(o.path)):064x}")
    languages = ["python"]
    severity = "ERROR"


class PolicyFactory(DjangoModelFactory):
    class Meta:
        model = Policy

    name = factory.Sequence(lambda n: f"Policy {n}")
    slug = factory.Sequence(lambda n: f"policy-{n}")


class PolicyRuleFactory(DjangoModelFactory):
    class Meta:
        model = PolicyRule

    policy = factory.SubFactory(PolicyFactory)
    rule = factory.SubFactory(RuleFactory)
    mode = Mode.MONITOR


class RuleVersionFactory(DjangoModelFactory):
    class Meta:
        model = RuleVersion

    rule = factory.SubFactory(RuleFactory)
    number = 1
    definition = factory.SelfAttribute("rule.definition")
    author_label = "Ada"
    door = "page"


class RulesetFactory(DjangoModelFactory):
    class Meta:
        model = Ruleset

    name = factory.Sequence(lambda n: f"Ruleset {n}")
    slug = factory.Sequence(lambda n: f"ruleset-{n}")


class RulesetRuleFactory(DjangoModelFactory):
    class Meta:
        model = RulesetRule

    ruleset = factory.SubFactory(RulesetFactory)
    rule = factory.SubFactory(RuleFactory)


class PolicyRulesetFactory(DjangoModelFactory):
    class Meta:
        model = PolicyRuleset

    policy = factory.SubFactory(PolicyFactory)
    ruleset = factory.SubFactory(RulesetFactory)
    mode = Mode.MONITOR


class RuleTrialFactory(DjangoModelFactory):
    class Meta:
        model = RuleTrial

    person = factory.SubFactory(UserFactory)
    text = "rules: []"


class RuleDraftFactory(DjangoModelFactory):
    class Meta:
        model = RuleDraft

    person = factory.SubFactory(UserFactory)
    language = "python"
    prompt = "Find eval of what users send."


class RuleImportFactory(DjangoModelFactory):
    class Meta:
        model = RuleImport

    person = factory.SubFactory(UserFactory)
    person_label = "Ada"
    name = "rules.zip"
    ruleset_name = "Ours"


class ConnectionFactory(DjangoModelFactory):
    class Meta:
        model = Connection

    kind = ConnectionKind.LOCAL_GIT
    name = factory.Sequence(lambda n: f"connection {n}")


class RepositoryLinkFactory(DjangoModelFactory):
    class Meta:
        model = RepositoryLink

    project = factory.SubFactory(ProjectFactory)
    connection = factory.SubFactory(ConnectionFactory)
    location = "/nowhere"


class GitHubAppFactory(DjangoModelFactory):
    class Meta:
        model = GitHubApp

    app_id = factory.Sequence(lambda n: 1000 + n)
    slug = factory.Sequence(lambda n: f"assay-{n}")
    name = factory.LazyAttribute(lambda o: o.slug.title())
    base_url = "https://github.com"
    encrypted_credentials = factory.LazyFunction(lambda: lock_away({"private_key": "a-key"}))


class AppConnectionFactory(ConnectionFactory):
    """An installation of a GitHub App."""

    kind = ConnectionKind.GITHUB
    name = factory.SelfAttribute("account")
    account = factory.Sequence(lambda n: f"account-{n}")
    sign_in = SignIn.APP
    base_url = "https://github.com"
    app = factory.SubFactory(GitHubAppFactory)
    installation_id = factory.Sequence(lambda n: 500 + n)


class WebhookEndpointFactory(DjangoModelFactory):
    """Made as the platform does it, with a key and a secret; of a GitHub App by default."""

    class Meta:
        model = WebhookEndpoint

    kind = ConnectionKind.GITHUB
    app = factory.Maybe(
        factory.LazyAttribute(lambda o: o.kind == ConnectionKind.GITHUB),
        factory.SubFactory(GitHubAppFactory),
        None,
    )

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return make_endpoint(**kwargs)


class WebhookReceiptFactory(DjangoModelFactory):
    class Meta:
        model = WebhookReceipt

    endpoint = factory.SubFactory(WebhookEndpointFactory)
    event = "issue_comment"
    body = factory.LazyFunction(lambda: zlib.compress(b"{}"))
    sha256 = factory.Sequence(lambda n: f"{n:064x}")


class RefFactory(DjangoModelFactory):
    class Meta:
        model = Ref

    project = factory.SubFactory(ProjectFactory)
    name = "main"


class ScanFactory(DjangoModelFactory):
    class Meta:
        model = Scan

    ref = factory.SubFactory(RefFactory)
    project = factory.SelfAttribute("ref.project")
    unique_id = factory.LazyFunction(uuid.uuid4)
    kind = ScanKind.FULL
    commit = "a" * 40
    products = ["sast"]


class ReportedRuleFactory(DjangoModelFactory):
    class Meta:
        model = ReportedRule

    check_id = factory.Sequence(lambda n: f"acme.python.rule-{n}")
    content_hash = factory.Sequence(lambda n: f"{n:064x}")
    severity = Severity.HIGH
    category = "security"
    metadata = {"category": "security", "cwe": ["CWE-89: SQL Injection"]}


class SourceFileFactory(DjangoModelFactory):
    class Meta:
        model = SourceFile

    project = factory.SubFactory(ProjectFactory)
    path = factory.Sequence(lambda n: f"app/file_{n}.py")


class FindingFactory(DjangoModelFactory):
    class Meta:
        model = Finding

    project = factory.SubFactory(ProjectFactory)
    rule = factory.SubFactory(ReportedRuleFactory)
    file = factory.SubFactory(SourceFileFactory, project=factory.SelfAttribute("..project"))
    ref = factory.LazyAttribute(
        lambda o: (
            Ref.objects.filter(project=o.project, name="main").first()
            or RefFactory(project=o.project)
        )
    )
    product = Product.SAST
    severity = factory.SelfAttribute("rule.severity")
    message = "User input reaches an SQL statement."
    match_based_id = factory.Sequence(lambda n: f"{n:0128x}_0")
    syntactic_id = factory.Sequence(lambda n: f"{n:032x}")
    code_hash = factory.Sequence(lambda n: f"{n:064x}")
    start_line = 10
    start_column = 5
    end_line = 10
    end_column = 30
    relevant_since = factory.LazyFunction(timezone.now)
    first_scan = None
    is_on_primary = factory.LazyAttribute(lambda o: o.ref.name == o.project.primary_branch)
    is_found_early = factory.LazyAttribute(
        lambda o: o.first_scan is not None and o.first_scan.kind == ScanKind.DIFF
    )


class InstanceFactory(DjangoModelFactory):
    class Meta:
        model = Instance

    finding = factory.SubFactory(FindingFactory)
    ref = factory.SelfAttribute("finding.ref")
    rule = factory.SelfAttribute("finding.rule")
    file = factory.SelfAttribute("finding.file")
    state = factory.SelfAttribute("finding.state")
    match_based_id = factory.SelfAttribute("finding.match_based_id")
    syntactic_id = factory.SelfAttribute("finding.syntactic_id")
    code_hash = factory.SelfAttribute("finding.code_hash")
    start_line = factory.SelfAttribute("finding.start_line")
    start_column = factory.SelfAttribute("finding.start_column")
    end_line = factory.SelfAttribute("finding.end_line")
    end_column = factory.SelfAttribute("finding.end_column")
    relevant_since = factory.SelfAttribute("finding.relevant_since")
    last_scan = factory.SubFactory(ScanFactory, ref=factory.SelfAttribute("..ref"))


class VerdictFactory(DjangoModelFactory):
    class Meta:
        model = Verdict
        skip_postgeneration_save = True

    finding = factory.SubFactory(FindingFactory)
    conclusion = Conclusion.NEEDS_REVIEW
    proposed = factory.SelfAttribute("conclusion")
    confidence_ratio = 0.8
    reason = "The value comes from a fixed list."
    origin = Origin.RULE_OF_THUMB
    input_hash = factory.Sequence(lambda n: f"{n:064x}")

    @factory.post_generation
    def note(self, create, extracted, **kwargs):
        Finding.objects.filter(id=self.finding_id).update(verdict=self.conclusion)


class GuidanceFactory(DjangoModelFactory):
    class Meta:
        model = Guidance

    finding = factory.SubFactory(FindingFactory)
    summary = "Bind the value as a parameter."
    instructions = "1. Put a `?` where the value stands.\n2. Pass the value to `execute`."
    origin = RemedyOrigin.MODEL
    input_hash = factory.Sequence(lambda n: f"{n:064x}")
    commit = "a" * 40


class FixAttemptFactory(DjangoModelFactory):
    """A fix that was proven; `edits` fit nothing until a test says what they change."""

    class Meta:
        model = FixAttempt

    finding = factory.SubFactory(FindingFactory)
    origin = RemedyOrigin.MODEL
    status = FixStatus.PROVEN
    path = factory.SelfAttribute("finding.file.path")
    commit = "a" * 40
    content_hash = "b" * 64
    edits = [{"search": "old", "replace": "new", "start_line": 10, "end_line": 10}]
    proposed_confidence = Confidence.HIGH
    confidence = Confidence.HIGH
    checks = [{"name": "applies", "ok": True, "detail": ""}]
    proven_at = factory.LazyFunction(timezone.now)


class FixRequestFactory(DjangoModelFactory):
    class Meta:
        model = FixRequest

    fix = factory.SubFactory(FixAttemptFactory)
    finding = factory.SelfAttribute("fix.finding")
    branch = factory.LazyAttribute(lambda o: f"assay/fix-{o.finding.id}-{o.fix.id}")
    base_ref = "main"
    requested_by_label = "Mel"


class MemoryFactory(DjangoModelFactory):
    class Meta:
        model = Memory

    text = factory.Sequence(lambda n: f"names.clean{n}() escapes for the shell.")
    contexts = ["triage", "guidance"]
    stage = MemoryStage.LIVE
    source = MemorySource.FORM
    door = "page"


class ChangeRequestFactory(DjangoModelFactory):
    class Meta:
        model = ChangeRequest

    project = factory.SubFactory(ProjectFactory)
    number = factory.Sequence(lambda n: n + 1)
    title = "Add a search"
    author = "dana"
    url = factory.LazyAttribute(lambda o: f"https://code.example/acme/shop/pull/{o.number}")
    head_ref = "feature"
    base_ref = "main"


class ReviewFactory(DjangoModelFactory):
    class Meta:
        model = Review

    change_request = factory.SubFactory(ChangeRequestFactory)


class ReviewCommentFactory(DjangoModelFactory):
    """A comment on a finding that was posted at its line."""

    class Meta:
        model = ReviewComment

    review = factory.SubFactory(ReviewFactory)
    finding = factory.SubFactory(
        FindingFactory, project=factory.SelfAttribute("..review.change_request.project")
    )
    kind = CommentKind.FINDING
    key = factory.LazyAttribute(lambda o: f"finding-{o.finding.id}")
    check_id = factory.SelfAttribute("finding.rule.check_id")
    state = CommentState.POSTED
    external_id = factory.Sequence(lambda n: str(500 + n))
    thread_id = factory.SelfAttribute("external_id")
    posted_at = factory.LazyFunction(timezone.now)


class SlackWorkspaceFactory(DjangoModelFactory):
    class Meta:
        model = SlackWorkspace

    team_id = factory.Sequence(lambda n: f"T{n:04}")
    name = factory.Sequence(lambda n: f"Acme {n}")
    encrypted_credentials = factory.LazyFunction(lambda: lock_away({"bot_token": "a-token"}))


class SubscriptionFactory(DjangoModelFactory):
    """A mail address that wants to hear of all scans."""

    class Meta:
        model = Subscription

    channel = "mail"
    address = factory.Sequence(lambda n: f"team-{n}@acme.example")


class DeliveryFactory(DjangoModelFactory):
    """A mail about a scan that waits to be sent."""

    class Meta:
        model = Delivery

    channel = "mail"
    kind = "scan"
    subscription = factory.SubFactory(SubscriptionFactory)
    recipient = factory.SelfAttribute("subscription.address")
    key = factory.Sequence(lambda n: f"scan:{n}")


class OutgoingWebhookFactory(DjangoModelFactory):
    class Meta:
        model = OutgoingWebhook

    name = factory.Sequence(lambda n: f"Tickets {n}")
    url = "https://hooks.acme.example/findings"


class WebhookCallFactory(DjangoModelFactory):
    """A test of a webhook that waits to be sent."""

    class Meta:
        model = Delivery

    channel = "webhook"
    kind = "test"
    webhook = factory.SubFactory(OutgoingWebhookFactory)
    recipient = factory.SelfAttribute("webhook.name")
    key = factory.Sequence(lambda n: f"test:webhook:{n}")
