"""The Dashboard's page."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from findings.models import Confidence, Severity, State
from insights.choosing import choose_tasks
from insights.models import RecommendedTask, TaskChoice
from tenants.jobs import JobStatus
from tenants.models import ApiToken, TokenKind
from tests.factories import (
    FindingFactory,
    PolicyRuleFactory,
    ProjectFactory,
    ReportedRuleFactory,
    ScanFactory,
)

QUERIES = 15


@pytest.fixture
def mel_at(client, mel):
    """Return a function that opens the Dashboard as Mel."""
    client.force_login(mel)

    def get(query="", **extra):
        return client.get(reverse("console:dashboard", args=["acme"]) + query, **extra)

    return get


def scanned(count=1, **fields):
    """Findings of high priority in a project that was scanned."""
    project = fields.pop("project", None) or ProjectFactory(name="acme/shop")
    ScanFactory(ref__project=project)
    return [
        FindingFactory(
            **{
                "project": project,
                "severity": Severity.HIGH,
                "confidence": Confidence.HIGH,
                "relevant_since": timezone.now() - timedelta(days=5),
                **fields,
            }
        )
        for _ in range(count)
    ]


def test_before_the_first_scan_it_leads_there(mel_at):
    page = mel_at().content.decode()

    assert "Run the first scan" in page
    assert "semgrep ci" in page
    assert "Make a token" not in page


def test_an_admin_is_led_to_what_is_not_yet_done(client, ada):
    client.force_login(ada)
    address = reverse("console:dashboard", args=["acme"])

    assert reverse("tenants:tokens", args=["acme"]) in client.get(address).content.decode()

    ApiToken.objects.create(kind=TokenKind.CI, name="ci", token_hash="0" * 64, prefix="ci")
    steps = {step.key: step.is_done for step in client.get(address).context["steps"]}
    assert steps == {"connection": False, "rules": False, "token": True, "scan": False}

    PolicyRuleFactory()
    steps = {step.key: step.is_done for step in client.get(address).context["steps"]}
    assert steps["rules"]


def test_it_shows_the_figures_with_their_findings(mel_at):
    scanned(3)
    scanned(2, project=ProjectFactory(), state=State.FIXED)

    response = mel_at()

    found = response.context["found"]
    assert (found.backlog, found.opened, found.fixed) == (3, 5, 2)
    page = response.content.decode()
    assert "lifecycle=production" in page
    assert "by=fixed" in page


def test_each_figure_opens_a_list_of_findings(mel_at, client):
    scanned(2)
    response = mel_at()
    links = response.context["links"]

    for name in ("backlog", "opened", "changed"):
        address = reverse("console:findings", args=["acme"]) + getattr(links, name)
        assert len(client.get(address).context["rows"]) == 2
    for name in ("fixed", "ignored", "found", "shown", "fixed_early"):
        address = reverse("console:findings", args=["acme"]) + getattr(links, name)
        assert client.get(address).context["rows"] == []


def test_the_address_says_what_is_counted(mel_at):
    scanned(1)
    scanned(1, project=ProjectFactory(name="acme/site"), severity=Severity.LOW)

    assert mel_at().context["found"].backlog == 1
    assert mel_at("?priority=all").context["found"].backlog == 2
    assert mel_at("?priority=all&repo=acme/site").context["found"].backlog == 1
    assert mel_at("?priority=all&product=secrets").context["found"].backlog == 0
    assert len(mel_at("?period=7d").context["found"].parts) == 7


def test_what_makes_no_sense_in_the_address_asks_for_nothing(mel_at):
    scanned(1)

    response = mel_at("?period=ever&product=x&priority=maybe&repo=%00&split=x")

    assert response.context["query"].address == "?"
    assert response.context["found"].backlog == 1


def test_a_choice_in_the_form_goes_to_the_address_bar(mel_at):
    scanned(1)

    response = mel_at("?period=30d&repo=&product=&priority=all", headers={"HX-Request": "true"})

    assert response.headers["HX-Push-Url"] == "/orgs/acme/dashboard?period=30d&priority=all"


def test_an_address_without_a_finding_offers_all_of_them(mel_at):
    scanned(1, severity=Severity.LOW)

    page = mel_at().content.decode()

    assert 'href="?priority=all"' in page
    assert "Nothing is open." in page


def test_projects_are_split_by_severity_or_product(mel_at):
    scanned(2)

    assert [one.label for one in mel_at().context["columns"]] == ["High"]
    assert [one.label for one in mel_at("?split=product").context["columns"]] == ["Code"]


def test_the_weeks_tasks_stand_there_until_there_are_none(mel_at):
    scanned(2, rule=ReportedRuleFactory(severity=Severity.CRITICAL))
    choose_tasks(now=timezone.now())

    page = mel_at().content.decode()

    assert "This week's tasks" in page
    assert "0 of 1 done" in page


def test_before_a_worker_has_chosen_the_tasks_they_are_said_to_come(mel_at):
    scanned(1)

    assert "They are being chosen" in mel_at().content.decode()
    assert not RecommendedTask.objects.exists()


def test_without_tasks_there_is_no_panel(mel_at):
    scanned(1, state=State.FIXED)
    TaskChoice.objects.create(status=JobStatus.DONE, finished_at=timezone.now())

    assert "tasks-title" not in mel_at().content.decode()


def test_names_from_outside_are_escaped(mel_at):
    scanned(1, project=ProjectFactory(name="acme/<script>alert(1)</script>"))

    page = mel_at("?repo=%3Cscript%3E").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("count", [3, 12])
def test_it_takes_the_same_queries_for_any_number_of_findings(
    mel_at, count, django_assert_num_queries
):
    for number in range(count):
        scanned(2, project=ProjectFactory(name=f"acme/p{number}"))
    choose_tasks(now=timezone.now())
    mel_at()

    with django_assert_num_queries(QUERIES):
        mel_at()
