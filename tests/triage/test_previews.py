"""What a memory would change, judged without being stored."""

from datetime import UTC, datetime, timedelta

import pytest

from findings.models import Conclusion, Finding
from integrations.services import connect_local
from llm.models import AssistantSettings, ModelCall, Outcome
from llm.providers.base import ProviderError, Retry
from memories.models import MemoryStage, MemoryUse
from tenants.audit import Actor
from tenants.models import AuditEvent
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    MemoryFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    ScanFactory,
    SourceFileFactory,
    VerdictFactory,
)
from tests.integrations.repositories import commit_files, make_repository
from triage.announcements import preview_requested
from triage.models import AnalysisStatus, MemoryPreview, Verdict
from triage.preview_report import report_of
from triage.previews import NoPreviewError, request_preview, run_preview, waiting_previews
from triage.verdicts import judge

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CODE = """\
import os
NAMES = {"web", "mail"}

def restart(request):
    name = request.args["name"]
    if name not in NAMES:
        raise ValueError
    os.system("restart " + name)
"""
SAFE = {
    "verdict": "false_positive",
    "confidence": 0.9,
    "reason": "The name must be one of a closed list before it is used.",
    "quotes": [{"text": "if name not in NAMES:", "line": 6}],
    "component": None,
}
REAL = {**SAFE, "verdict": "true_positive", "quotes": []}


@pytest.fixture
def shop(acme, tmp_path, settings):
    """Return a maker of judged findings in a real repository."""
    settings.ALLOW_LOCAL_REPOSITORIES = True
    project = ProjectFactory(name="acme/shop")
    make_repository(tmp_path / "shop", {"README": "shop\n"})
    connect_local(project=project, path=tmp_path / "shop", actor=Actor.platform())
    rule, ref = ReportedRuleFactory(check_id="acme.command"), RefFactory(project=project)

    def make(path="app/service.py", verdict=Conclusion.TRUE_POSITIVE):
        scan = ScanFactory(ref=ref, commit=commit_files(tmp_path / "shop", {path: CODE}))
        finding = FindingFactory(
            project=project,
            rule=rule,
            ref=ref,
            file=SourceFileFactory(project=project, path=path),
            start_line=8,
            end_line=8,
            end_column=33,
        )
        InstanceFactory(finding=finding, last_scan=scan)
        VerdictFactory(finding=finding, conclusion=verdict)
        return Finding.objects.get(id=finding.id)

    make.project = project
    return make


@pytest.fixture
def memory(acme):
    return MemoryFactory(stage=MemoryStage.SUGGESTED, text="NAMES is a closed list.")


def ask(memory, actor=None):
    return request_preview(memory, actor or Actor.platform(), NOW)


def run(preview, now=NOW):
    run_preview(preview_id=preview.id, now=now)
    preview.refresh_from_db()


def outcomes(preview):
    return [(one["before"], one["after"], one["problem"]) for one in preview.results]


def test_a_preview_judges_with_the_memory_and_stores_nothing_else(shop, memory, script_model):
    finding = shop()
    provider = script_model(SAFE)
    preview = ask(memory)

    run(preview)

    assert outcomes(preview) == [("true_positive", "false_positive", "")]
    assert (preview.status, preview.total, preview.error) == (AnalysisStatus.DONE, 1, "")
    assert "NAMES is a closed list." in provider.requests[0].messages[1].text
    assert ModelCall.objects.get().purpose == "memory-preview"
    assert Verdict.objects.count() == 1
    assert not MemoryUse.objects.exists()
    finding.refresh_from_db()
    assert finding.verdict == Conclusion.TRUE_POSITIVE


def test_a_memory_cannot_do_without_evidence(shop, memory, script_model):
    shop()
    script_model({**SAFE, "quotes": [{"text": "NAMES is a closed list.", "line": 2}]})
    preview = ask(memory)

    run(preview)

    assert outcomes(preview) == [("true_positive", "needs_review", "")]
    assert "No quote holds" in preview.results[0]["reason"]


def test_a_live_memory_is_told_once(shop, script_model):
    memory = MemoryFactory(text="NAMES is a closed list.")
    shop()
    provider = script_model(REAL)
    preview = ask(memory)

    run(preview)

    assert provider.requests[0].messages[1].text.count("NAMES is a closed list.") == 1
    assert outcomes(preview) == [("true_positive", "true_positive", "")]


def test_an_answer_to_the_equal_question_is_free(shop, script_model):
    memory = MemoryFactory()
    finding = shop()
    script_model(SAFE)
    judge(finding_id=finding.id, now=NOW)
    preview = ask(memory)

    run(preview)

    assert outcomes(preview) == [("false_positive", "false_positive", "")]
    assert ModelCall.objects.count() == 1


def test_only_judged_findings_in_scope_are_asked_the_newest_twenty(shop, script_model):
    script_model()
    memory = MemoryFactory(path_prefix="shop")
    file = SourceFileFactory(project=shop.project, path="shop/a.py")
    made = []
    for age in range(22):
        finding = FindingFactory(file=file, relevant_since=NOW - timedelta(days=age))
        made.append(VerdictFactory(finding=finding).finding_id)
    FindingFactory(file=file)
    VerdictFactory()

    preview = ask(memory)

    assert [one["finding_id"] for one in preview.results] == made[:20]


