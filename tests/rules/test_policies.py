"""Which rules a scan gets."""

import pytest
from django.utils import timezone

from rules.models import Mode, Rule, RulesetRule
from rules.policies import modes_of, rules_for_scan, rules_of_all_policies, rules_of_policy
from tenants.scope import organization_scope
from tests.factories import (
    PolicyFactory,
    PolicyRuleFactory,
    PolicyRulesetFactory,
    ProjectFactory,
    RuleFactory,
    RulesetFactory,
    RulesetRuleFactory,
)


def a_ruleset(*, mode, policy=None, paths=("",)):
    """Return a ruleset that a policy has, with a rule for each path; rules may be known."""
    ruleset = RulesetFactory()
    for path in paths:
        known = Rule.objects.filter(path=path).first() if path else None
        rule = known or (RuleFactory(path=path) if path else RuleFactory())
        RulesetRuleFactory(ruleset=ruleset, rule=rule)
    PolicyRulesetFactory(policy=policy or PolicyFactory(), ruleset=ruleset, mode=mode)
    return ruleset


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
    for _ in range(count):
        PolicyRuleFactory()
        a_ruleset(mode=Mode.MONITOR)

    with django_assert_num_queries(5):
        served = rules_for_scan(project=project, products=["sast"])

    assert len(served.definitions) == 2 * count


def test_a_policy_with_tags_is_for_projects_that_have_one_of_them(acme):
    everywhere = PolicyRuleFactory(rule=RuleFactory(path="everywhere"))
    strict = PolicyFactory(tags=["payments", "pci"])
    PolicyRuleFactory(policy=strict, rule=RuleFactory(path="strict"), mode=Mode.BLOCK)
    PolicyRuleFactory(policy=strict, rule=everywhere.rule, mode=Mode.COMMENT)

    def modes_of(*tags):
        served = rules_for_scan(project=ProjectFactory(tags=list(tags)), products=["sast"])
        return served.modes

    assert modes_of() == {"everywhere": Mode.MONITOR}
    assert modes_of("web") == {"everywhere": Mode.MONITOR}
    assert modes_of("web", "pci") == {"everywhere": Mode.COMMENT, "strict": Mode.BLOCK}


def test_a_rule_has_the_severest_mode_of_its_rulesets_unless_it_has_its_own(project):
    policy = PolicyFactory()
    mild = a_ruleset(policy=policy, mode=Mode.MONITOR, paths=["both", "own", "off"])
    a_ruleset(policy=policy, mode=Mode.BLOCK, paths=["both"])
    a_ruleset(policy=policy, mode=Mode.DISABLED, paths=["both", "asleep"])
    own, off = (RulesetRule.objects.get(ruleset=mild, rule__path=path) for path in ("own", "off"))
    PolicyRuleFactory(policy=policy, rule=own.rule, mode=Mode.COMMENT)
    PolicyRuleFactory(policy=policy, rule=off.rule, mode=Mode.DISABLED)

    served = rules_for_scan(project=project, products=["sast"])

    assert served.modes == {"both": Mode.BLOCK, "own": Mode.COMMENT}
    assert {rule.path: modes_of(policy)[rule.id] for rule in Rule.objects.all()} == {
        "both": Mode.BLOCK,
        "own": Mode.COMMENT,
        "off": Mode.DISABLED,
        "asleep": Mode.DISABLED,
    }


def test_a_deleted_rule_is_in_no_policy(project):
    policy = PolicyFactory()
    entry = PolicyRuleFactory(policy=policy, mode=Mode.BLOCK)
    a_ruleset(policy=policy, mode=Mode.BLOCK, paths=["in-a-set"])
    Rule.objects.update(deleted_at=timezone.now())

    assert rules_for_scan(project=project, products=["sast"]).modes == {}
    assert modes_of(entry.policy) == {}


def test_one_policy_serves_its_own_rules_alone(acme):
    a_ruleset(policy=PolicyFactory(slug="strict", tags=["pci"]), mode=Mode.BLOCK, paths=["strict"])
    PolicyRuleFactory(rule=RuleFactory(path="everywhere"))

    assert rules_of_policy(slug="strict", products=[]).modes == {"strict": Mode.BLOCK}
    assert rules_of_policy(slug="none", products=[]).modes == {}
    assert rules_of_all_policies(products=[]).modes == {
        "everywhere": Mode.MONITOR,
        "strict": Mode.BLOCK,
    }
