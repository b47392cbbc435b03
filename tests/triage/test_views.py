"""Deciding about findings on the pages."""

import json
from http import HTTPStatus

import pytest
from django.urls import reverse

from findings.models import Activity, ActivityKind, Conclusion, Finding, Status, TriageReason
from tenants.scope import organization_scope
from tests.factories import FindingFactory, VerdictFactory
from triage.models import Feedback, Rating, Verdict

HTMX = {"HTTP_HX_REQUEST": "true"}


def address(name, *rest):
    return reverse(f"triage:{name}", args=["acme", *rest])


@pytest.fixture
def finding(acme):
    return VerdictFactory(conclusion=Conclusion.FALSE_POSITIVE).finding


def read(finding):
    """Return what a page sends of the verdict that stood on it."""
    return {"verdict": Verdict.objects.filter(finding=finding).order_by("-id").first().id}


def test_agreeing_ignores_the_finding_as_a_false_positive(client, mel, finding):
    client.force_login(mel)

    response = client.post(address("agree", finding.id), read(finding), **HTMX)

    finding.refresh_from_db()
    assert response.status_code == HTTPStatus.NO_CONTENT
    assert json.loads(response.headers["HX-Trigger"])["finding-changed"] is True
    assert (finding.status, finding.triage_reason) == (Status.IGNORED, TriageReason.FALSE_POSITIVE)
    assert Feedback.objects.get().rating == Rating.GOOD


def test_disagreeing_keeps_the_status_and_the_note(client, mel, finding):
    client.force_login(mel)

    values = {**read(finding), "rating": "bad", "note": "It is called twice."}

    client.post(address("rate", finding.id), values, **HTMX)

    finding.refresh_from_db()
    assert finding.status == Status.OPEN
    assert Feedback.objects.get().note == "It is called twice."


def test_an_answer_to_an_outdated_verdict_is_refused_in_words(client, mel, finding):
    client.force_login(mel)
    page = client.get(address("verdict-panel", finding.id)).content.decode()
    outdated = read(finding)
    VerdictFactory(finding=finding, conclusion=Conclusion.FALSE_POSITIVE)

    response = client.post(address("agree", finding.id), outdated, **HTMX)

    assert f'name="verdict" value="{outdated["verdict"]}"' in page
    assert response.status_code == HTTPStatus.CONFLICT
    assert "a newer verdict has replaced the one that you read" in response.content.decode()
    finding.refresh_from_db()
    assert finding.status == Status.OPEN


@pytest.mark.parametrize("values", [{}, {"verdict": "x"}, {"verdict": "9" * 30}, {"verdict": 0}])
def test_an_answer_without_its_verdict_is_refused(client, mel, finding, values):
    client.force_login(mel)

    response = client.post(address("agree", finding.id), values, **HTMX)

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("conclusion", [Conclusion.TRUE_POSITIVE, Conclusion.NEEDS_REVIEW])
def test_other_verdicts_can_be_rated_too(client, mel, conclusion):
    finding = VerdictFactory(conclusion=conclusion).finding
    client.force_login(mel)
    values = {**read(finding), "rating": "good", "note": "Indeed <so>."}

    response = client.post(address("rate", finding.id), values, **HTMX)
    body = client.get(address("verdict-panel", finding.id)).content.decode()

    assert response.status_code == HTTPStatus.NO_CONTENT
    assert "Mel: <q>Indeed &lt;so&gt;.</q>" in body
    assert body.count('aria-pressed="true"') == 1


def test_without_htmx_the_page_comes_back(client, mel, finding):
    client.force_login(mel)
    page = reverse("console:finding", args=["acme", finding.id])

    response = client.post(address("decide", finding.id), {"state": "reviewing"})

    assert response.url == page
    assert "Saved." in client.get(page).content.decode()


def test_another_sites_address_is_not_followed(client, mel, finding):
    client.force_login(mel)

    response = client.post(
        address("decide", finding.id), {"state": "fixing"}, HTTP_REFERER="https://evil.example/"
    )

    assert response.url == reverse("console:finding", args=["acme", finding.id])


