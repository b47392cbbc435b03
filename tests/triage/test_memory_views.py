"""Previewing and applying memories on the pages, and remembering a note."""

import json
from http import HTTPStatus

import pytest
from django.urls import reverse

from findings.models import Conclusion, Product, State, Status, TriageState
from llm.models import AssistantSettings
from memories.models import Memory, MemorySource, MemoryStage, MemoryUse
from tenants.models import AuditEvent
from tests.factories import FindingFactory, MemoryFactory, ReportedRuleFactory, VerdictFactory
from triage import applying
from triage.models import AnalysisRequest, AnalysisStatus, MemoryPreview

HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name, *rest):
    return reverse(f"triage:{name}", args=["acme", *rest])


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def finding(acme):
    return FindingFactory()


def test_a_preview_is_asked_for_with_its_cost_before(as_ada, script_model, settings):
    settings.ASSISTANT_INPUT_PRICE_USD = "10"
    script_model()
    memory = MemoryFactory(stage=MemoryStage.SUGGESTED)
    VerdictFactory(conclusion=Conclusion.TRUE_POSITIVE)

    before = as_ada.get(address("memory-preview", memory.id)).content.decode()
    response = as_ada.post(address("memory-preview", memory.id))

    assert "Judge 1 finding<" in before
    assert "about $0.03" in before
    assert response.url == address("memory-preview", memory.id)
    assert MemoryPreview.objects.get().total == 1


def test_a_running_preview_asks_again_by_itself_and_a_done_one_does_not(as_ada, script_model):
    script_model()
    memory = MemoryFactory()
    finding = VerdictFactory(conclusion=Conclusion.TRUE_POSITIVE).finding
    preview = MemoryPreview.objects.create(
        memory=memory,
        memory_text="An older text.",
        status=AnalysisStatus.RUNNING,
        total=1,
        results=[
            {"finding_id": finding.id, "before": "true_positive", "after": "", "reason": "",
             "problem": ""}
        ],
    )  # fmt: skip

    running = as_ada.get(address("memory-preview", memory.id), **HTMX).content.decode()
    preview.results[0] |= {"after": "false_positive", "reason": "A `closed` list."}
    preview.status = AnalysisStatus.DONE
    preview.save()
    done = as_ada.get(address("memory-preview", memory.id), **HTMX).content.decode()

    assert "0 of 1 judged" in running
    assert "every 3s" in running
    assert "1 of 1 would change" in done
    assert "every 3s" not in done
    assert "<code>closed</code>" in done
    assert "has been edited since" in done
    assert reverse("console:finding", args=["acme", finding.id]) in done


def test_a_preview_without_results_is_shown(as_ada, script_model):
    script_model()
    preview = MemoryPreview.objects.create(memory=MemoryFactory(), memory_text="x", error="Late.")

    body = as_ada.get(address("memory-preview", preview.memory_id)).content.decode()

    assert "Late." in body


def test_offline_the_page_says_why_nothing_would_change(as_ada, settings):
    settings.ASSISTANT_PROVIDER = "offline"
    memory = MemoryFactory()

    body = as_ada.get(address("memory-preview", memory.id)).content.decode()

    assert "read no memories" in body
    assert as_ada.post(address("memory-preview", memory.id)).status_code == HTTPStatus.BAD_REQUEST


def test_applying_names_the_number_and_asks_for_open_findings_in_scope(as_ada, ada):
    rule = ReportedRuleFactory(check_id="acme.sql")
    memory = MemoryFactory(check_id="acme.sql", contexts=["triage", "guidance"])
    low, high = FindingFactory(rule=rule, severity=0), FindingFactory(rule=rule, severity=3)
    FindingFactory(rule=rule, triage_state=TriageState.IGNORED)
    FindingFactory(rule=rule, state=State.FIXED)
    FindingFactory(rule=rule, product=Product.SECRETS)
    FindingFactory()

    before = as_ada.get(address("apply-memory", memory.id)).content.decode()
    response = as_ada.post(address("apply-memory", memory.id), follow=True)

    request = AnalysisRequest.objects.get()
    assert "Apply to 2 existing findings" in before
    assert "2 findings are being analyzed" in response.content.decode()
    assert (request.finding_ids, request.wanted) == ([high.id, low.id], ["judge", "remedy"])
    assert (request.is_fresh, request.actor) == (False, ada)
    assert AuditEvent.objects.get(action="memory.applied").after == {"findings": 2}


@pytest.mark.parametrize(
    ("contexts", "wanted"), [(["triage"], ["judge"]), (["guidance"], ["remedy"])]
)
def test_applying_asks_for_what_the_memory_is_for(as_ada, finding, contexts, wanted):
    memory = MemoryFactory(contexts=contexts)

    as_ada.post(address("apply-memory", memory.id))

    assert AnalysisRequest.objects.get().wanted == wanted


@pytest.mark.parametrize(
    ("stage", "scope"),
    [(MemoryStage.SUGGESTED, ""), (MemoryStage.DELETED, ""), (MemoryStage.LIVE, "nowhere")],
)
def test_what_cannot_be_applied_is_not(as_ada, finding, stage, scope):
    memory = MemoryFactory(stage=stage, path_prefix=scope)

    response = as_ada.post(address("apply-memory", memory.id))

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert as_ada.get(address("apply-memory", memory.id)).status_code == HTTPStatus.OK
    assert not AnalysisRequest.objects.exists()


