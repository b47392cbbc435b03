"""All that a comment says is gathered from the rows, in as many queries for one as for many."""

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from findings.models import (
    STATUS_EXPRESSION,
    Conclusion,
    Finding,
    Instance,
    State,
    Status,
    TriageReason,
    TriageState,
)
from findings.triage_states import TriageChange, triage_findings
from llm.models import AssistantSettings, ModelCall
from notifications.facts import Decision, Step
from notifications.notices import gather_notices
from notifications.standing import status_of
from pipeline.models import Stage, StageRun
from rules.models import Mode
from tenants.audit import Actor
from tenants.models import Door
from tests.factories import (
    ChangeRequestFactory,
    FixAttemptFactory,
    GuidanceFactory,
    RefFactory,
    ScanFactory,
    VerdictFactory,
)
from tests.notifications.scene import HEAD, NOW, RULE, Scene
from triage.models import AnalysisRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(acme, monkeypatch):
    return Scene(monkeypatch)


def notice_of(scene, finding):
    found = gather_notices(change_request=scene.change_request, finding_ids=[finding.pk])
    return found[finding.pk]


def a_call(**fields):
    return ModelCall.objects.create(
        purpose="judge",
        prompt_version="c" * 64,
        duration_ms=1,
        outcome="answered",
        expires_at=NOW,
        model="m",
        **fields,
    )


def test_a_notice_holds_what_the_scan_said(scene, settings):
    settings.PUBLIC_URL = "https://assistant.example"
    finding = scene.find(12, end_line=14, path="app/db.py")
    trace = [{"role": "source", "path": "app/web.py", "line": 3, "column": 1}]
    Instance.objects.update(trace=trace)

    notice = notice_of(scene, finding)

    assert (notice.path, notice.start_line, notice.end_line) == ("app/db.py", 12, 14)
    assert (notice.title, notice.check_id, notice.commit) == ("SQL injection", RULE, HEAD)
    assert (notice.mode, notice.status) == (Mode.COMMENT, Status.OPEN)
    assert notice.trace == (Step(role="source", path="app/web.py", line=3),)
    assert notice.url == f"https://assistant.example/orgs/acme/findings/{finding.pk}"
    assert notice.list_url == (
        "https://assistant.example/orgs/acme/findings?repo=acme%2Fshop"
        f"&ref=refs%2Fpull%2F7%2Fmerge&rule={RULE}"
    )
    assert (notice.verdict, notice.guidance, notice.fix) == (None, None, None)
    assert notice.decision == Decision()


def test_a_finding_of_another_change_request_is_left_out(scene):
    finding = scene.find()
    other = ChangeRequestFactory(project=scene.project, number=8)

    assert gather_notices(change_request=other, finding_ids=[finding.pk]) == {}


def test_many_notices_take_as_many_queries_as_one(scene):
    findings = [scene.find(line, path=f"app/{line}.py", rule=f"r.{line}") for line in range(1, 9)]
    for finding in findings:
        VerdictFactory(finding=finding, conclusion=Conclusion.TRUE_POSITIVE)
        FixAttemptFactory(finding=finding, guidance=GuidanceFactory(finding=finding))
    triage_findings(
        finding_ids=[findings[0].pk],
        change=TriageChange(state=TriageState.IGNORED),
        actor=Actor.platform(),
        now=NOW,
    )

    def queries(ids):
        fresh = type(scene.change_request).objects.get(pk=scene.change_request.pk)
        with CaptureQueriesContext(connection) as taken:
            gather_notices(change_request=fresh, finding_ids=ids)
        return len(taken)

    assert queries([one.pk for one in findings]) == queries([findings[1].pk]) == 11


def test_what_the_newest_scan_does_not_report_counts_as_fixed(scene):
    gone, stays = scene.find(5), scene.find(6)
    scene.start_scan(commit="b" * 40)
    scene.find_again(stays)

    assert notice_of(scene, gone).status == Status.FIXED
    assert notice_of(scene, stays).status == Status.OPEN
    assert Finding.objects.get(pk=gone.pk).status == Status.OPEN


def test_a_rule_that_is_off_or_a_file_that_was_skipped_proves_nothing_fixed(scene):
    skipped, off = scene.find(5, path="app/big.py"), scene.find(6, rule="r.off")
    scene.start_scan(skipped_paths=["app/big.py"])

    assert notice_of(scene, skipped).status == Status.OPEN
    assert notice_of(scene, off).status == Status.REMOVED


def test_a_scan_that_broke_off_says_nothing(scene):
    finding = scene.find()
    scene.start_scan(status="error")

    assert notice_of(scene, finding).status == Status.OPEN


def test_of_two_refs_the_one_of_the_newest_scan_counts(scene):
    finding = scene.find(5)
    ref = RefFactory(project=scene.project, name="feature")
    scan = scene.start_scan(ref=ref)
    Instance.objects.create(
        finding=finding, ref=ref, rule=finding.rule, file=finding.file, start_line=9,
        start_column=1, end_line=9, end_column=2, relevant_since=NOW, last_scan=scan,
    )  # fmt: skip

    notice = notice_of(scene, finding)

    assert (notice.start_line, notice.status) == (9, Status.OPEN)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("triage_state", TriageState)
