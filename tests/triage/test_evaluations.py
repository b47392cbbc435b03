"""Measuring a judge on what people decided, in slices."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import InvalidInputError
from findings.models import Conclusion, Finding, TriageReason, TriageState
from integrations.services import connect_local
from llm.models import AssistantSettings, ModelCall, Outcome
from llm.providers.base import ProviderError, Retry
from memories.models import Memory
from tenants.audit import Actor
from tenants.models import AuditEvent, Door
from tenants.scope import organization_scope
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
from tests.integrations.repositories import commit_files, make_repository
from tests.triage.builders import an_answer, quotes
from triage.evaluations import (
    LEASE,
    MOST_UNDER_WAY,
    SLICE_SIZE,
    request_evaluation,
    run_evaluation,
    waiting_evaluations,
)
from triage.known_answers import known_answers
from triage.models import AnalysisStatus, EvaluationRun, Feedback, Rating, Verdict
from triage.prompt_files import find_prompt, judge_prompts

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CODE = """\
import os

def run(request):
    name = request.args["name"]
    os.system("ls " + name)
"""
DOUBT = an_answer(verdict="needs_review", confidence=0.3)
REAL = an_answer(
    verdict="true_positive", confidence=0.9, quotes=quotes('name = request.args["name"]')
)


@pytest.fixture
def findings(acme, ada, tmp_path, settings):
    """Return a function that makes findings in real code, with Ada's answer to each."""
    settings.ALLOW_LOCAL_REPOSITORIES = True
    settings.ASSISTANT_PROVIDER = "offline"
    project = ProjectFactory(name="acme/shop")
    folder = tmp_path / "shop"
    make_repository(folder, {"README": "shop\n"})
    connect_local(project=project, path=folder, actor=Actor.platform())
    commit = commit_files(folder, {"app.py": CODE})
    file = SourceFileFactory(project=project, path="app.py")
    rule = ReportedRuleFactory(check_id="acme.command", metadata={"cwe": ["CWE-78: command"]})
    ref = RefFactory(project=project)
    scan = ScanFactory(ref=ref, commit=commit)

    def make(number=1, *, line=5, rating=Rating.GOOD, conclusion=Conclusion.TRUE_POSITIVE):
        made = []
        for _ in range(number):
            finding = FindingFactory(
                project=project, rule=rule, file=file, ref=ref, start_line=line, end_line=line,
                start_column=5, end_column=28,
            )  # fmt: skip
            InstanceFactory(finding=finding, last_scan=scan)
            opine(finding, rating, actor=ada, conclusion=conclusion)
            made.append(finding)
        return made

    return make


def opine(finding, rating, *, actor=None, conclusion=Conclusion.TRUE_POSITIVE, at=NOW):
    verdict = VerdictFactory(finding=finding, conclusion=conclusion, created_at=at)
    return Feedback.objects.create(
        verdict=verdict, rating=rating, actor=actor, door=Door.PAGE, created_at=at
    )


@pytest.fixture(autouse=True)
def allowed(settings):
    settings.ASSISTANT_OTHER_MODELS = ["m", "other-model"]


def ask_for(*, model="", prompt_name="judge.md", most=50, actor=None):
    return request_evaluation(
        name="", model=model, prompt_name=prompt_name, most=most,
        actor=actor or Actor.platform(), now=NOW,
    )  # fmt: skip


def run_to_the_end(run):
    while run_evaluation(evaluation_id=run.id, now=NOW):
        """Each call judges one slice."""
    run.refresh_from_db()
    return run


def labels():
    return {one.finding_id: one.label.value for one in known_answers()}


@pytest.mark.parametrize(
    ("conclusion", "rating", "label"),
    [
        ("true_positive", "good", "true_positive"),
        ("true_positive", "bad", "false_positive"),
        ("false_positive", "good", "false_positive"),
        ("false_positive", "bad", "true_positive"),
    ],
)
def test_an_opinion_of_a_decided_verdict_is_an_answer(acme, conclusion, rating, label):
    finding = FindingFactory()
    opine(finding, rating, conclusion=conclusion)

    assert labels() == {finding.id: label}


