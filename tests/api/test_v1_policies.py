"""GET and PUT of /api/v1/deployments/{id}/policies."""

import pytest

from rules.models import Mode, PolicyRule
from tenants.models import AuditEvent
from tests.factories import (
    PolicyFactory,
    PolicyRuleFactory,
    PolicyRulesetFactory,
    RuleFactory,
    RulesetRuleFactory,
)

pytestmark = pytest.mark.django_db
URL = "/api/v1/deployments/acme/policies"


@pytest.fixture
def policy(acme):
    return PolicyFactory(name="Default", slug="default", is_default=True)


def test_policies_are_listed_by_the_slug_or_the_id_of_the_deployment(api, acme, policy):
    expected = {
        "policies": [
            {
                "id": policy.id,
                "name": "Default",
                "slug": "default",
                "isDefault": True,
                "productType": "PRODUCT_TYPE_SAST",
            }
        ]
    }

    assert api.get(URL).json() == expected
    assert api.get(f"/api/v1/deployments/{acme.id}/policies").json() == expected
    assert api.get(f"/api/v1/deployments/{acme.id + 1}/policies").status_code == 404


def test_the_rules_of_a_policy_come_with_modes_and_metadata(api, policy):
    rule = RuleFactory(path="acme.sql")
    rule.definition["metadata"] = {
        "category": "security",
        "confidence": "MEDIUM",
        "cwe": "CWE-89: SQL Injection",
        "owasp": ["A03:2021 - Injection"],
        "technology": ["flask"],
        "vulnerability_class": ["SQL Injection"],
    }
    rule.save()
    entry = PolicyRulesetFactory(policy=policy, ruleset__name="Pack", mode=Mode.COMMENT)
    RulesetRuleFactory(ruleset=entry.ruleset, rule=rule)

    body = api.get(f"{URL}/{policy.id}").json()

    assert body["policy"]["slug"] == "default"
    assert body["cursor"] == ""
    assert body["rules"] == [
        {
            "id": rule.id,
            "path": "acme.sql",
            "url": f"http://testserver/orgs/acme/rules/{rule.id}",
            "category": "security",
            "severity": "SEVERITY_HIGH",
            "confidence": "CONFIDENCE_MEDIUM",
            "policyMode": "MODE_COMMENT",
            "source": "SOURCE_CUSTOM",
            "languages": ["python"],
            "technologies": ["flask"],
            "cweCategories": ["CWE-89: SQL Injection"],
            "owaspCategories": ["A03:2021 - Injection"],
            "vulnerabilityClass": ["SQL Injection"],
            "rulesets": ["Pack"],
            "lastChangeAt": None,
            "lastChangeBy": None,
        }
    ]


def test_rules_are_paged_by_the_cursor(api, policy, django_assert_num_queries):
    for number in range(5):
        PolicyRuleFactory(policy=policy, rule=RuleFactory(path=f"rule-{number}"))
    api.get(URL)  # the first call of a token is noted

    with django_assert_num_queries(11):
        first = api.get(f"{URL}/{policy.id}?limit=2").json()
    with django_assert_num_queries(11):
        rest = api.get(f"{URL}/{policy.id}?limit=3&cursor={first['cursor']}").json()

    assert [rule["path"] for rule in first["rules"]] == ["rule-0", "rule-1"]
    assert [rule["path"] for rule in rest["rules"]] == ["rule-2", "rule-3", "rule-4"]
    assert rest["cursor"] == ""


def test_a_rule_gets_a_mode_and_the_change_is_logged(api, policy):
    rule = RuleFactory(path="acme.sql")

    response = api.put(f"{URL}/{policy.id}", {"rulePath": "acme.sql", "policyMode": "MODE_BLOCK"})

    body = response.json()
    assert body["policyId"] == policy.id
    assert (body["updatedRule"]["id"], body["updatedRule"]["policyMode"]) == (rule.id, "MODE_BLOCK")
    assert body["updatedRule"]["lastChangeBy"].startswith("api token (")
    assert PolicyRule.objects.get().mode == Mode.BLOCK
    event = AuditEvent.objects.get(action="policy.modes_changed")
    assert (event.door, event.after["policy_id"]) == ("api", policy.id)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"rulePath": "acme.none", "policyMode": "MODE_BLOCK"}, 404, "rulePath"),
        ({"rulePath": "acme.sql", "policyMode": "BLOCK"}, 400, "policyMode"),
        ({"rulePath": "acme.sql"}, 400, "policyMode"),
        ({"rulePath": "acme.sql", "policyMode": "MODE_BLOCK", "x": 1}, 400, "x"),
    ],
)
def test_a_wrong_change_names_its_field_and_changes_nothing(api, policy, body, status, field):
    RuleFactory(path="acme.sql")

    response = api.put(f"{URL}/{policy.id}", body)

    assert (response.status_code, response.json()["error"]["field"]) == (status, field)
    assert not PolicyRule.objects.exists()


@pytest.mark.parametrize("query", ["limit=0", "limit=2001", "limit=x", "odd=1"])
def test_a_wrong_question_names_its_parameter(api, policy, query):
    response = api.get(f"{URL}/{policy.id}?{query}")

    assert (response.status_code, response.json()["error"]["field"]) == (
        400,
        query.partition("=")[0],
    )
