"""Which comments a change request gets: the rules of product facts, section 5."""

import hashlib
import json
import zlib
from datetime import timedelta

import pytest

from findings.models import (
    Finding,
    Instance,
    ReportFormat,
    ScanKind,
    ScanStatus,
    State,
    Upload,
    UploadStatus,
)
from llm.models import AssistantSettings
from notifications.models import CommentKind, CommentState
from notifications.planning import plan, rule_key
from tests.factories import (
    ChangeRequestFactory,
    InstanceFactory,
    ProjectFactory,
    ReviewCommentFactory,
    ReviewFactory,
    ScanFactory,
)
from tests.notifications.scene import RULE, Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(acme, monkeypatch):
    return Scene(monkeypatch)


def keys(scene):
    return [entry.key for entry in plan(change_request=scene.change_request).entries]


def key(finding):
    return f"finding-{finding.pk}"


def summary(scene, check_id=RULE, number=0):
    return rule_key(scene.change_request, check_id, number)


def told(scene, finding, **facts):
    """Let a finding have its own comment already."""
    review = getattr(scene.change_request, "review", None) or ReviewFactory(
        change_request=scene.change_request
    )
    return ReviewCommentFactory(
        **{
            "review": review,
            "kind": CommentKind.FINDING,
            "key": key(finding),
            "finding": finding,
            "check_id": finding.rule.check_id,
            "state": CommentState.POSTED,
            **facts,
        }
    )


def told_as_rule(scene, findings, number=0, **facts):
    review = getattr(scene.change_request, "review", None) or ReviewFactory(
        change_request=scene.change_request
    )
    return ReviewCommentFactory(
        **{
            "review": review,
            "kind": CommentKind.RULE,
            "key": summary(scene, number=number),
            "finding": None,
            "check_id": RULE,
            "finding_ids": [one.pk for one in findings],
            "state": CommentState.POSTED,
            **facts,
        }
    )


def test_without_a_scan_nothing_is_said(scene):
    assert plan(change_request=scene.change_request).entries == []
    assert plan(change_request=scene.change_request).scan is None


def test_each_new_finding_of_a_rule_in_comment_mode_gets_a_comment_in_the_order_of_the_code(scene):
    second, first = scene.find(line=20), scene.find(line=10)

    assert keys(scene) == [key(first), key(second)]


@pytest.mark.parametrize(
    ("mode", "is_told"), [("comment", True), ("block", True), ("monitor", False), ("off", False)]
)
def test_the_mode_that_the_scan_was_served_decides(scene, mode, is_told):
    scene.modes = {RULE: mode}
    finding = scene.find()

    assert keys(scene) == ([key(finding)] if is_told else [])


def test_a_rule_that_was_not_served_is_not_spoken_of(scene):
    scene.find(rule="acme.python.other")

    assert keys(scene) == []


def test_what_is_open_on_the_primary_branch_is_not_new(scene):
    scene.put_on_primary(scene.find(), state=State.UNRESOLVED)

    assert keys(scene) == []


@pytest.mark.parametrize("state", [State.FIXED, State.REMOVED, State.MUTED])
def test_what_is_closed_on_the_primary_branch_is_new_again(scene, state):
    finding = scene.find()
    scene.put_on_primary(finding, state=state)

    assert keys(scene) == [key(finding)]


def test_only_the_newest_scan_decides_and_not_what_an_older_one_left_behind(scene):
    scene.find(line=10)
    scene.start_scan(commit="b" * 40)
    new = scene.find(line=20)

    assert keys(scene) == [key(new)]


def test_the_scanners_number_of_a_match_does_not_stand_in_for_having_been_reported(scene):
    old = scene.find(line=10)
    scene.start_scan(commit="b" * 40)
    new = scene.find(line=20, match_based_id=old.match_based_id)

    assert keys(scene) == [key(new)]


@pytest.mark.parametrize(
    "status", [ScanStatus.ERROR, ScanStatus.NEVER_FINISHED, ScanStatus.CANCELLED]
)
def test_a_scan_that_broke_off_tells_nothing_new(scene, status):
    old = scene.find(line=10)
    scene.start_scan(status=status)
    scene.find(line=20)

    assert keys(scene) == [key(old)]


def test_a_scan_whose_results_are_not_in_tells_nothing_yet(scene):
    old = scene.find(line=10)
    scene.start_scan(ingested_at=None)

    assert keys(scene) == [key(old)]


