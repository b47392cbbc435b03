"""Which rules a scan gets."""

import pytest

from rules.models import Mode
from rules.policies import rules_for_scan
from tenants.scope import organization_scope
from tests.factories import PolicyFactory, PolicyRuleFactory, ProjectFactory, RuleFactory


@pytest.fixture
def project(acme):
    return ProjectFactory()


def test_a_project_without_rules_gets_none(project):
    served = rules_for_scan(project=project, products=["sast"])

    assert served.definitions == []
    assert served.modes == {}


def test_rules_come_in_the_order_of_their_paths_with_their_modes(project):
    policy = PolicyFactory()
    for path, mode in [("b.rule", Mode.BLOCK), ("a.rule", Mode.MONITOR), ("c.rule", Mode.COMMENT)]:
        PolicyRuleFactory(policy=policy, rule=RuleFactory(path=path), mode=mode)

    served = rules_for_scan(project=project, products=["sast"])

    assert [definition["id"] for definition in served.definitions] == ["a.rule", "b.rule", "c.rule"]
    assert served.modes == {"a.rule": Mode.MONITOR, "b.rule": Mode.BLOCK, "c.rule": Mode.COMMENT}


def test_a_served_rule_says_who_serves_it_and_never_blocks_by_itself(project):
    policy = PolicyFactory(name="Payments", slug="payments")
    rule = RuleFactory(path="acme.eval", content_hash="ab" * 32)
    PolicyRuleFactory(policy=policy, rule=rule, mode=Mode.BLOCK)

    served = rules_for_scan(project=project, products=["sast"])

    assert served.definitions == [
        {
            "id": "acme.eval",
            "languages": ["python"],
            "severity": "ERROR",
            "message": "eval is called",
            "pattern": "eval(...)",
            "metadata": {
                "dev.semgrep.actions": [],
                "semgrep.policy": {"id": policy.id, "name": "Payments", "slug": "payments"},
                "assistant.rule_id": rule.id,
                "assistant.rule_version": "ab" * 8,
            },
        }
    ]


def test_the_rules_own_metadata_is_kept_but_cannot_pass_for_ours(project):
    rule = RuleFactory()
    rule.definition["metadata"] = {
        "cwe": ["CWE-95"],
        "dev.semgrep.actions": ["block"],
        "semgrep.policy": {"id": 99},
        "assistant.rule_id": 99,
    }
    rule.save()
    entry = PolicyRuleFactory(rule=rule, mode=Mode.MONITOR)

    (definition,) = rules_for_scan(project=project, products=["sast"]).definitions

    assert definition["metadata"]["cwe"] == ["CWE-95"]
    assert definition["metadata"]["dev.semgrep.actions"] == []
    assert definition["metadata"]["semgrep.policy"]["id"] == entry.policy_id
    assert definition["metadata"]["assistant.rule_id"] == rule.id


def test_a_disabled_rule_is_not_served(project):
    PolicyRuleFactory(mode=Mode.DISABLED)

    assert rules_for_scan(project=project, products=["sast"]).definitions == []


@pytest.mark.parametrize(
    ("modes", "winner"),
    [
        ([Mode.MONITOR, Mode.COMMENT], Mode.COMMENT),
        ([Mode.BLOCK, Mode.COMMENT], Mode.BLOCK),
        ([Mode.MONITOR, Mode.BLOCK, Mode.COMMENT], Mode.BLOCK),
        ([Mode.DISABLED, Mode.MONITOR], Mode.MONITOR),
        ([Mode.BLOCK, Mode.DISABLED], Mode.BLOCK),
    ],
)
def test_of_several_policies_the_most_severe_mode_holds(project, modes, winner):
    rule = RuleFactory(path="acme.eval")
    entries = {mode: PolicyRuleFactory(rule=rule, mode=mode) for mode in modes}

    served = rules_for_scan(project=project, products=["sast"])

    assert served.modes == {"acme.eval": winner}
    assert [
        definition["metadata"]["semgrep.policy"]["id"] for definition in served.definitions
    ] == [entries[winner].policy_id]


def test_of_two_policies_with_one_mode_the_older_is_named(project):
    rule = RuleFactory()
    older = PolicyRuleFactory(rule=rule, mode=Mode.COMMENT)
    PolicyRuleFactory(rule=rule, mode=Mode.COMMENT)

    (definition,) = rules_for_scan(project=project, products=["sast"]).definitions

    assert definition["metadata"]["semgrep.policy"]["id"] == older.policy_id


@pytest.mark.parametrize(
    ("products", "paths"),
    [
        (["sast"], ["code"]),
        (["secrets"], ["secret"]),
        (["sast", "secrets"], ["code", "secret"]),
        (["sca"], []),
        ([], ["code", "secret"]),
    ],
)
def test_only_rules_of_the_requested_products_are_served(project, products, paths):
    PolicyRuleFactory(rule=RuleFactory(path="code"))
    secret = RuleFactory(path="secret")
    secret.definition["metadata"] = {"product": "secrets"}
    secret.save()
    PolicyRuleFactory(rule=secret)

    served = rules_for_scan(project=project, products=products)

    assert sorted(served.modes) == paths
    assert [definition["id"] for definition in served.definitions] == paths


def test_another_organizations_rules_are_not_served(project, rival):
    with organization_scope(rival.id):
        PolicyRuleFactory()

    assert rules_for_scan(project=project, products=["sast"]).definitions == []


@pytest.mark.parametrize("count", [1, 30])
def test_the_number_of_queries_does_not_grow_with_the_rules(
    project, count, django_assert_num_queries
):
    policy = PolicyFactory()
    for _ in range(count):
        PolicyRuleFactory(policy=policy)

    with django_assert_num_queries(1):
        served = rules_for_scan(project=project, products=["sast"])

    assert len(served.definitions) == count
