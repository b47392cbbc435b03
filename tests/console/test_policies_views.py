"""The Policies pages, and the paths that scans leave out."""

from http import HTTPStatus

import pytest
from django.urls import reverse
from django.utils import timezone

from findings.models import ScanStatus
from rules.library import delete_rule
from rules.models import Mode, Policy, PolicyRule, PolicyRuleset
from tenants.audit import Actor
from tenants.models import Project
from tenants.path_ignores import set_organization_ignores
from tests.factories import (
    FindingFactory,
    PolicyFactory,
    PolicyRuleFactory,
    PolicyRulesetFactory,
    ProjectFactory,
    RefFactory,
    ReportedRuleFactory,
    RuleFactory,
    RulesetFactory,
    RulesetRuleFactory,
    ScanFactory,
)


@pytest.fixture
def as_ada(client, ada):
    client.force_login(ada)
    return client


def address(name, *arguments):
    return reverse(f"console:{name}", args=["acme", *arguments])


def body(response):
    return " ".join(response.content.decode().split())


def a_rule(path, **definition):
    rule = RuleFactory(path=path)
    rule.definition |= definition
    rule.severity = definition.get("severity", rule.severity)
    rule.save()
    return rule


def shown(response):
    return [row.entry.rule.path for row in response.context["page"].rows]


def a_read_scan(**open_by_rule):
    return ScanFactory(
        ref=RefFactory(project=ProjectFactory()),
        status=ScanStatus.COMPLETED,
        completed_at=timezone.now(),
        open_by_rule=open_by_rule,
    )


def test_a_member_is_told_whom_to_ask(client, mel):
    client.force_login(mel)

    response = client.get(address("policies"))

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "ask an admin of your organization" in body(response)


def test_a_house_without_policies_is_told_how_they_come(as_ada):
    assert "No policy yet" in body(as_ada.get(address("policies")))


def test_policies_are_listed_with_their_projects_and_modes(as_ada):
    ProjectFactory(tags=["pci"])
    ProjectFactory()
    default = PolicyFactory(name="Default", is_default=True)
    strict = PolicyFactory(name="A strict one", tags=["pci"])
    PolicyRuleFactory(policy=default)
    entry = PolicyRulesetFactory(policy=strict, mode=Mode.BLOCK)
    RulesetRuleFactory(ruleset=entry.ruleset)

    rows = as_ada.get(address("policies")).context["rows"]

    assert [(row.policy, row.project_count, row.ruleset_count) for row in rows] == [
        (default, 2, 0),
        (strict, 1, 1),
    ]
    assert [row.counts for row in rows] == [
        {"monitor": 1, "comment": 0, "block": 0, "disabled": 0},
        {"monitor": 0, "comment": 0, "block": 1, "disabled": 0},
    ]


def test_a_new_policy_is_made_and_leads_to_its_rulesets(as_ada):
    response = as_ada.post(address("add-policy"), {"name": "Strict", "tags": "pci, web"})

    made = Policy.objects.get()
    assert (made.name, made.tags) == ("Strict", ["pci", "web"])
    assert response.url == address("policy-rulesets", made.pk)


def test_a_name_that_is_taken_is_told_at_its_field(as_ada):
    PolicyFactory(name="Strict")

    response = as_ada.post(address("add-policy"), {"name": "strict", "tags": "pci"})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.context["form"].errors == {
        "name": ["there is a policy “strict” already; choose another name."]
    }
    assert 'value="pci"' in body(response)