def test_a_status_is_derived_as_the_database_does(scene, state, triage_state):
    finding = scene.find()
    Finding.objects.filter(pk=finding.pk).update(triage_state=triage_state)
    Instance.objects.update(state=state)
    derived = Instance.objects.annotate(
        triage_state=F("finding__triage_state"), status=STATUS_EXPRESSION
    ).get()

    assert status_of(state, triage_state) == derived.status
    assert notice_of(scene, finding).status == derived.status


def test_who_ignored_it_is_named_and_never_by_address(scene, mel):
    finding = scene.find()

    def ignore(actor):
        change = TriageChange(
            state=TriageState.IGNORED, reason=TriageReason.ACCEPTABLE_RISK, note="Nightly only."
        )
        triage_findings(finding_ids=[finding.pk], change=change, actor=actor, now=NOW)
        return notice_of(scene, finding).decision

    assert ignore(Actor.person(mel)) == Decision(
        who="Mel", reason=TriageReason.ACCEPTABLE_RISK, note="Nightly only."
    )
    mel.name = ""
    mel.save()
    assert ignore(Actor.person(mel)).who == "a member of the organization"
    assert ignore(Actor(door=Door.PAGE, label="eve@rival.example")).who == (
        "a member of the organization"
    )
    assert ignore(Actor(door=Door.PAGE, label="@eve (GitHub)")).who == "@eve (GitHub)"


def test_a_comment_in_the_code_mutes(scene):
    finding = scene.find()
    Instance.objects.update(state=State.MUTED)

    notice = notice_of(scene, finding)

    assert (notice.status, notice.decision) == (Status.IGNORED, Decision(is_in_code=True))


def test_a_verdict_comes_with_the_quotes_that_were_found(scene):
    finding = scene.find()
    VerdictFactory(
        finding=finding,
        conclusion=Conclusion.FALSE_POSITIVE,
        memory_ids=[4],
        quotes=[{"text": "x = 1", "is_supported": True}, {"text": "# safe", "is_supported": False}],
    )

    notice = notice_of(scene, finding)

    assert notice.verdict.quotes == ("x = 1",)
    assert (notice.verdict.is_by_model, notice.verdict.memory_ids) == (False, (4,))
    assert notice.is_maybe_safe


@pytest.mark.parametrize(
    ("origin", "provider", "is_by_model"),
    [
        ("model", "openai", True),
        ("rule_of_thumb", None, False),
        ("reused", "openai", True),
        ("reused", "offline", False),
        ("reused", None, False),
        ("platform", None, False),
    ],
)
def test_a_rule_of_thumb_is_never_called_a_model(scene, origin, provider, is_by_model):
    finding = scene.find()
    call = a_call(provider=provider) if provider else None
    VerdictFactory(finding=finding, origin=origin, model_call=call)

    assert notice_of(scene, finding).verdict.is_by_model is is_by_model


def test_an_organization_may_keep_verdicts_out_of_comments(scene):
    finding = scene.find()
    VerdictFactory(finding=finding, conclusion=Conclusion.FALSE_POSITIVE)
    AssistantSettings.objects.create(judges_in_comments=False)

    assert not notice_of(scene, finding).is_maybe_safe


def test_only_a_proven_fix_of_a_true_positive_is_told(scene):
    real, refused, doubted = scene.find(1), scene.find(2), scene.find(3)
    for finding, conclusion in (
        (real, Conclusion.TRUE_POSITIVE),
        (refused, Conclusion.TRUE_POSITIVE),
        (doubted, Conclusion.NEEDS_REVIEW),
    ):
        VerdictFactory(finding=finding, conclusion=conclusion)
        status = "refused" if finding is refused else "proven"
        edit = {"search": "a", "replace": "b", "suggestion": "b"}
        FixAttemptFactory(finding=finding, status=status, reason="ok", edits=[edit])

    fix = notice_of(scene, real).fix

    assert (fix.replacement, fix.edits, fix.confidence) == ("b", (("a", "b"),), "High")
    assert notice_of(scene, refused).fix is None
    assert notice_of(scene, doubted).fix is None


def test_work_under_way_is_told(scene):
    staged, asked, idle = scene.find(1), scene.find(2), scene.find(3)
    StageRun.objects.create(scan=scene.scan, finding=staged, stage=Stage.JUDGE)
    AnalysisRequest.objects.create(finding_ids=[asked.pk], wanted=["judge"])

    assert notice_of(scene, staged).is_being_analyzed
    assert notice_of(scene, asked).is_being_analyzed
    assert not notice_of(scene, idle).is_being_analyzed


def test_the_mode_is_that_of_the_newest_scan_which_knows_the_rule(scene):
    finding = scene.find()
    scene.start_scan(served_modes={RULE: "block"})

    assert notice_of(scene, finding).mode == Mode.BLOCK
    ScanFactory(ref=scene.ref)
    scene.start_scan(served_modes={})
    assert notice_of(scene, finding).mode == Mode.COMMENT