def test_a_preview_goes_on_in_slices(
    shop, memory, script_model, django_capture_on_commit_callbacks
):
    for number in range(6):
        shop(path=f"app/service{number}.py")
    provider = script_model(*[SAFE] * 6)
    preview = ask(memory)
    heard = []

    def listen(**ids):
        heard.append(ids["preview_id"])

    preview_requested.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            run(preview)
    finally:
        preview_requested.disconnect(listen)

    assert (preview.status, heard) == (AnalysisStatus.WAITING, [preview.id])
    assert (len(provider.requests), report_of(preview).done) == (5, 5)
    run(preview)
    assert (preview.status, len(provider.requests)) == (AnalysisStatus.DONE, 6)
    run(preview)
    assert len(provider.requests) == 6


def test_a_busy_model_is_asked_again_later_and_what_is_there_stays(shop, memory, script_model):
    shop(), shop(path="app/other.py")
    busy = ProviderError(outcome=Outcome.RATE_LIMITED, detail="Wait.", retry=Retry.LATER)
    provider = script_model(SAFE, busy, SAFE)
    preview = ask(memory)

    run(preview)

    assert (preview.status, preview.error) == (AnalysisStatus.WAITING, "Wait.")
    assert waiting_previews(NOW) == []
    later = NOW + timedelta(minutes=1)
    assert waiting_previews(later) == [preview.id]
    run(preview, later)
    assert (preview.status, preview.error) == (AnalysisStatus.DONE, "")
    assert len(provider.requests) == 3


def test_after_an_hour_it_ends_with_the_reason(shop, memory, script_model):
    shop()
    busy = ProviderError(outcome=Outcome.RATE_LIMITED, detail="Wait.", retry=Retry.LATER)
    script_model(busy)
    preview = ask(memory)
    run(preview)

    run(preview, NOW + timedelta(minutes=61))

    assert (preview.status, preview.error) == (AnalysisStatus.FAILED, "Wait.")


def test_what_cannot_be_judged_says_why_and_the_rest_goes_on(shop, memory, script_model):
    lost, good = shop(), shop(path="app/other.py")
    Finding.objects.filter(id=lost.id).update(start_line=900, end_line=900)
    script_model("no JSON", "no JSON")
    preview = ask(memory)

    run(preview)

    problems = {one["finding_id"]: one["problem"] for one in preview.results}
    assert "it changed; scan again" in problems[lost.id]
    assert "did not fit" in problems[good.id]
    assert preview.status == AnalysisStatus.DONE


def test_a_running_preview_is_left_to_its_worker_until_its_claim_lapses(shop, memory, script_model):
    shop()
    provider = script_model(SAFE)
    preview = ask(memory)
    MemoryPreview.objects.filter(id=preview.id).update(
        status=AnalysisStatus.RUNNING, next_attempt_at=NOW + timedelta(minutes=15)
    )

    run(preview)
    assert provider.requests == []

    run(preview, NOW + timedelta(minutes=15))
    assert preview.status == AnalysisStatus.DONE


def test_asking_twice_is_asking_once_until_the_text_changes(shop, memory, script_model, ada):
    shop()
    script_model()
    first = ask(memory, Actor.person(ada))

    assert ask(memory, Actor.person(ada)) == first
    memory.text = "Other."
    memory.save(update_fields=["text"])
    assert ask(memory, Actor.person(ada)) != first
    assert AuditEvent.objects.filter(action="memory.previewed", actor=ada).count() == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"stage": MemoryStage.DELETED}, "restore it first"),
        ({"contexts": ["guidance"]}, "changes no verdict"),
        ({"path_prefix": "nowhere"}, "No finding in its scope"),
    ],
)
def test_where_nothing_can_change_the_reason_is_told(shop, script_model, values, words):
    shop()
    script_model()

    with pytest.raises(NoPreviewError, match=words):
        ask(MemoryFactory(**values))

    assert not MemoryPreview.objects.exists()


def test_offline_nothing_can_change(shop, memory, settings):
    settings.ASSISTANT_PROVIDER = "offline"
    shop()

    with pytest.raises(NoPreviewError, match="read no memories"):
        ask(memory)


def test_where_memories_are_switched_off_nothing_can_change(shop, memory, script_model):
    AssistantSettings.objects.create(uses_memories=False)
    script_model()
    shop()

    with pytest.raises(NoPreviewError, match="switched off"):
        ask(memory)


def test_a_report_counts_what_becomes_and_what_remains(shop, memory, script_model):
    shop(), shop(path="app/b.py", verdict=Conclusion.FALSE_POSITIVE)
    script_model(SAFE, SAFE)
    preview = ask(memory)
    run(preview)

    report = report_of(preview)

    assert (report.changed, report.done, report.is_under_way) == (1, 2, False)
    assert [(one.label, one.count) for one in report.tallies] == [
        ("newly true positive", 0),
        ("newly false positive", 1),
        ("remains true positive", 0),
        ("remains false positive", 1),
    ]
    assert [row.is_change for row in report.rows] == [True, False]


def test_a_secret_in_the_judges_reason_is_not_kept(shop, memory, script_model):
    shop()
    script_model({**SAFE, "reason": 'It uses password = "hunter2secretX9" alone.'})
    preview = ask(memory)

    run(preview)

    assert preview.results[0]["reason"] == 'It uses password = "[redacted:secret]" alone.'