def test_an_opinion_of_doubt_is_no_answer(acme):
    opine(FindingFactory(), Rating.BAD, conclusion=Conclusion.NEEDS_REVIEW)

    assert labels() == {}


@pytest.mark.parametrize(
    ("state", "reason", "label"),
    [
        (TriageState.IGNORED, TriageReason.FALSE_POSITIVE, "false_positive"),
        (TriageState.FIXING, "", "true_positive"),
        (TriageState.REOPENED, "", "true_positive"),
    ],
)
def test_a_persons_triage_is_an_answer(acme, ada, state, reason, label):
    finding = FindingFactory(
        triage_state=state, triage_reason=reason, triaged_by=ada, triaged_at=NOW
    )

    assert labels() == {finding.id: label}


def test_what_says_nothing_of_the_finding_itself_is_no_answer(acme, ada):
    FindingFactory(
        triage_state=TriageState.IGNORED,
        triage_reason=TriageReason.ACCEPTABLE_RISK,
        triaged_by=ada,
        triaged_at=NOW,
    )
    FindingFactory(triage_state=TriageState.REVIEWING, triaged_by=ada, triaged_at=NOW)
    FindingFactory(
        triage_state=TriageState.IGNORED,
        triage_reason=TriageReason.FALSE_POSITIVE,
        triaged_at=NOW,
    )

    assert labels() == {}


def test_the_newest_answer_of_a_finding_counts(acme, ada, mel):
    finding = FindingFactory(
        triage_state=TriageState.FIXING, triaged_by=ada, triaged_at=NOW - timedelta(days=2)
    )
    opine(finding, Rating.BAD, actor=ada, at=NOW - timedelta(days=1))
    other = FindingFactory()
    opine(other, Rating.GOOD, actor=ada)
    opine(other, Rating.BAD, actor=mel)

    assert labels() == {finding.id: "false_positive", other.id: "false_positive"}
    assert [one.finding_id for one in known_answers(most=1)] == [other.id]


def test_rules_of_thumb_are_measured_and_no_verdict_is_stored(findings):
    real = findings(2)
    verdicts = Verdict.objects.count()
    run = run_to_the_end(ask_for())

    assert (run.status, run.judged, run.total) == (AnalysisStatus.DONE, 2, 2)
    assert {one["finding_id"] for one in run.results} == {finding.id for finding in real}
    assert {one["verdict"] for one in run.results} == {"true_positive"}
    assert run.report["true_positives_kept"] == 2
    assert list(run.report["by_cwe"]) == ["CWE-78"]
    assert Verdict.objects.count() == verdicts
    assert {call.purpose for call in ModelCall.objects.all()} == {"evaluation"}


def test_a_model_that_the_operator_did_not_allow_is_refused(findings, script_model):
    findings(1)
    script_model(REAL)

    with pytest.raises(InvalidInputError, match="has not allowed it"):
        ask_for(model="the-dearest-model")

    assert not EvaluationRun.objects.exists()


def test_the_chosen_model_is_asked_and_its_tokens_are_counted(findings, script_model):
    findings(1)
    provider = script_model(REAL)

    run = run_to_the_end(ask_for(model="other-model"))

    assert ModelCall.objects.get().model == "other-model"
    assert run.results[0]["verdict"] == "true_positive"
    assert len(provider.requests) == 1


def test_what_people_said_elsewhere_is_not_in_the_question(findings, script_model, ada):
    findings(1)
    told = Finding.objects.get()
    FindingFactory(
        rule=told.rule, triage_state=TriageState.REVIEWING, triage_note="said elsewhere",
        triaged_at=NOW,
    )  # fmt: skip
    Memory.objects.create(
        text="remembered here", contexts=["triage"], stage="live", source="form", door=Door.PAGE
    )
    provider = script_model(DOUBT)

    run_to_the_end(ask_for(model="m"))

    asked = "".join(message.text for message in provider.requests[0].messages)
    assert "def run(request)" in asked
    assert "said elsewhere" not in asked
    assert "remembered here" not in asked