def test_rules_are_filtered_by_the_address(as_ada):
    policy = PolicyFactory()
    sql = a_rule(
        "b.sql",
        metadata={"confidence": "HIGH", "vulnerability_class": ["SQL Injection"]},
        severity="WARNING",
        languages=["go"],
    )
    evil = a_rule("a.eval", metadata={"vulnerability_class": "Code Injection"})
    outside = a_rule("c.outside")
    sql.languages = ["go"]
    sql.save()
    PolicyRuleFactory(policy=policy, rule=evil, mode=Mode.BLOCK)
    entry = PolicyRulesetFactory(policy=policy, mode=Mode.COMMENT)
    RulesetRuleFactory(ruleset=entry.ruleset, rule=sql)
    FindingFactory(rule=ReportedRuleFactory(check_id="b.sql"))

    def rules(**query):
        return shown(as_ada.get(address("policy", policy.pk), query))

    assert rules() == ["a.eval", "b.sql"]
    assert rules(mode="block") == ["a.eval"]
    assert rules(mode="none") == [outside.path]
    assert rules(severity="medium") == ["b.sql"]
    assert rules(confidence="high") == ["b.sql"]
    assert rules(vulnerability_class="SQL Injection") == ["b.sql"]
    assert rules(vulnerability_class="Code Injection") == ["a.eval"]
    assert rules(language="go") == ["b.sql"]
    assert rules(ruleset=entry.ruleset.slug) == ["b.sql"]
    assert rules(min_findings="1") == ["b.sql"]
    assert rules(source="shipped") == []
    assert rules(text="EVAL") == ["a.eval"]
    assert rules(mode="odd", severity="odd", min_findings="-1") == ["a.eval", "b.sql"]


def test_many_rules_are_paged_by_key_in_as_many_queries_as_few(as_ada, django_assert_num_queries):
    policy = PolicyFactory()
    url = address("policy", policy.pk)
    PolicyRuleFactory(policy=policy, rule=RuleFactory(path="r00"))
    with django_assert_num_queries(17):
        few = as_ada.get(url)
    for number in range(1, 52):
        PolicyRuleFactory(policy=policy, rule=RuleFactory(path=f"r{number:02}"))

    with django_assert_num_queries(17):
        first = as_ada.get(url)
    second = as_ada.get(url + first.context["next"])

    assert (shown(few), len(shown(first))) == (["r00"], 50)
    assert shown(second) == ["r50", "r51"]
    assert second.context["next"] == ""


def test_a_change_of_modes_is_previewed_and_saved_only_when_confirmed(as_ada):
    policy = PolicyFactory()
    rule = PolicyRuleFactory(policy=policy, rule=RuleFactory(path="sql")).rule
    scan = a_read_scan(sql=2)
    a_read_scan()
    url = address("policy-modes", policy.pk)
    wanted = {"rule": rule.pk, "mode": "block", "back": "?mode=monitor"}

    preview = as_ada.post(url, wanted)

    page = body(preview)
    assert "would have blocked <strong>1 of the last 2 scans</strong>" in page
    assert address("scan", scan.pk) in page
    assert "sql (2)" in page
    assert PolicyRule.objects.get().mode == Mode.MONITOR
    saved = as_ada.post(url, wanted | {"confirmed": "1"})
    assert saved.url == address("policy", policy.pk) + "?mode=monitor"
    entry = PolicyRule.objects.get()
    assert (entry.mode, entry.changed_by) == (Mode.BLOCK, "Ada")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"mode": "block"}, "tick at least one"),
        ({"rule": "1"}, "choose what the ticked ones shall lead to"),
        ({"rule": "x", "mode": "block"}, "one of the ids is no number"),
    ],
)
def test_a_change_that_says_too_little_changes_nothing(as_ada, wanted, words):
    policy = PolicyFactory()

    response = as_ada.post(
        address("policy-modes", policy.pk), wanted | {"confirmed": "1"}, follow=True
    )

    assert words in body(response)
    assert not PolicyRule.objects.exists()


def test_a_ruleset_is_put_into_a_policy_and_taken_out(as_ada):
    policy, ruleset = PolicyFactory(), RulesetFactory(name="Pack")
    RulesetRuleFactory(ruleset=ruleset, rule=RuleFactory(path="sql"))
    a_read_scan(sql=1)
    url = address("policy-modes", policy.pk)
    wanted = {"ruleset": ruleset.pk, "mode": "block", "back": "rulesets"}

    page = body(as_ada.post(url, wanted))
    saved = as_ada.post(url, wanted | {"confirmed": "1"})

    assert "1 of the last 1 scan</strong>" in page
    assert saved.url == address("policy-rulesets", policy.pk)
    assert PolicyRuleset.objects.get().mode == Mode.BLOCK
    assert "Block" in body(as_ada.get(saved.url))
    as_ada.post(url, wanted | {"mode": "none", "confirmed": "1"})
    assert not PolicyRuleset.objects.exists()