def test_a_full_scan_of_the_branch_decides_nothing(scene):
    old = scene.find(line=10)
    scene.start_scan(kind=ScanKind.FULL)
    scene.find(line=20)

    assert keys(scene) == [key(old)]


def test_where_a_later_scan_has_written_over_the_match_the_report_is_asked(scene):
    reported, unreported = scene.find(line=10), scene.find(line=20)
    body = report_of([reported])
    Upload.objects.create(
        scan=scene.scan,
        format=ReportFormat.SEMGREP_CI,
        body=zlib.compress(body),
        sha256=hashlib.sha256(body).hexdigest(),
        size_bytes=len(body),
        status=UploadStatus.INGESTED,
    )
    full = ScanFactory(ref=scene.ref, started_at=scene.clock + timedelta(minutes=1))
    Instance.objects.update(last_scan=full)

    assert keys(scene) == [key(reported)]
    assert unreported.pk


def report_of(findings):
    return json.dumps(
        {
            "findings": [
                {
                    "check_id": RULE,
                    "path": "app/db.py",
                    "line": 10,
                    "column": 1,
                    "end_line": 10,
                    "end_column": 9,
                    "message": "m",
                    "severity": 2,
                    "index": 0,
                    "commit_date": "0",
                    "syntactic_id": "s",
                    "match_based_id": one.match_based_id,
                    "metadata": {},
                    "is_blocking": False,
                }
                for one in findings
            ],
            "ignores": [],
            "searched_paths": ["app/db.py"],
            "renamed_paths": [],
            "rule_ids": [RULE],
        }
    ).encode()


@pytest.mark.parametrize("product", ["sca", "secrets"])
def test_other_products_are_not_spoken_of(scene, product):
    scene.find(product=product)

    assert keys(scene) == []


@pytest.mark.parametrize("triage", ["ignored", "provisionally_ignored"])
def test_what_was_ignored_before_the_first_word_is_not_spoken_of(scene, triage):
    scene.find(triage_state=triage)

    assert keys(scene) == []


@pytest.mark.parametrize("triage", ["untriaged", "reopened", "reviewing", "fixing"])
def test_what_is_open_in_any_way_is_spoken_of(scene, triage):
    finding = scene.find(triage_state=triage)

    assert keys(scene) == [key(finding)]


def test_what_is_muted_in_the_code_is_not_spoken_of(scene):
    scene.find()
    Instance.objects.update(state=State.MUTED)

    assert keys(scene) == []


def test_a_false_positive_is_hidden_where_the_organization_wants_it(scene):
    AssistantSettings.objects.create(noise_filter="hide")
    scene.find(line=10, verdict="false_positive")
    doubtful = scene.find(line=20, verdict="needs_review")
    unjudged = scene.find(line=30)

    assert keys(scene) == [key(doubtful), key(unjudged)]


@pytest.mark.parametrize(
    "facts",
    [
        {"noise_filter": "note"},
        {"noise_filter": "comment"},
        {"noise_filter": "hide", "judges_in_comments": False},
    ],
)
def test_else_a_false_positive_is_told(scene, facts):
    AssistantSettings.objects.create(**facts)
    finding = scene.find(verdict="false_positive")

    assert keys(scene) == [key(finding)]


def test_a_rule_in_block_mode_is_never_filtered(scene):
    AssistantSettings.objects.create(noise_filter="hide")
    scene.modes = {RULE: "block"}
    finding = scene.find(verdict="false_positive")

    assert keys(scene) == [key(finding)]


@pytest.mark.parametrize(
    "change",
    [{"triage_state": "ignored"}, {"verdict": "false_positive"}, {"state": "fixed"}],
)
def test_once_told_a_comment_stays_whatever_becomes_of_its_finding(scene, change):
    AssistantSettings.objects.create(noise_filter="hide")
    finding = scene.find()
    told(scene, finding)
    Finding.objects.filter(pk=finding.pk).update(**change)

    assert keys(scene) == [key(finding)]


def test_once_told_a_comment_stays_though_no_scan_reports_its_finding_again(scene):
    finding = scene.find()
    told(scene, finding)
    scene.start_scan(commit="b" * 40)

    assert keys(scene) == [key(finding)]
    assert plan(change_request=scene.change_request).spots == {}