def test_many_findings_go_in_several_requests_up_to_a_limit(as_ada, monkeypatch):
    monkeypatch.setattr(applying, "MOST_FINDINGS", 2)
    monkeypatch.setattr(applying, "MOST_APPLIED", 3)
    memory = MemoryFactory()
    for _ in range(4):
        FindingFactory()

    before = as_ada.get(address("apply-memory", memory.id)).content.decode()
    as_ada.post(address("apply-memory", memory.id))

    assert "1 is left for another time" in before
    sizes = [len(one.finding_ids) for one in AnalysisRequest.objects.order_by("id")]
    assert sizes == [2, 1]


@pytest.mark.parametrize("name", ["memory-preview", "apply-memory"])
def test_only_admins_may(client, mel, finding, name):
    memory = MemoryFactory()
    client.force_login(mel)

    assert client.get(address(name, memory.id)).status_code == HTTPStatus.FORBIDDEN
    assert client.post(address(name, memory.id)).status_code == HTTPStatus.FORBIDDEN


def test_findings_are_filtered_by_the_memory_that_influenced_them(as_ada):
    memory = MemoryFactory(text="Use the vault client.")
    used, other = FindingFactory(), FindingFactory()
    MemoryUse.objects.create(memory=memory, finding=used, purpose="verdict")
    findings = reverse("console:findings", args=["acme"])

    body = as_ada.get(findings, {"memory": memory.id}).content.decode()

    assert f"/findings/{used.id}" in body
    assert f"/findings/{other.id}" not in body
    assert "Memory: Use the vault client." in body
    assert f'name="memory" value="{memory.id}"' in body
    for odd in ("x", "-1", "9" * 40):
        assert f"/findings/{other.id}" in as_ada.get(findings, {"memory": odd}).content.decode()


IGNORE = {"state": "ignored", "reason": "acceptable_risk", "note": "Behind a wall."}


def test_an_admins_note_is_remembered_at_once(as_ada, finding):
    response = as_ada.post(address("decide", finding.id), {**IGNORE, "remember": "on"}, **HTMX)

    memory = Memory.objects.get()
    assert json.loads(response.headers["HX-Trigger"])["toast"] == "Saved. The note is remembered."
    assert (memory.stage, memory.source) == (MemoryStage.LIVE, MemorySource.IGNORE_NOTE)
    assert (memory.text, memory.contexts) == ("Behind a wall.", ["triage"])
    assert (memory.project, memory.check_id, memory.finding) == (
        finding.project, finding.rule.check_id, finding,
    )  # fmt: skip


def test_a_members_note_is_suggested(client, mel, finding):
    client.force_login(mel)

    client.post(address("decide", finding.id), {**IGNORE, "remember": "on"})

    assert Memory.objects.get().stage == MemoryStage.SUGGESTED


@pytest.mark.parametrize("change", [{"remember": ""}, {"state": "fixing", "remember": "on"}])
def test_without_the_check_mark_or_an_ignore_nothing_is_remembered(as_ada, finding, change):
    as_ada.post(address("decide", finding.id), {**IGNORE, **change})

    assert not Memory.objects.exists()


@pytest.mark.parametrize("note", ["", "x" * 2001])
def test_a_note_that_cannot_be_remembered_changes_nothing(as_ada, finding, note):
    response = as_ada.post(
        address("decide", finding.id), {**IGNORE, "note": note, "remember": "on"}, **HTMX
    )

    finding.refresh_from_db()
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'name="remember" checked' in " ".join(response.content.decode().split())
    assert (finding.status, Memory.objects.count()) == (Status.OPEN, 0)


def test_a_selections_note_is_remembered_once_a_rule_and_project(as_ada):
    first, other = FindingFactory(), FindingFactory()
    same = FindingFactory(rule=first.rule, project=first.project)

    as_ada.post(
        address("decide-for-selection"),
        {**IGNORE, "finding": [first.id, same.id, other.id], "remember": "on"},
    )

    memories = Memory.objects.order_by("id")
    assert [(one.check_id, one.finding) for one in memories] == [
        (first.rule.check_id, first),
        (other.rule.check_id, other),
    ]


def test_a_selection_of_too_many_rules_is_not_triaged(as_ada):
    ids = [FindingFactory().id for _ in range(21)]

    response = as_ada.post(
        address("decide-for-selection"), {**IGNORE, "finding": ids, "remember": "on"}, **HTMX
    )

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "21 rules" in response.content.decode()
    assert not Memory.objects.exists()


def test_a_memory_for_verdicts_is_not_applied_where_they_are_switched_off(as_ada, finding):
    AssistantSettings.objects.create(judges=False)
    memory = MemoryFactory(contexts=["triage"])

    page = as_ada.get(address("apply-memory", memory.id)).content.decode()
    response = as_ada.post(address("apply-memory", memory.id))

    assert "This memory is for verdicts alone" in page
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert not AnalysisRequest.objects.exists()