def test_the_log_says_who_did_what(as_ada, ada):
    policy, rule = PolicyFactory(), RuleFactory(path="sql")
    wanted = {"rule": rule.pk, "mode": "block", "confirmed": "1"}
    as_ada.post(address("policy-modes", policy.pk), wanted)
    as_ada.post(address("rename-policy", policy.pk), {"name": "Stricter"})
    delete_rule(rule, Actor.person(ada), timezone.now())

    page = body(as_ada.get(address("policy-changes", policy.pk)))

    assert "Set 1 rule to block" in page
    assert "sql (was not set)" in page
    assert f"Renamed from “{policy.name}” to “Stricter”" in page
    assert "A rule was deleted from the library" in page
    assert "sql (was block)" in page
    assert page.count("Ada,") == 3


def test_tags_are_previewed_and_saved_and_the_default_policy_takes_none(as_ada):
    policy, default = PolicyFactory(), PolicyFactory(is_default=True)
    PolicyRuleFactory(policy=policy, rule=RuleFactory(path="sql"), mode=Mode.BLOCK)
    a_read_scan(sql=1)
    url = address("tag-policy", policy.pk)

    page = body(as_ada.post(url, {"tags": "pci"}))
    as_ada.post(url, {"tags": "pci", "confirmed": "1"})
    refused = as_ada.post(address("tag-policy", default.pk), {"tags": "pci", "confirmed": "1"})

    assert "Blocked now, and no longer then" in page
    policy.refresh_from_db()
    assert policy.tags == ["pci"]
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_policy_is_deleted_when_that_is_confirmed_but_not_the_default_one(as_ada):
    policy, default = PolicyFactory(name="Strict"), PolicyFactory(is_default=True)

    asked = as_ada.post(address("delete-policy", policy.pk))
    refused = as_ada.post(address("delete-policy", default.pk), {"confirmed": "1"})

    assert "Delete Strict?" in body(asked)
    assert refused.status_code == HTTPStatus.CONFLICT
    assert Policy.objects.count() == 2
    as_ada.post(address("delete-policy", policy.pk), {"confirmed": "1"})
    assert list(Policy.objects.all()) == [default]


def test_ignored_paths_are_kept_with_who_changed_them(as_ada, acme):
    response = as_ada.post(address("path-ignores"), {"path_ignores": "# ours\nvendor/\n"})
    page = body(as_ada.get(response.url))

    acme.refresh_from_db()
    assert acme.path_ignores == ["vendor/"]
    assert "Last changed by Ada" in page


def test_a_wrong_pattern_is_told_with_its_line_and_the_text_stays(as_ada, acme):
    response = as_ada.post(address("path-ignores"), {"path_ignores": "vendor/\n!x"})

    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Line 2: patterns only add up" in body(response)
    assert "vendor/ !x" in body(response)
    acme.refresh_from_db()
    assert acme.path_ignores == []


def test_a_project_shows_what_its_scans_leave_out(as_ada, acme, ada):
    project = ProjectFactory()
    set_organization_ignores(organization_id=acme.pk, patterns=["vendor/"], actor=Actor.person(ada))

    as_ada.post(address("project-ignores", project.pk), {"path_ignores": "/docs/"})

    assert Project.objects.get().path_ignores == ["/docs/"]
    page = body(as_ada.get(address("project", project.pk)))
    assert "<code>vendor/</code>" in page
    assert "<code>/docs/</code>" in page
    assert "vendor/" in body(as_ada.get(address("project-ignores", project.pk)))
