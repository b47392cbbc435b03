"""POST /api/v1/deployments/{slug}/triage."""

import pytest

from findings.models import Activity, ActivityKind, Finding, Product
from tenants.models import Door
from tests.factories import FindingFactory, ProjectFactory, ReportedRuleFactory

pytestmark = pytest.mark.django_db
URL = "/api/v1/deployments/acme/triage"


def triage(api, **body):
    return api.post(URL, {"issue_type": "sast", **body})


def test_findings_are_triaged_by_their_ids(api):
    one, two, other = FindingFactory(), FindingFactory(), FindingFactory()

    response = triage(
        api,
        issue_ids=[two.id, one.id],
        new_triage_state="ignored",
        new_triage_reason="acceptable_risk",
        new_note="Only for us.",
    )

    assert response.status_code == 200
    body = response.json()
    assert (body["num_triaged"], sorted(body["triaged_issues"])) == (2, [one.id, two.id])
    one.refresh_from_db()
    assert (one.status, one.triage_reason, one.triage_note) == (
        "ignored",
        "acceptable_risk",
        "Only for us.",
    )
    activity = Activity.objects.get(finding=one)
    assert (activity.kind, activity.door) == (ActivityKind.TRIAGE, Door.API)
    assert activity.actor_label.startswith("api token (")
    assert Finding.objects.get(id=other.id).triage_state == "untriaged"


def test_findings_are_triaged_by_filters(api):
    rule = ReportedRuleFactory(check_id="acme.noisy")
    wanted = FindingFactory(rule=rule)
    FindingFactory()

    response = triage(api, rules=["acme.noisy"], status="open", new_triage_state="reviewing")

    assert response.json() == {"num_triaged": 1, "triaged_issues": [wanted.id]}


def test_ids_and_filters_together_narrow(api):
    one = FindingFactory(project=ProjectFactory(name="acme/shop"))
    two = FindingFactory(project=ProjectFactory(name="acme/other"))

    response = triage(
        api, issue_ids=[one.id, two.id], repos=["acme/shop"], new_triage_state="fixing"
    )

    assert response.json()["triaged_issues"] == [one.id]


def test_open_is_another_word_for_reopened(api):
    finding = FindingFactory(triage_state="ignored")

    triage(api, issue_ids=[finding.id], new_triage_state="open")

    finding.refresh_from_db()
    assert (finding.triage_state, finding.status) == ("reopened", "open")


def test_a_note_alone_changes_no_state(api):
    finding = FindingFactory()

    response = triage(api, issue_ids=[finding.id], new_note="Look at this.")

    finding.refresh_from_db()
    assert response.json()["num_triaged"] == 1
    assert finding.triage_state == "untriaged"
    assert Activity.objects.get().note == "Look at this."


def test_the_limit_takes_the_newest(api):
    findings = [FindingFactory() for _ in range(3)]

    response = triage(api, severities=["high"], limit=2, new_triage_state="fixing")

    assert sorted(response.json()["triaged_issues"]) == [findings[1].id, findings[2].id]


def test_a_filter_that_finds_nothing_triages_nothing(api):
    response = triage(api, rules=["acme.unknown"], new_triage_state="fixing")

    assert response.json() == {"num_triaged": 0, "triaged_issues": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "new_triage_state"),
        ({"new_note": "  "}, "new_triage_state"),
        ({"new_triage_state": "provisionally_ignored"}, "new_triage_state"),
        ({"new_triage_state": "untriaged"}, "new_triage_state"),
        ({"new_triage_state": 1}, "new_triage_state"),
        (
            {"new_triage_state": "fixing", "new_triage_reason": "no_time"},
            "new_triage_reason",
        ),
        (
            {"new_triage_state": "ignored", "new_triage_reason": "boredom"},
            "new_triage_reason",
        ),
        ({"new_note": "n" * 3001}, "new_note"),
        ({"new_note": "a\0b"}, "new_note"),
        ({"new_triage_state": "fixing", "limit": 0}, "limit"),
        ({"new_triage_state": "fixing", "limit": 3001}, "limit"),
        ({"new_triage_state": "fixing", "issue_ids": ["x"]}, "issue_ids.0"),
        ({"new_triage_state": "fixing", "issue_ids": [0]}, "issue_ids.0"),
        ({"new_triage_state": "fixing", "issue_ids": [10**30]}, "issue_ids.0"),
        ({"new_triage_state": "fixing", "issue_ids": list(range(1, 3002))}, "issue_ids"),
        ({"new_triage_state": "fixing", "colour": "red"}, "colour"),
        ({"new_triage_state": "fixing", "issue_type": "coffee"}, "issue_type"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_changes(api, body, field):
    finding = FindingFactory()

    response = triage(api, **{"issue_ids": [finding.id], **body})

    error = response.json()["error"]
    assert (response.status_code, error["field"]) == (400, field)
    assert error["message"].startswith(f"{field}: ")
    finding.refresh_from_db()
    assert finding.triage_state == "untriaged"
    assert not Activity.objects.exists()


@pytest.mark.parametrize("chosen", [{}, {"repos": []}, {"status": []}, {"since": None}])
def test_nobody_triages_everything_by_forgetting_a_filter(api, chosen):
    FindingFactory()

    response = triage(api, new_triage_state="ignored", **chosen)

    assert (response.status_code, response.json()["error"]["field"]) == (400, "issue_ids")
    assert Finding.objects.get().triage_state == "untriaged"


def test_no_ids_choose_no_findings(api):
    FindingFactory()

    response = triage(api, issue_ids=[], new_triage_state="ignored")

    assert response.json() == {"num_triaged": 0, "triaged_issues": []}


def test_the_issue_type_must_be_said(api):
    response = api.post(URL, {"issue_ids": [1], "new_triage_state": "fixing"})

    assert response.json()["error"]["field"] == "issue_type"


def test_one_unknown_id_refuses_the_whole(api):
    finding = FindingFactory()

    response = triage(api, issue_ids=[finding.id, finding.id + 999], new_triage_state="fixing")

    assert response.status_code == 404
    assert str(finding.id + 999) in response.json()["error"]["message"]
    assert Finding.objects.get().triage_state == "untriaged"


def test_findings_of_another_organization_are_not_there(api, rival_api):
    finding = FindingFactory()

    responses = [
        rival_api.post(
            url,
            {"issue_type": "sast", "issue_ids": [finding.id], "new_triage_state": "ignored"},
        )
        for url in (URL, "/api/v1/deployments/rival/triage")
    ]

    assert [response.status_code for response in responses] == [404, 404]
    assert Finding.objects.get().triage_state == "untriaged"


def test_another_products_findings_stay_untouched(api):
    finding = FindingFactory(product=Product.SECRETS)

    response = triage(api, issue_ids=[finding.id], new_triage_state="ignored")

    assert response.json()["num_triaged"] == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(api, body):
    response = api.post(URL, body)

    assert response.status_code == 400
    assert set(response.json()["error"]) <= {"code", "message", "field"}


def test_many_findings_take_as_many_queries_as_one(api, django_assert_num_queries):
    project = ProjectFactory()
    ids = [FindingFactory(project=project).id for _ in range(30)]

    with django_assert_num_queries(13):
        response = triage(api, issue_ids=ids, new_triage_state="fixing")

    assert response.json()["num_triaged"] == 30