def test_a_run_goes_on_where_a_slice_ended(findings, script_model):
    findings(SLICE_SIZE + 1)
    provider = script_model(*[DOUBT] * (SLICE_SIZE + 1))
    run = ask_for(model="m")

    assert run_evaluation(evaluation_id=run.id, now=NOW)
    run.refresh_from_db()
    assert (run.status, run.judged) == (AnalysisStatus.RUNNING, SLICE_SIZE)
    assert not run_evaluation(evaluation_id=run.id, now=NOW)
    run.refresh_from_db()
    assert (run.status, run.judged) == (AnalysisStatus.DONE, SLICE_SIZE + 1)
    assert not run_evaluation(evaluation_id=run.id, now=NOW)
    assert provider.replies == []


def test_a_busy_model_lets_the_run_rest_and_keeps_what_was_judged(findings, script_model):
    findings(2)
    busy = ProviderError(Outcome.RATE_LIMITED, "Wait.", retry=Retry.LATER, retry_after_seconds=90.0)
    script_model(DOUBT, busy, DOUBT)
    run = ask_for(model="m")

    assert not run_evaluation(evaluation_id=run.id, now=NOW)
    run.refresh_from_db()
    assert (run.status, run.judged) == (AnalysisStatus.RUNNING, 1)
    assert waiting_evaluations(NOW + timedelta(seconds=89)) == []
    assert waiting_evaluations(NOW + timedelta(seconds=90)) == [run.id]

    run_evaluation(evaluation_id=run.id, now=NOW + timedelta(seconds=90))
    run.refresh_from_db()
    assert run.status == AnalysisStatus.DONE


def test_another_worker_leaves_a_claimed_run_alone_until_the_claim_lapses(findings):
    findings(1)
    run = ask_for()
    EvaluationRun.objects.update(status="running", next_attempt_at=NOW + LEASE)

    assert not run_evaluation(evaluation_id=run.id, now=NOW)
    run.refresh_from_db()
    assert run.judged == 0
    assert waiting_evaluations(NOW + LEASE) == [run.id]


def test_a_used_up_budget_stops_the_run_and_says_so(findings, script_model, settings):
    findings(2)
    AssistantSettings.objects.create(monthly_budget_usd="0.00")
    provider = script_model()
    run = ask_for(model="m")

    assert not run_evaluation(evaluation_id=run.id, now=NOW)

    run.refresh_from_db()
    assert run.status == AnalysisStatus.FAILED
    assert "budget" in run.error
    assert provider.requests == []


def test_an_answer_that_cannot_be_had_counts_as_doubt_and_the_run_goes_on(findings, script_model):
    findings(2)
    rejected = ProviderError(Outcome.REJECTED, "Too long.", retry=Retry.NEVER)
    script_model(rejected, REAL)

    run = run_to_the_end(ask_for(model="m"))

    assert [one["verdict"] for one in run.results] == ["needs_review", "true_positive"]
    assert run.results[0]["problem"] == "Too long."


def test_code_that_is_not_there_counts_as_doubt(findings):
    findings(1, line=50)
    FindingFactory(triage_state=TriageState.FIXING)
    opine(FindingFactory(), Rating.GOOD)

    run = run_to_the_end(ask_for())

    assert {one["verdict"] for one in run.results} == {"needs_review"}
    assert all(one["problem"] for one in run.results)


def test_a_finding_that_went_counts_as_doubt(findings):
    (finding,) = findings(1)
    run = ask_for()
    Finding.objects.filter(pk=finding.pk).delete()

    assert run_to_the_end(run).results[0]["verdict"] == "needs_review"


@pytest.mark.parametrize(
    "change",
    [{"prompt_version": "f" * 64}, {"created_at": NOW - timedelta(days=2)}, {"prompt": "gone.md"}],
)
def test_a_run_that_is_not_what_was_asked_for_stops(findings, change):
    findings(1)
    run = ask_for()
    EvaluationRun.objects.update(**change)

    assert not run_evaluation(evaluation_id=run.id, now=NOW)
    run.refresh_from_db()
    assert (run.status, run.judged) == (AnalysisStatus.FAILED, 0)


