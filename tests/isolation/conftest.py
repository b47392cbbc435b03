"""Acme's rows, one of each kind, and the proof that nobody touched them."""

import uuid
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.utils import timezone

from findings.models import Activity, ReportFormat, ScanProblem, Upload
from insights.models import TaskChoice
from integrations.models import WebhookEndpoint
from integrations.webhooks import endpoint_url
from llm.models import AssistantSettings, ModelCall
from memories.models import Memory, MemoryUse
from notifications.models import ReviewCommand, ReviewSettings, ToldScan
from pipeline.models import Stage, StageRun
from remediation.models import FixAttempt, FixFeedback, Guidance, GuidanceFeedback
from tenants.audit import Actor
from tenants.models import Role, TenantModel, TokenKind
from tenants.scope import organization_scope
from tenants.tokens import create_token
from tests.factories import (
    AppConnectionFactory,
    ChangeRequestFactory,
    DeliveryFactory,
    FixRequestFactory,
    InstanceFactory,
    MembershipFactory,
    OrganizationFactory,
    PolicyFactory,
    PolicyRuleFactory,
    PolicyRulesetFactory,
    ProjectFactory,
    ReportedRuleFactory,
    RepositoryLinkFactory,
    ReviewCommentFactory,
    ReviewFactory,
    RuleDraftFactory,
    RuleFactory,
    RuleImportFactory,
    RulesetFactory,
    RulesetRuleFactory,
    RuleTrialFactory,
    RuleVersionFactory,
    ScanFactory,
    SourceFileFactory,
    UserFactory,
    WebhookCallFactory,
    WebhookEndpointFactory,
    WebhookReceiptFactory,
)
from tests.slack_server.rows import a_workspace, an_account
from triage.models import (
    AnalysisRequest,
    ComponentTag,
    EvaluationRun,
    Feedback,
    MemoryPreview,
    Verdict,
)

MARK = "seen-by-acme-alone"
# As the recorded events of GitHub have them.
REPOSITORY_ID = 186853002
INSTALLATION_ID = 1


@pytest.fixture
def acmes(db):
    """The ids of Acme's rows. Its scope is closed again: the caller's own scope must do."""
    organization = OrganizationFactory(slug="acme", name=f"Acme {MARK}")
    with organization_scope(organization.id):
        return _rows(organization)


