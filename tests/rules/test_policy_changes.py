"""Changing policies and what is in them."""

import pytest
from django.utils import timezone

from core.errors import InvalidInputError, NotFoundError
from rules.mode_changes import ModeChange, change_modes
from rules.models import Mode, Policy, PolicyRule, PolicyRuleset
from rules.policies import modes_of
from rules.policy_changes import (
    DefaultPolicyError,
    create_policy,
    delete_policy,
    rename_policy,
    set_policy_tags,
)
from rules.policy_log import PAGE_SIZE, page_of_changes
from tenants.audit import Actor, record_audit_event
from tenants.models import AuditEvent
from tenants.scope import organization_scope
from tests.factories import (
    PolicyFactory,
    PolicyRuleFactory,
    PolicyRulesetFactory,
    RuleFactory,
    RulesetFactory,
    RulesetRuleFactory,
)

NOW = timezone.now()


@pytest.fixture
def actor(ada):
    return Actor.person(ada)


def change(policy, mode, *, rules=(), rulesets=()):
    return ModeChange(
        policy_id=policy.pk,
        mode=mode,
        rule_ids=frozenset(rule.pk for rule in rules),
        ruleset_ids=frozenset(one.pk for one in rulesets),
    )


def log_of(policy):
    return [event.action for event in page_of_changes(policy_id=policy.pk).events]


def test_a_policy_is_made_renamed_given_to_tags_and_deleted(actor):
    policy = create_policy(name=" Strict  rules ", tags=["pci", " pci", ""], actor=actor, now=NOW)
    rename_policy(policy_id=policy.pk, name="Stricter rules", actor=actor)
    set_policy_tags(policy_id=policy.pk, tags=["payments"], actor=actor)
    set_policy_tags(policy_id=policy.pk, tags=["payments"], actor=actor)

    stored = Policy.objects.get()
    assert (stored.name, stored.slug, stored.tags) == (
        "Stricter rules",
        "strict-rules",
        ["payments"],
    )
    assert log_of(policy) == ["policy.tagged", "policy.renamed", "policy.created"]
    delete_policy(policy_id=policy.pk, actor=actor)
    assert not Policy.objects.exists()
    deleted = AuditEvent.objects.order_by("-id").first()
    assert (deleted.action, deleted.object_label) == ("policy.deleted", "Stricter rules")
    assert deleted.actor_label == "Ada"


def test_the_default_policy_stays_and_is_for_all_projects(actor):
    policy = PolicyFactory(is_default=True)

    with pytest.raises(DefaultPolicyError):
        delete_policy(policy_id=policy.pk, actor=actor)
    with pytest.raises(DefaultPolicyError):
        set_policy_tags(policy_id=policy.pk, tags=["some"], actor=actor)

    assert Policy.objects.get().tags == []
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "a" * 201, "a\0b", "TAKEN"])
def test_a_name_that_cannot_be_is_refused(actor, name):
    PolicyFactory(name="Taken")

    with pytest.raises(InvalidInputError) as refused:
        create_policy(name=name, tags=[], actor=actor, now=NOW)

    assert refused.value.field == "name"
    assert Policy.objects.count() == 1


def test_names_without_letters_get_short_names_of_their_own(actor):
    made = [
        create_policy(name=name, tags=[], actor=actor, now=NOW) for name in ("安全", "規則", "!")
    ]

    assert [policy.slug for policy in made] == ["policy", "policy-2", "policy-3"]


def test_rules_and_rulesets_get_a_mode_and_who_gave_it_is_kept(actor):
    policy, ruleset = PolicyFactory(), RulesetFactory(name="Pack")
    known = PolicyRuleFactory(policy=policy, mode=Mode.MONITOR, rule=RuleFactory(path="known"))
    fresh = RuleFactory(path="fresh")
    wanted = change(policy, Mode.BLOCK, rules=[known.rule, fresh], rulesets=[ruleset])

    changed = change_modes(change=wanted, actor=actor, now=NOW)
    again = change_modes(change=wanted, actor=actor, now=NOW)

    assert (changed, again) == (3, 0)
    assert set(PolicyRule.objects.values_list("rule__path", "mode", "changed_by")) == {
        ("known", "block", "Ada"),
        ("fresh", "block", "Ada"),
    }
    assert PolicyRuleset.objects.get().mode == Mode.BLOCK
    (event,) = page_of_changes(policy_id=policy.pk).events
    assert event.before == {"rules": {"fresh": "", "known": "monitor"}, "rulesets": {"Pack": ""}}
    assert event.after == {
        "policy_id": policy.pk,
        "mode": "block",
        "rule_count": 2,
        "rules": ["fresh", "known"],
        "rulesets": ["Pack"],
    }


def test_an_override_is_taken_back_and_the_ruleset_decides_again(actor):
    policy = PolicyFactory()
    ruleset = PolicyRulesetFactory(policy=policy, mode=Mode.COMMENT).ruleset
    rule = RulesetRuleFactory(ruleset=ruleset).rule
    alone = PolicyRuleFactory(policy=policy, mode=Mode.BLOCK).rule
    PolicyRuleFactory(policy=policy, rule=rule, mode=Mode.BLOCK)

    change_modes(change=change(policy, None, rules=[rule, alone]), actor=actor, now=NOW)

    assert modes_of(policy) == {rule.pk: Mode.COMMENT}


def test_a_rule_that_is_gone_changes_nothing_at_all(actor, rival):
    policy, rule = PolicyFactory(), RuleFactory()
    gone = RuleFactory(deleted_at=NOW)
    with organization_scope(rival.id):
        strange = RuleFactory()

    for other in (gone, strange):
        with pytest.raises(NotFoundError):
            change_modes(
                change=change(policy, Mode.BLOCK, rules=[rule, other]), actor=actor, now=NOW
            )

    assert not PolicyRule.objects.exists()
    assert not AuditEvent.objects.exists()


def test_many_rules_are_changed_in_as_many_queries_as_one(actor, django_assert_num_queries):
    policy = PolicyFactory()
    rules = [RuleFactory() for _ in range(30)]

    with django_assert_num_queries(8):
        change_modes(change=change(policy, Mode.BLOCK, rules=rules[:1]), actor=actor, now=NOW)
    with django_assert_num_queries(8):
        change_modes(change=change(policy, Mode.BLOCK, rules=rules), actor=actor, now=NOW)


def test_a_log_is_paged_by_key_and_tells_of_its_policy_alone(actor, django_assert_num_queries):
    policy, other = PolicyFactory(), PolicyFactory()
    for one in [*[policy] * (PAGE_SIZE + 1), other]:
        record_audit_event(actor=actor, action="policy.tried", after={"policy_id": one.pk})

    with django_assert_num_queries(1):
        first = page_of_changes(policy_id=policy.pk)
    second = page_of_changes(policy_id=policy.pk, before=first.next_before)

    assert (len(first.events), len(second.events), second.next_before) == (PAGE_SIZE, 1, None)