def test_a_decision_has_a_status_a_reason_and_a_comment(client, mel, finding):
    client.force_login(mel)

    client.post(
        address("decide", finding.id),
        {"state": "ignored", "reason": "acceptable_risk", "note": "Behind a wall."},
    )

    finding.refresh_from_db()
    assert finding.triage_reason == TriageReason.ACCEPTABLE_RISK
    assert finding.triage_note == "Behind a wall."
    assert finding.triaged_by == mel


def test_a_reason_without_ignored_is_left_out(client, mel, finding):
    client.force_login(mel)

    client.post(address("decide", finding.id), {"state": "fixing", "reason": "no_time"})

    finding.refresh_from_db()
    assert (finding.status, finding.triage_reason) == (Status.FIXING, "")


@pytest.mark.parametrize(
    "fields",
    [{}, {"state": "provisionally_ignored"}, {"state": "fixing", "note": "x" * 3001}],
)
def test_a_wrong_decision_changes_nothing(client, mel, finding, fields):
    client.force_login(mel)

    response = client.post(address("decide", finding.id), fields, **HTMX)

    finding.refresh_from_db()
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert finding.status == Status.OPEN


def test_a_selection_is_triaged_at_once(client, mel, rival):
    ours = [FindingFactory().id for _ in range(3)]
    with organization_scope(rival.id):
        theirs = FindingFactory().id
    client.force_login(mel)

    response = client.post(
        address("decide-for-selection"),
        {"finding": [*ours[:2], theirs], "state": "ignored", "reason": "no_time"},
        **HTMX,
    )

    assert json.loads(response.headers["HX-Trigger"]) == {
        "findings-changed": True, "toast": "2 findings triaged.",
    }  # fmt: skip
    assert list(Finding.objects.filter(status=Status.IGNORED).order_by("id").values_list(
        "id", flat=True)) == ours[:2]  # fmt: skip
    with organization_scope(rival.id):
        assert Finding.objects.get().status == Status.OPEN


@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["9" * 30], ["1"] * 501])
def test_a_wrong_selection_names_the_field(client, mel, ids):
    client.force_login(mel)

    response = client.post(
        address("decide-for-selection"), {"finding": ids, "state": "fixing"}, **HTMX
    )

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "finding:" in response.content.decode()


def test_a_note_changes_nothing_else(client, mel, finding):
    client.force_login(mel)

    client.post(address("add-note", finding.id), {"note": "Ask Ada."})

    finding.refresh_from_db()
    assert finding.status == Status.OPEN
    assert Activity.objects.get(kind=ActivityKind.NOTE).note == "Ask Ada."


def test_panels_show_the_verdict_with_its_checked_quotes(client, vic):
    verdict = VerdictFactory(
        conclusion=Conclusion.NEEDS_REVIEW,
        proposed=Conclusion.FALSE_POSITIVE,
        downgrade_reason="No quote survived.",
        quotes=[{"text": "# safe", "line": 3, "is_supported": False, "problem": "A comment."}],
        left_out=["The caller was not shown."],
    )
    client.force_login(vic)

    body = client.get(address("verdict-panel", verdict.finding_id)).content.decode()

    for part in (
        "No quote survived.",
        "# safe",
        "A comment.",
        "The caller was not shown.",
        "Rule of thumb",
    ):
        assert part in body
    assert client.get(address("decision-panel", verdict.finding_id)).status_code == HTTPStatus.OK


ACTIONS = ["agree", "rate", "decide", "add-note"]


@pytest.mark.parametrize("action", ACTIONS)
def test_read_only_members_are_refused(client, vic, finding, action):
    client.force_login(vic)

    response = client.post(address(action, finding.id), {"state": "ignored", "note": "x"})

    finding.refresh_from_db()
    assert response.status_code == HTTPStatus.FORBIDDEN
    assert finding.status == Status.OPEN
    assert not Feedback.objects.exists()
    assert not Activity.objects.filter(kind=ActivityKind.NOTE).exists()


@pytest.mark.parametrize("action", ACTIONS)
def test_strangers_find_nothing(client, ron, finding, action):
    client.force_login(ron)

    response = client.post(address(action, finding.id), {"state": "ignored", "note": "x"})

    assert response.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_are_not_links(client, mel, finding, action):
    client.force_login(mel)

    assert client.get(address(action, finding.id)).status_code == HTTPStatus.METHOD_NOT_ALLOWED
