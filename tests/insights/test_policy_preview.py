"""What a change of policies would have done to the newest scans."""

from dataclasses import replace

import pytest
from django.utils import timezone

from findings.models import ScanStatus
from insights.policy_preview import SCANS, preview_change
from rules.mode_changes import ModeChange
from rules.models import Mode
from rules.policy_book import read_book
from tests.factories import (
    PolicyFactory,
    PolicyRuleFactory,
    PolicyRulesetFactory,
    ProjectFactory,
    RefFactory,
    RuleFactory,
    RulesetRuleFactory,
    ScanFactory,
)


@pytest.fixture
def policy(acme):
    return PolicyFactory()


def ref_of(project):
    return project.refs.first() or RefFactory(project=project)


def a_scan(project, *, served=(), **open_by_rule):
    """Return a completed scan that reported so many open matches of each rule."""
    return ScanFactory(
        ref=ref_of(project),
        status=ScanStatus.COMPLETED,
        completed_at=timezone.now(),
        open_by_rule=open_by_rule,
        served_modes=dict.fromkeys([*open_by_rule, *served], "monitor"),
    )


def block(policy, *rules, rulesets=()):
    change = ModeChange(
        policy_id=policy.pk,
        mode=Mode.BLOCK,
        rule_ids=frozenset(rule.pk for rule in rules),
        ruleset_ids=frozenset(rulesets),
    )
    before = read_book(also=rulesets)
    return preview_change(before=before, after=change.on(before))


def test_a_change_tells_which_scans_it_would_have_blocked(policy):
    project, other = ProjectFactory(), RuleFactory(path="other")
    sql = PolicyRuleFactory(policy=policy, rule=RuleFactory(path="sql")).rule
    PolicyRuleFactory(policy=policy, rule=RuleFactory(path="eval"), mode=Mode.BLOCK)
    a_scan(project, served=["sql"])
    newly = a_scan(project, sql=2)
    both = a_scan(project, sql=1, eval=3)

    told = block(policy, sql, other)

    assert (told.scan_count, told.now_count) == (3, 1)
    assert [(one.scan, one.rules) for one in told.blocked] == [
        (both, [("eval", 3), ("sql", 1)]),
        (newly, [("sql", 2)]),
    ]
    assert told.added == {newly.pk}
    assert told.freed == []
    assert told.untried == ["other"]


def test_a_change_tells_which_scans_it_would_have_let_pass(policy):
    rule = PolicyRuleFactory(policy=policy, rule=RuleFactory(path="sql"), mode=Mode.BLOCK).rule
    scan = a_scan(ProjectFactory(), sql=1)
    before = read_book()
    change = ModeChange(policy_id=policy.pk, mode=None, rule_ids=frozenset([rule.pk]))

    told = preview_change(before=before, after=change.on(before))

    assert (told.now_count, list(told.blocked), told.freed) == (1, [], [scan])
    assert preview_change(before=before, after=before.without_page(policy.pk)).freed == [scan]


def test_only_projects_that_the_policy_is_for_are_blocked(policy):
    entry = PolicyRulesetFactory(policy=PolicyFactory(tags=["pci"]), mode=Mode.MONITOR)
    RulesetRuleFactory(ruleset=entry.ruleset, rule=RuleFactory(path="sql"))
    a_scan(ProjectFactory(), sql=1)
    tagged = a_scan(ProjectFactory(tags=["pci", "web"]), sql=1)

    told = block(entry.policy, rulesets=[entry.ruleset_id])

    assert [one.scan for one in told.blocked] == [tagged]
    book = read_book()
    page = replace(book.page(entry.policy_id), tags=frozenset())
    assert preview_change(before=book, after=book.with_page(page)).blocked == []


def test_a_rule_that_never_ran_where_it_would_block_is_told_of(acme):
    tagged, other = ProjectFactory(tags=["pci"]), ProjectFactory(tags=["web"])
    policy = PolicyFactory(tags=["web"])
    PolicyRuleFactory(policy=policy, rule=RuleFactory(path="sql"), mode=Mode.BLOCK)
    a_scan(other, served=["sql"])
    a_scan(tagged)
    book = read_book()
    page = replace(book.page(policy.pk), tags=frozenset(["web", "pci"]))

    assert preview_change(before=book, after=book.with_page(page)).untried == ["sql"]

    a_scan(tagged, served=["sql"])
    assert preview_change(before=book, after=book.with_page(page)).untried == []


def test_the_newest_scans_count_that_are_complete_and_were_read(policy, django_assert_num_queries):
    rule, project = RuleFactory(path="sql"), ProjectFactory()
    ScanFactory(ref=ref_of(project), open_by_rule={"sql": 1})
    ScanFactory(ref=ref_of(project), completed_at=timezone.now())
    old = a_scan(project, sql=1)
    for _ in range(SCANS):
        a_scan(project, sql=1)
    before = read_book()
    change = ModeChange(policy_id=policy.pk, mode=Mode.BLOCK, rule_ids=frozenset([rule.pk]))

    with django_assert_num_queries(4):
        told = preview_change(before=before, after=change.on(before))

    assert (told.scan_count, len(told.blocked)) == (SCANS, SCANS)
    assert old.pk not in told.added
