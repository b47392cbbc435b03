"""Exactly one comment a finding, whatever fails, answers twice, or dies in between."""

from datetime import timedelta

import pytest
from django.db import connection

from core.errors import TransientError
from findings.models import Activity, ActivityKind
from integrations.review_hosts import StatusState
from notifications.models import CommentState, Review
from notifications.planning import rule_key
from notifications.reviews import tell
from tenants.jobs import JobStatus
from tests.factories import (
    ChangeRequestFactory,
    ProjectFactory,
    RefFactory,
    RepositoryLinkFactory,
)
from tests.fakes import Fault
from tests.notifications.scene import HEAD, RULE, Scene, calls_of, key, many, row, triage

pytestmark = pytest.mark.django_db

READS = {"own_comments", "read_change_request", "read_changes"}
POSTING = [
    "own_comments",
    "read_change_request",
    "read_changes",
    "post_comments",
    "own_comments",
    "set_status",
]


class DiedError(Exception):
    """The worker was killed."""


@pytest.fixture
def scene(acme, monkeypatch):
    return Scene(monkeypatch)


def finish_after(scene, fault, at):
    """Break call number `at`, then tell until it comes through."""
    scene.host.fail(at, fault, DiedError())
    for _ in range(4):
        try:
            scene.tell()
        except (DiedError, TransientError):
            continue


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("at", range(1, len(POSTING) + 1))
def test_a_worker_that_dies_at_any_call_leaves_one_comment_a_finding(scene, fault, at):
    findings = [scene.find(line=line) for line in (10, 20, 30)]
    scene.host.write_as_us(7, "Not a comment of a finding.")

    finish_after(scene, fault, at)

    assert sorted(scene.host.keys(7)) == sorted(["", *(key(one) for one in findings)])
    assert {row(one).state for one in findings} == {CommentState.POSTED}
    assert {row(one).external_id for one in findings} == {
        scene.host.comment(7, key(one)).id for one in findings
    }
    assert Activity.objects.filter(kind=ActivityKind.COMMENT).count() == 3
    assert scene.host.statuses[HEAD][1].state == StatusState.NEUTRAL
    assert calls_of(scene) == []


@pytest.mark.parametrize("fault", [Fault.BEFORE, Fault.AFTER, Fault.TWICE])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_worker_that_dies_among_edits_brings_all_texts_up_to_date(scene, fault, at):
    findings = [scene.find(line=line) for line in (10, 20)]
    scene.tell()
    before = {one.key: one.body for one in scene.host.comments[7]}
    for one in findings:
        triage(one)

    finish_after(scene, fault, len(scene.host.calls) + at)

    after = {one.key: one.body for one in scene.host.comments[7]}
    assert list(after) == list(before)
    assert not set(after.values()) & set(before.values())
    assert calls_of(scene) == []


def test_a_host_that_posts_twice_is_left_with_the_first_of_each(scene):
    finding = scene.find()
    scene.host.fail(4, Fault.TWICE)

    scene.tell()

    assert scene.host.keys(7) == [key(finding)]
    assert scene.host.calls[-2:] == ["delete_comment", "set_status"]


def test_a_worker_that_dies_while_removing_a_double_leaves_one(scene):
    finding = scene.find()
    scene.host.write_as_us(7, f"first\n<!-- assay:{key(finding)} -->")
    scene.host.write_as_us(7, f"second\n<!-- assay:{key(finding)} -->")
    scene.host.fail(2, Fault.BEFORE, DiedError())
    with pytest.raises(DiedError):
        scene.tell()

    scene.tell()

    assert scene.host.keys(7) == [key(finding)]


def test_comments_of_others_are_left_alone(scene):
    finding = scene.find()
    theirs = "Of another project.\n<!-- assay:finding-987654 -->"
    scene.host.write_as_us(7, theirs)
    scene.host.write_as_us(7, theirs)

    scene.tell()

    assert scene.host.keys(7) == ["finding-987654", "finding-987654", key(finding)]


def test_two_projects_of_one_repository_speak_in_one_change_request(scene):
    mine = many(scene)
    other = Scene.__new__(Scene)
    other.__dict__.update(scene.__dict__)
    other.project = ProjectFactory(name="acme/shop-web")
    RepositoryLinkFactory(project=other.project, connection=scene.link.connection)
    other.ref = RefFactory(project=other.project, name="refs/pull/7/merge")
    other.change_request = ChangeRequestFactory(project=other.project, number=7)
    other.scan = None
    theirs = many(other)

    scene.tell()
    other.tell()
    scene.tell()

    assert scene.host.keys(7) == [
        rule_key(scene.change_request, RULE, 0),
        rule_key(other.change_request, RULE, 0),
    ]
    assert len(mine) == len(theirs)


def test_who_loses_the_claim_writes_nothing_more(scene):
    scene.find()
    review = scene.claim()

    def take_over(name):
        if name == "read_changes":
            Review.objects.filter(pk=review.pk).update(claims=review.claims + 1)

    scene.host.before_call = take_over
    tell(review=review, now=scene.clock, is_analyzing=False)

    assert scene.host.keys(7) == []
    assert set(scene.host.calls) == READS


def test_who_loses_the_claim_while_posting_has_it_looked_at_again(scene):
    finding = scene.find()
    review = scene.claim()

    def take_over(name):
        # Another worker posts, and notes it, between our look and our post.
        if name == "post_comments":
            scene.host.before_call = lambda name: None
            Review.objects.filter(pk=review.pk).update(
                status=JobStatus.WAITING, next_attempt_at=scene.clock
            )
            scene.tell()

    scene.host.before_call = take_over
    tell(review=review, now=scene.clock, is_analyzing=False)
    assert scene.host.keys(7) == [key(finding), key(finding)]
    scene.tell()

    assert scene.host.keys(7) == [key(finding)]
    assert row(finding).state == CommentState.POSTED
    assert calls_of(scene) == []


def test_a_claim_is_kept_while_there_is_much_to_say(scene):
    scene.find()
    review = scene.claim()
    Review.objects.filter(pk=review.pk).update(next_attempt_at=scene.clock - timedelta(days=9999))

    tell(review=review, now=scene.clock, is_analyzing=False)

    assert Review.objects.get().next_attempt_at > scene.clock - timedelta(days=9998)


def test_a_comment_that_was_posted_is_waited_for_until_it_is_listed(scene):
    finding = scene.find()
    hidden = scene.host.comments
    scene.host.comments = _Forgetful()

    with pytest.raises(TransientError, match="does not list"):
        scene.tell()
    assert row(finding).state == CommentState.PLANNED
    scene.host.comments = hidden
    scene.host.write_as_us(7, f"It came late.\n<!-- assay:{key(finding)} -->")
    scene.tell()

    assert scene.host.keys(7) == [key(finding)]
    assert "It came late." not in scene.host.comment(7, key(finding)).body


class _Forgetful(dict):
    """What a code host lists that lags behind."""

    def setdefault(self, number, default):
        return default


def test_no_call_is_made_inside_a_transaction(scene):
    outside = len(connection.savepoint_ids)
    depths = []
    scene.host.before_call = lambda name: depths.append((name, len(connection.savepoint_ids)))
    finding = scene.find()
    scene.tell()
    triage(finding)

    scene.tell()

    assert [name for name, _ in depths] == [*POSTING, "edit_comment", "set_status"]
    assert {depth for _, depth in depths} == {outside}