def test_a_model_that_was_switched_off_stops_the_run(findings, script_model):
    findings(1)
    script_model()
    run = ask_for(model="m")
    AssistantSettings.objects.create(is_enabled=False)

    assert not run_evaluation(evaluation_id=run.id, now=NOW)
    run.refresh_from_db()
    assert run.status == AnalysisStatus.FAILED
    assert "switched off" in run.error


def test_asking_is_audited(findings, ada):
    findings(1)

    ask_for(actor=Actor.person(ada))

    event = AuditEvent.objects.get(action="evaluation.request")
    assert (event.actor, event.after) == (
        ada,
        {"model": "", "prompt": "judge.md", "findings": 1},
    )


def test_the_same_measurement_is_made_once_at_a_time(findings):
    findings(2)

    first = ask_for()
    assert ask_for() == first
    assert ask_for(most=1) != first
    assert AuditEvent.objects.filter(action="evaluation.request").count() == 2

    run_to_the_end(first)
    assert ask_for() != first


def test_only_some_measurements_are_made_at_a_time(findings):
    findings(MOST_UNDER_WAY + 1)
    for number in range(MOST_UNDER_WAY):
        ask_for(most=number + 1)

    with pytest.raises(InvalidInputError, match="3 measurements are under way"):
        ask_for(most=MOST_UNDER_WAY + 1)

    assert EvaluationRun.objects.count() == MOST_UNDER_WAY


def test_nothing_is_asked_without_an_answer_a_prompt_or_a_model(findings):
    with pytest.raises(InvalidInputError, match="nobody has agreed"):
        ask_for()
    findings(1)
    with pytest.raises(InvalidInputError, match="prompt: "):
        ask_for(prompt_name="../judge.md")
    with pytest.raises(InvalidInputError, match="model: "):
        ask_for(model="gpt")

    assert not EvaluationRun.objects.exists()


def test_another_organization_runs_and_sees_none_of_it(findings, rival):
    findings(1)
    run = ask_for()

    with organization_scope(rival.id):
        assert waiting_evaluations(NOW) == []
        assert known_answers() == []
        assert not run_evaluation(evaluation_id=run.id, now=NOW)

    run.refresh_from_db()
    assert run.status == AnalysisStatus.WAITING


def test_the_operators_prompts_stand_beside_ours(tmp_path, settings):
    ours = find_prompt("judge.md")
    text = f"Stricter.\n\n## system\nBe strict.\n\n## user\n{ours.user}\n"
    (tmp_path / "judge-strict.md").write_text(text)
    (tmp_path / "judge-short.md").write_text("## system\nx\n\n## user\n{{ code }} {{ other }}\n")
    (tmp_path / "judge.md").write_text("not ours")
    (tmp_path / "remedy.md").write_text(text)
    (tmp_path / "judge-broken.md").write_bytes(b"\xff")
    settings.JUDGE_PROMPTS_DIR = str(tmp_path)

    found = {one.name: one for one in judge_prompts()}

    assert list(found) == ["judge.md", "judge-broken.md", "judge-short.md", "judge-strict.md"]
    assert found["judge.md"].prompt == ours
    assert found["judge-strict.md"].prompt.system == "Be strict."
    assert found["judge-broken.md"].prompt is None
    assert "Unknown: other." in found["judge-short.md"].problem
    assert find_prompt("judge-short.md") is None


def test_a_folder_that_is_not_there_holds_no_prompts(settings):
    settings.JUDGE_PROMPTS_DIR = "/nowhere/at/all"

    assert [one.name for one in judge_prompts()] == ["judge.md"]


def test_another_prompt_is_put_to_the_model(findings, script_model, tmp_path, settings):
    findings(1)
    ours = find_prompt("judge.md")
    text = f"## system\nBe strict.\n\n## user\n{ours.user}\n"
    (tmp_path / "judge-strict.md").write_text(text)
    settings.JUDGE_PROMPTS_DIR = str(tmp_path)
    provider = script_model(DOUBT)

    run = run_to_the_end(ask_for(model="m", prompt_name="judge-strict.md"))

    assert provider.requests[0].messages[0].text.startswith("Be strict.")
    assert ModelCall.objects.get().prompt_version == run.prompt_version