def test_a_finding_that_moved_keeps_its_comment(scene):
    finding = scene.find(line=10)
    told(scene, finding)
    scene.start_scan(commit="b" * 40)
    scene.find_again(finding, line=44)

    made = plan(change_request=scene.change_request)

    assert [entry.key for entry in made.entries] == [key(finding)]
    assert made.spots[finding.pk].start_line == 44


def test_five_findings_of_a_rule_are_told_singly(scene):
    findings = [scene.find(line=line) for line in range(1, 6)]

    assert keys(scene) == [key(one) for one in findings]


def test_six_findings_of_a_rule_are_told_in_one_comment_and_other_rules_by_themselves(scene):
    scene.modes = {RULE: "comment", "acme.python.other": "block"}
    findings = [scene.find(line=line) for line in range(1, 7)]
    other = scene.find(rule="acme.python.other", line=50)

    together, single = plan(change_request=scene.change_request).entries

    assert (together.kind, together.key) == (CommentKind.RULE, summary(scene))
    assert together.finding_ids == [one.pk for one in findings]
    assert (single.kind, single.key) == (CommentKind.FINDING, key(other))


def test_what_was_told_singly_stays_single(scene):
    first = [scene.find(line=line) for line in range(1, 6)]
    for one in first:
        told(scene, one)
    more = [scene.find(line=line) for line in range(11, 14)]

    assert keys(scene) == [key(one) for one in [*first, *more]]


def test_beside_single_comments_more_than_five_new_ones_are_told_together(scene):
    single = scene.find(line=1)
    told(scene, single)
    more = [scene.find(line=line) for line in range(11, 17)]

    alone, together = plan(change_request=scene.change_request).entries

    assert alone.key == key(single)
    assert together.finding_ids == [one.pk for one in more]


def test_the_comment_of_a_rule_grows(scene):
    old = [scene.find(line=line) for line in range(1, 7)]
    told_as_rule(scene, old)
    new = scene.find(line=30)

    (entry,) = plan(change_request=scene.change_request).entries

    assert entry.finding_ids == [*(one.pk for one in old), new.pk]


def test_a_comment_of_a_rule_that_somebody_deleted_does_not_swallow_what_is_new(scene):
    old = [scene.find(line=line) for line in range(1, 7)]
    told_as_rule(scene, old, state=CommentState.DELETED)
    new = scene.find(line=30)

    assert keys(scene) == [summary(scene), key(new)]


def test_many_new_ones_after_a_deleted_comment_get_another(scene):
    old = [scene.find(line=line) for line in range(1, 7)]
    told_as_rule(scene, old, state=CommentState.DELETED)
    new = [scene.find(line=line) for line in range(31, 37)]

    deleted, another = plan(change_request=scene.change_request).entries

    assert (deleted.key, another.key) == (summary(scene), summary(scene, number=1))
    assert another.key.endswith("-2")
    assert another.finding_ids == [one.pk for one in new]


def test_two_projects_of_one_repository_speak_under_different_keys(scene):
    other = ChangeRequestFactory(project=ProjectFactory(name="acme/shop-web"), number=7)

    assert summary(scene) != rule_key(other, RULE, 0)


def test_a_change_request_of_another_project_with_the_same_number_has_its_own_scans(scene):
    scene.find()
    other = ChangeRequestFactory(project=ProjectFactory(name="acme/elsewhere"), number=7)

    assert plan(change_request=other).entries == []


def test_a_fork_that_is_named_like_the_primary_branch_is_not_its_own_baseline(scene):
    scene.ref.name = "main"
    scene.ref.save()
    finding = scene.find()

    assert keys(scene) == [key(finding)]


def test_a_plan_costs_the_same_for_one_finding_as_for_many(scene, django_assert_num_queries):
    for line in range(1, 301):
        scene.find(line=line, rule=f"acme.rule-{line % 40}")
    scene.scan.served_modes = {f"acme.rule-{number}": "comment" for number in range(40)}
    scene.scan.save()

    with django_assert_num_queries(5):
        made = plan(change_request=scene.change_request)

    assert len(made.finding_ids) == 300


def test_instances_of_other_refs_are_no_findings_of_this_change_request(scene):
    finding = scene.find()
    InstanceFactory(finding__project=scene.project, last_scan=scene.scan)

    assert keys(scene) == [key(finding)]