def _rows(organization):
    ada = UserFactory(email="ada@acme.example", name=f"Ada {MARK}")
    MembershipFactory(user=ada, role=Role.ADMIN)
    token = create_token(actor=Actor.person(ada), kind=TokenKind.CI, name=f"CI {MARK}").token
    policy = PolicyFactory(slug=f"policy-{MARK}", name=MARK)
    rule = PolicyRuleFactory(policy=policy, rule=RuleFactory(path=f"rule.{MARK}")).rule
    version = RuleVersionFactory(rule=rule, text=MARK, note=MARK)
    ruleset = RulesetFactory(slug=f"ruleset-{MARK}", name=MARK)
    RulesetRuleFactory(ruleset=ruleset, rule=rule)
    PolicyRulesetFactory(policy=policy, ruleset=ruleset)
    trial = RuleTrialFactory(person=ada, text=MARK, result={"note": MARK})
    draft = RuleDraftFactory(person=ada, prompt=MARK)
    rule_import = RuleImportFactory(person=ada, name=MARK, report={"note": MARK})
    project = ProjectFactory(name=f"acme/{MARK}")
    connection = AppConnectionFactory(account=MARK, app__name=MARK, installation_id=INSTALLATION_ID)
    RepositoryLinkFactory(
        project=project,
        connection=connection,
        location=project.name,
        external_id=str(REPOSITORY_ID),
    )
    endpoint = WebhookEndpointFactory(app=connection.app)
    # A refusal is noted at the endpoint, at most once a minute: not in these tests.
    WebhookEndpoint.objects.update(last_refused_at=timezone.now())
    receipt = WebhookReceiptFactory(endpoint=endpoint, delivery_id=MARK, body=b"x")
    scan = ScanFactory(ref__project=project, unique_id=uuid.uuid4(), meta={"mark": MARK})
    instance = InstanceFactory(
        finding__project=project,
        finding__message=MARK,
        finding__rule=ReportedRuleFactory(check_id=f"rule.{MARK}"),
        finding__file=SourceFileFactory(project=project, path=f"app/{MARK}.py"),
        last_scan=scan,
    )
    finding = instance.finding
    upload = Upload.objects.create(
        scan=scan, format=ReportFormat.SEMGREP_CI, body=b"x", sha256="a" * 64, size_bytes=1
    )
    ScanProblem.objects.create(scan=scan, unique_id=scan.unique_id, kind="engine_error")
    ScanProblem.objects.create(unique_id=uuid.uuid4(), kind="client_failure", detail=MARK)
    run = StageRun.objects.create(scan=scan, finding=finding, stage=Stage.JUDGE)
    verdict = Verdict.objects.create(
        finding=finding,
        conclusion="false_positive",
        proposed="false_positive",
        confidence_ratio=0.9,
        reason=MARK,
        origin="model",
        input_hash="a" * 64,
    )
    Feedback.objects.create(verdict=verdict, rating="good", note=MARK, actor=ada, door="page")
    ComponentTag.objects.create(
        file=finding.file, content_hash="b" * 64, tag="auth", risk="high", origin="model"
    )
    Activity.objects.create(finding=finding, kind="NOTE", title=MARK, note=MARK)
    call = ModelCall.objects.create(
        purpose="judge",
        provider="openai",
        model=MARK,
        prompt_version="c" * 64,
        duration_ms=1,
        outcome="answered",
        expires_at=timezone.now(),
    )
    AssistantSettings.objects.create(model=MARK)
    memory = Memory.objects.create(
        text=MARK, contexts=["triage"], stage="suggested", source="form", author=ada, door="page"
    )
    MemoryUse.objects.create(memory=memory, finding=finding, purpose="verdict")
    guidance = Guidance.objects.create(
        finding=finding, summary=MARK, instructions=MARK, origin="model", model_call=call
    )
    GuidanceFeedback.objects.create(guidance=guidance, rating="bad", note=MARK, door="page")
    fix = FixAttempt.objects.create(
        finding=finding,
        guidance=guidance,
        origin="model",
        status="proven",
        reason="ok",
        path=finding.file.path,
        content_hash="d" * 64,
        edits=[{"search": MARK, "replace": "", "start_line": 1, "end_line": 1}],
        proposed_confidence=3,
        confidence=3,
    )
    fix_request = FixRequestFactory(fix=fix, finding=finding, requested_by=ada, error=MARK)
    FixFeedback.objects.create(fix=fix, rating="good", note=MARK, actor=ada, door="page")
    request = AnalysisRequest.objects.create(finding_ids=[finding.id], wanted=["judge"])
    preview = MemoryPreview.objects.create(memory=memory, memory_text=MARK)
    evaluation = EvaluationRun.objects.create(name=MARK, prompt="judge.md")
    change_request = _conversation(finding)
    delivery = DeliveryFactory(
        facts={"note": MARK}, subscription__address=f"{MARK}@acme.example", scan=scan
    )
    ToldScan.objects.create(scan=scan)
    workspace = a_workspace(subscribe_command="/mark")
    # As above: a refusal is not noted in these tests.
    WebhookEndpoint.objects.update(last_refused_at=timezone.now())
    call_of_webhook = WebhookCallFactory(webhook__name=MARK, webhook__url=f"https://{MARK}.example")
    return SimpleNamespace(
        organization_id=organization.id,
        slug=organization.slug,
        finding_id=finding.id,
        instance_id=instance.id,
        scan_id=scan.id,
        unique_id=scan.unique_id,
        token_id=token.id,
        upload_id=upload.id,
        stage_run_id=run.id,
        policy_id=policy.id,
        policy_slug=policy.slug,
        rule_id=rule.id,
        version_number=version.number,
        ruleset_slug=ruleset.slug,
        trial_id=trial.id,
        draft_id=draft.id,
        rule_import_id=rule_import.id,
        rule_path=rule.path,
        memory_id=memory.id,
        guidance_id=guidance.id,
        fix_id=fix.id,
        call_id=call.id,
        request_id=request.id,
        preview_id=preview.id,
        evaluation_id=evaluation.id,
        change_request_id=change_request.id,
        review_id=change_request.review.id,
        connection_id=connection.id,
        choice_id=TaskChoice.objects.create().id,
        app_id=connection.app_id,
        project_id=project.id,
        webhook_key=endpoint_url(endpoint).rpartition("/")[2],
        receipt_id=receipt.id,
        webhook_id=call_of_webhook.webhook_id,
        call_of_webhook=call_of_webhook.id,
        fix_request_id=fix_request.id,
        delivery_id=delivery.id,
        subscription_id=delivery.subscription_id,
        workspace_id=workspace.id,
        slack_account_id=an_account(workspace=workspace, person=ada).id,
        slack_key=endpoint_url(workspace.endpoint).rpartition("/")[2],
    )


def _conversation(finding):
    """Return a change request with a comment on the finding, and a command that was refused."""
    ReviewSettings.objects.create(command_prefix=f"/{MARK}")
    change_request = ChangeRequestFactory(project=finding.project, title=MARK, author=MARK)
    comment = ReviewCommentFactory(
        review=ReviewFactory(change_request=change_request, obstacle=MARK),
        finding=finding,
        url=f"https://code.example/{MARK}",
        path=f"app/{MARK}.py",
        start_line=10,
        end_line=10,
    )
    ReviewCommand.objects.create(
        change_request=change_request,
        comment=comment,
        external_id="1",
        text_hash="a" * 64,
        author=MARK,
        verb="fp",
        state="refused",
        answer=MARK,
    )
    return change_request


@pytest.fixture
def untouched(acmes):
    """Fail when any row of Acme differs after the test from what it was before."""
    before = contents(acmes)
    yield
    assert contents(acmes) == before


def contents(acmes):
    """Return all rows of Acme, by model."""
    with organization_scope(acmes.organization_id):
        return {
            model._meta.label: [
                tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
                for row in model.objects.order_by("pk").values_list()
            ]
            for model in apps.get_models()
            if issubclass(model, TenantModel)
        }


@pytest.fixture
def rival_tokens(rival):
    """Rival's own tokens, both good."""
    with organization_scope(rival.id):
        return {
            kind: create_token(actor=Actor.platform(), kind=kind, name=f"Rival's {kind}").text
            for kind in TokenKind
        }
