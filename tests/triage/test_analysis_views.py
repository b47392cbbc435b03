"""Asking for an analysis: the question before, and the start."""

from http import HTTPStatus

import pytest
from django.urls import reverse

from llm.models import ModelCall
from tenants.scope import organization_scope
from tests.factories import (
    FindingFactory,
    InstanceFactory,
    ProjectFactory,
    RepositoryLinkFactory,
    ScanFactory,
)
from triage.models import AnalysisRequest

HTMX = {"HTTP_HX_REQUEST": "true"}
OFFER = reverse("triage:offer-analysis", args=["acme"])
START = reverse("triage:start-analysis", args=["acme"])


@pytest.fixture
def findings(acme):
    """Two findings whose code can be read."""
    project = RepositoryLinkFactory().project
    made = [FindingFactory(project=project) for _ in range(2)]
    for finding in made:
        InstanceFactory(finding=finding, last_scan=ScanFactory(ref=finding.ref))
    return made


@pytest.fixture
def member(client, mel):
    client.force_login(mel)
    return client


def ids(findings):
    return {"finding": [finding.id for finding in findings]}


def test_the_offer_names_number_cost_and_time_and_starts_nothing(member, findings):
    response = member.post(OFFER, ids(findings), **HTMX)
    body = response.content.decode()

    assert "Analyze 2 findings" in body
    assert "no model is asked" in body
    assert "about 1 s" in body
    assert "HX-Request" in response.headers["Vary"]
    assert not AnalysisRequest.objects.exists()


def test_without_prices_the_offer_says_that_the_cost_is_not_known(member, findings, script_model):
    script_model()

    body = member.post(OFFER, ids(findings), **HTMX).content.decode()

    assert "no prices are set for the model" in body
    assert "$" not in body


def test_with_a_model_the_offer_names_a_price_and_asks_no_question(
    member, findings, settings, script_model
):
    settings.ASSISTANT_INPUT_PRICE_USD = "1000"
    provider = script_model()

    body = member.post(OFFER, ids(findings), **HTMX).content.decode()

    assert "about $" in body
    assert 'name="is_fresh"' in body
    assert provider.requests == []
    assert not ModelCall.objects.exists()


def test_what_cannot_be_analyzed_is_said_and_left_out(member, findings):
    lost = InstanceFactory(finding__project=ProjectFactory()).finding

    body = member.post(OFFER, ids([*findings, lost]), **HTMX).content.decode()

    assert "Analyze 2 findings" in body
    assert "1: The project has no connected repository" in body
    assert f'value="{lost.id}"' not in body


def test_where_nothing_can_be_analyzed_there_is_no_way_to_begin(member):
    lost = InstanceFactory().finding

    body = member.post(OFFER, ids([lost]), **HTMX).content.decode()
    response = member.post(START, ids([lost]), **HTMX)

    assert "None of the selected findings can be analyzed." in body
    assert ">Analyze</button>" not in body
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert not AnalysisRequest.objects.exists()


def test_the_start_asks_for_verdicts_and_remedies(member, mel, findings):
    response = member.post(START, {**ids(findings), "is_fresh": "on"}, **HTMX)

    asked = AnalysisRequest.objects.get()
    assert asked.finding_ids == [finding.id for finding in findings]
    assert (asked.wanted, asked.is_fresh, asked.actor) == (["judge", "remedy"], True, mel)
    assert response.status_code == HTTPStatus.NO_CONTENT
    assert "2 findings are being analyzed." in response.headers["HX-Trigger"]


def test_without_scripts_pages_lead_on(member, findings):
    page = member.post(OFFER, ids(findings))
    one = member.post(START, ids(findings[:1]), HTTP_REFERER=f"http://testserver{OFFER}")
    both = member.post(START, ids(findings), HTTP_REFERER=f"http://testserver{OFFER}")

    assert "<html" in page.content.decode()
    assert one.url == reverse("console:finding", args=["acme", findings[0].id])
    assert both.url == reverse("console:findings", args=["acme"])


@pytest.mark.parametrize("url", [OFFER, START])
@pytest.mark.parametrize(
    "values", [{}, {"finding": "x"}, {"finding": ["1"] * 501}, {"finding": "9" * 30}]
)
def test_a_wrong_selection_is_refused(member, url, values):
    assert member.post(url, values, **HTMX).status_code == HTTPStatus.BAD_REQUEST
    assert not AnalysisRequest.objects.exists()


@pytest.mark.parametrize("url", [OFFER, START])
def test_read_only_members_are_refused(client, vic, findings, url):
    client.force_login(vic)

    assert client.post(url, ids(findings), **HTMX).status_code == HTTPStatus.FORBIDDEN
    assert not AnalysisRequest.objects.exists()


def test_findings_of_another_organization_are_left_out(member, findings, rival):
    with organization_scope(rival.id):
        foreign = FindingFactory()

    member.post(START, ids([*findings, foreign]), **HTMX)

    assert foreign.id not in AnalysisRequest.objects.get().finding_ids
