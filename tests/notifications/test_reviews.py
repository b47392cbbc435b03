"""A change request is told exactly once of each finding, whatever fails."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import TransientError
from findings.models import (
    Activity,
    ActivityKind,
    ChangeRequestState,
    Finding,
    TriageReason,
    TriageState,
)
from findings.triage_states import TriageChange, triage_findings
from integrations.codehosts import CodeHostBusyError
from integrations.models import ConnectionKind, ConnectionState, RepositoryLink
from integrations.registry import REVIEW_HOSTS
from integrations.review_hosts import (
    AccessLostError,
    GoneError,
    RemoteState,
    ReviewRefusedError,
    StatusState,
)
from llm.models import AssistantSettings
from notifications.announcements import review_wanted
from notifications.models import (
    CommentPlace,
    CommentState,
    Review,
    ReviewComment,
    ReviewSettings,
)
from notifications.planning import rule_key
from notifications.reviews import give_up_telling, reviews_of_findings, want_review
from tenants import jobs
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tests.factories import (
    ChangeRequestFactory,
    FixAttemptFactory,
    RepositoryLinkFactory,
    VerdictFactory,
)
from tests.fakes import Fault
from tests.notifications.scene import HEAD, RULE, Scene, calls_of, key, many, row, triage

pytestmark = pytest.mark.django_db

POSTING = [
    "own_comments",
    "read_change_request",
    "read_changes",
    "post_comments",
    "own_comments",
    "set_status",
]


@pytest.fixture
def scene(acme, monkeypatch):
    return Scene(monkeypatch)


# The first word


def test_each_finding_gets_a_comment_at_its_line_in_one_review(scene):
    findings = [scene.find(line=line) for line in (10, 20, 30)]

    review = scene.tell()

    assert scene.host.keys(7) == [key(one) for one in findings]
    assert scene.host.batches == [[key(one) for one in findings]]
    assert scene.host.calls == POSTING
    comment = scene.host.comment(7, key(findings[1]))
    assert (comment.path, comment.line) == ("app/db.py", 20)
    stored = row(findings[1])
    assert (stored.state, stored.place) == (CommentState.POSTED, CommentPlace.LINE)
    assert (stored.external_id, stored.thread_id) == (comment.id, comment.thread_id)
    assert (stored.url, stored.commit) == (comment.url, HEAD)
    assert (stored.path, stored.start_line, stored.end_line) == ("app/db.py", 20, 20)
    assert (review.obstacle, review.status) == ("", JobStatus.DONE)
    assert review.told_at is not None


def test_nothing_is_called_when_nothing_changed(scene):
    scene.find()
    scene.tell()

    assert calls_of(scene) == []


def test_the_same_findings_pushed_again_are_not_told_again(scene):
    finding = scene.find()
    scene.tell()
    scene.host.add_change_request(7, commit="b" * 40, lines={"app/db.py": range(1, 100)})
    scene.start_scan(commit="b" * 40)
    scene.find_again(finding)

    assert calls_of(scene) == ["set_status"]
    assert scene.host.keys(7) == [key(finding)]


def test_a_change_request_without_findings_gets_a_status_alone(scene):
    scene.start_scan()

    assert calls_of(scene) == ["set_status"]
    assert scene.host.statuses[HEAD][1].state == StatusState.SUCCESS


def test_before_a_scan_is_in_nothing_is_called(scene):
    assert calls_of(scene) == []


def test_a_first_comment_is_told_in_the_activity_of_its_finding_once(scene):
    finding = scene.find()
    scene.tell()
    triage(finding)
    scene.tell()

    told = Activity.objects.get(kind=ActivityKind.COMMENT)
    assert (told.finding_id, told.door) == (finding.pk, "platform")
    assert told.title == "Commented in change request 7"
    assert told.note == row(finding).url


def test_what_changes_is_edited_in_place(scene):
    finding, other = scene.find(line=10), scene.find(line=20)
    scene.tell()
    before = scene.host.comment(7, key(finding))
    triage(finding)

    assert calls_of(scene) == ["edit_comment", "set_status"]
    after = scene.host.comment(7, key(finding))
    assert (after.id, after.body != before.body) == (before.id, True)
    assert row(finding).edited_at is not None
    assert row(other).edited_at is None


# Which verdict a comment shows


def judge(finding, conclusion="false_positive"):
    verdict = VerdictFactory(finding=finding, conclusion=conclusion, reason="It is escaped.")
    Finding.objects.filter(id=finding.pk).update(verdict=conclusion)
    return verdict


def test_a_comment_is_noted_with_the_verdict_that_it_shows(scene):
    finding, other = scene.find(line=10), scene.find(line=20)
    verdict = judge(finding)

    scene.tell()

    assert (row(finding).shown_verdict, row(other).shown_verdict) == (verdict, None)


def test_a_comment_that_is_edited_is_noted_with_its_new_verdict(scene):
    finding = scene.find()
    scene.tell()
    verdict = judge(finding)

    assert calls_of(scene) == ["edit_comment"]
    assert row(finding).shown_verdict == verdict


def test_a_verdict_in_equal_words_is_shown_without_an_edit(scene):
    finding = scene.find()
    judge(finding)
    scene.tell()
    again = judge(finding)

    assert calls_of(scene) == []
    assert row(finding).shown_verdict == again


def test_a_verdict_whose_edit_was_refused_is_not_shown(scene, monkeypatch):
    def refuse(number, comment_id, body):
        raise ReviewRefusedError("It is locked.")

    finding = scene.find()
    first = judge(finding, "needs_review")
    scene.tell()
    judge(finding)
    monkeypatch.setattr(scene.host, "_edit", refuse)

    scene.tell()

    assert row(finding).shown_verdict == first


def test_a_comment_on_a_closed_finding_shows_no_verdict_that_came_later(scene):
    finding, unjudged = scene.find(line=10), scene.find(line=20)
    first = judge(finding)
    scene.tell()
    for one in (finding, unjudged):
        judge(one)
        triage(one)

    assert calls_of(scene) == ["edit_comment", "edit_comment", "set_status"]
    assert (row(finding).shown_verdict, row(unjudged).shown_verdict) == (first, None)

    triage(finding, "reopened")
    scene.tell()

    assert row(finding).shown_verdict == finding.verdicts.latest("id")


def test_a_comment_on_what_is_ignored_provisionally_shows_the_verdict_that_ignores_it(scene):
    finding = scene.find()
    scene.tell()
    verdict = judge(finding)
    triage(finding, "provisionally_ignored")

    scene.tell()

    assert row(finding).shown_verdict == verdict


def test_a_comment_that_may_tell_no_verdict_shows_none(scene):
    AssistantSettings.objects.create(judges_in_comments=False)
    finding = scene.find()
    judge(finding)

    scene.tell()

    assert row(finding).shown_verdict is None


@pytest.mark.parametrize(("is_public", "is_told"), [(False, True), (None, True), (True, False)])
def test_a_note_of_ours_is_not_told_in_public(scene, is_public, is_told):
    RepositoryLink.objects.update(is_public=is_public)
    finding = scene.find(line=10)
    scene.tell()
    note = "Behind the gate of the cellar"
    change = TriageChange(state=TriageState.IGNORED, reason=TriageReason.ACCEPTABLE_RISK, note=note)
    triage_findings(
        finding_ids=[finding.pk], change=change, actor=Actor.platform(), now=scene.clock
    )

    scene.tell()

    body = scene.host.comment(7, key(finding)).body
    assert "Ignored" in body
    assert (note in body) is is_told


def test_a_finding_that_is_gone_from_the_newest_scan_is_edited_and_one_that_is_new_added(scene):
    old = scene.find(line=10)
    scene.tell()
    scene.host.add_change_request(7, commit="b" * 40, lines={"app/db.py": range(1, 100)})
    scene.start_scan(commit="b" * 40)
    new = scene.find(line=20)

    scene.tell()

    assert scene.host.keys(7) == [key(old), key(new)]
    assert row(old).edited_at is not None
    assert row(new).commit == "b" * 40


def test_the_order_of_the_log_of_many_comments_is_one_review_and_no_more(scene):
    scene.modes = {f"acme.rule-{number}": "comment" for number in range(60)}
    for line in range(1, 61):
        scene.find(line=line, rule=f"acme.rule-{line - 1}")

    scene.tell()

    assert [len(batch) for batch in scene.host.batches] == [60]


# Places


def test_a_finding_of_several_lines_inside_the_diff_is_told_at_all_of_them(scene):
    finding = scene.find(line=10, end_line=14)

    scene.tell()

    stored = row(finding)
    assert (stored.place, stored.start_line, stored.end_line) == (CommentPlace.LINE, 10, 14)


def test_a_finding_half_outside_the_diff_is_told_at_its_first_line_inside(scene):
    scene.host.add_change_request(7, commit=HEAD, lines={"app/db.py": range(12, 20)})
    finding = scene.find(line=10, end_line=14)

    scene.tell()

    stored = row(finding)
    assert (stored.place, stored.start_line, stored.end_line) == (CommentPlace.LINE, 12, 12)


def test_a_finding_outside_the_diff_is_told_at_the_nearest_line(scene):
    scene.host.add_change_request(7, commit=HEAD, lines={"app/db.py": [3, 40, 90]})
    finding = scene.find(line=50)

    scene.tell()

    assert (row(finding).place, row(finding).start_line) == (CommentPlace.NEAREST, 40)
    assert scene.host.comment(7, key(finding)).line == 40


@pytest.mark.parametrize("is_cut", [True, False])
def test_a_finding_in_a_file_that_the_diff_does_not_show_goes_to_the_conversation(scene, is_cut):
    scene.host.is_cut = is_cut
    finding = scene.find(path="app/other.py")

    scene.tell()

    assert row(finding).place == CommentPlace.CONVERSATION
    assert (row(finding).path, row(finding).start_line) == ("app/other.py", 10)
    assert not scene.host.comment(7, key(finding)).is_inline


# Many of one rule


def test_many_findings_of_a_rule_are_told_once_in_the_conversation(scene):
    findings = many(scene)

    scene.tell()

    summary = rule_key(scene.change_request, RULE, 0)
    assert scene.host.keys(7) == [summary]
    assert not scene.host.comment(7, summary).is_inline
    assert Activity.objects.filter(kind=ActivityKind.COMMENT).count() == len(findings)


def test_the_comment_of_a_rule_is_edited_when_it_grows(scene):
    findings = many(scene)
    scene.tell()
    new = scene.find(line=70)

    assert calls_of(scene) == ["edit_comment", "set_status"]
    stored = ReviewComment.objects.get()
    assert stored.finding_ids == [*(one.pk for one in findings), new.pk]


def test_what_was_to_join_a_comment_that_somebody_deleted_is_told_elsewhere(scene):
    many(scene)
    scene.tell()
    summary = rule_key(scene.change_request, RULE, 0)
    scene.host.delete_as_person(7, summary)
    new = scene.find(line=70)

    review = scene.tell()
    assert review.status == JobStatus.WAITING
    scene.tell()

    assert scene.host.keys(7) == [key(new)]
    assert ReviewComment.objects.get(key=summary).state == CommentState.DELETED


# Suggestions


def prove(finding, **facts):
    VerdictFactory(finding=finding, conclusion="true_positive")
    return FixAttemptFactory(
        finding=finding,
        **{
            "start_line": finding.start_line,
            "end_line": finding.end_line,
            "edits": [
                {
                    "search": "old",
                    "replace": "new",
                    "start_line": finding.start_line,
                    "end_line": finding.end_line,
                    "suggestion": "run(safe)",
                }
            ],
            **facts,
        },
    )


def has_suggestion(scene, finding):
    return "```suggestion" in scene.host.comment(7, key(finding)).body


def test_a_proven_fix_is_suggested_at_the_lines_and_the_commit_that_it_was_proven_on(scene):
    finding = scene.find()
    prove(finding)

    scene.tell()

    assert has_suggestion(scene, finding)


def test_a_fix_that_comes_later_is_suggested_by_an_edit(scene):
    finding = scene.find()
    scene.tell()
    assert not has_suggestion(scene, finding)
    prove(finding)

    assert calls_of(scene) == ["edit_comment"]
    assert has_suggestion(scene, finding)


@pytest.mark.parametrize(
    "facts", [{"commit": "b" * 40}, {"start_line": 9, "end_line": 9}, {"path": "app/other.py"}]
)
def test_a_fix_of_another_place_is_not_suggested(scene, facts):
    finding = scene.find()
    prove(finding, **facts)

    scene.tell()

    assert not has_suggestion(scene, finding)


def test_lines_that_two_findings_share_get_no_suggestion(scene):
    scene.modes = {RULE: "comment", "acme.python.other": "monitor"}
    finding = scene.find(line=10, end_line=12)
    scene.find(line=12, rule="acme.python.other")
    prove(finding)

    scene.tell()

    assert not has_suggestion(scene, finding)


def test_beside_the_line_there_is_no_suggestion(scene):
    scene.host.add_change_request(7, commit=HEAD, lines={"app/db.py": [40]})
    finding = scene.find()
    prove(finding)

    scene.tell()

    assert not has_suggestion(scene, finding)


# What people and time do


def test_a_comment_that_somebody_deleted_is_not_posted_again(scene):
    finding = scene.find()
    scene.tell()
    scene.host.delete_as_person(7, key(finding))
    triage(finding)

    scene.tell()
    triage(finding, "reopened")
    scene.tell()

    assert scene.host.keys(7) == []
    assert row(finding).state == CommentState.DELETED


def test_where_the_whole_change_request_is_gone_no_comment_counts_as_deleted(scene):
    finding = scene.find()
    scene.tell()
    del scene.host.change_requests[7]
    scene.host.delete_as_person(7, key(finding))
    triage(finding)

    review = scene.tell()

    assert row(finding).state == CommentState.POSTED
    assert review.obstacle == "change request: 7 is gone at the code host."


@pytest.mark.parametrize("state", ["merged", "closed"])
def test_in_a_change_request_that_ended_comments_are_edited_and_none_is_added(scene, state):
    finding = scene.find(line=10)
    scene.tell()
    scene.change_request.state = state
    scene.change_request.save()
    triage(finding)
    new = scene.find(line=20)

    assert calls_of(scene) == ["edit_comment", "set_status"]
    assert scene.host.keys(7) == [key(finding)]
    assert row(new).state == CommentState.KEPT_HERE
    assert Review.objects.get().obstacle == (
        f"It was {state} before these comments were posted; no new ones are added."
    )


def test_that_it_was_merged_is_learned_before_anything_is_posted(scene):
    finding = scene.find()
    scene.host.change(7, state=RemoteState.MERGED)

    assert calls_of(scene) == ["own_comments", "read_change_request", "set_status"]
    assert row(finding).state == CommentState.KEPT_HERE
    assert scene.told().state == ChangeRequestState.MERGED
    assert calls_of(scene) == []


def test_what_the_code_host_says_of_the_change_request_is_noted(scene):
    scene.find()
    scene.host.change(7, title="Search by name", author="eve")

    scene.tell()

    assert (scene.told().title, scene.told().author) == ("Search by name", "eve")


def test_what_was_closed_before_it_could_be_posted_is_not_posted(scene):
    finding = scene.find()
    scene.host.fail(1, Fault.BEFORE)
    with pytest.raises(CodeHostBusyError):
        scene.tell()
    triage(finding)

    scene.tell()
    assert scene.host.keys(7) == []
    assert Review.objects.get().obstacle == ""
    triage(finding, "reopened")
    scene.tell()

    assert scene.host.keys(7) == [key(finding)]


def test_a_scanned_commit_that_a_forced_push_took_away_waits_for_the_next_scan(scene):
    finding = scene.find()
    scene.host.gone_commits = {HEAD}
    scene.host.change(7, head_commit="b" * 40)

    with pytest.raises(TransientError, match="was replaced; waiting for the scan"):
        scene.tell()
    assert scene.host.keys(7) == []

    scene.host.add_change_request(7, commit="b" * 40, lines={"app/db.py": range(1, 100)})
    scene.start_scan(commit="b" * 40)
    scene.find_again(finding, line=33)
    scene.tell()

    assert scene.host.comment(7, key(finding)).line == 33
    assert row(finding).commit == "b" * 40


def test_while_it_waits_for_the_next_scan_older_comments_are_edited(scene):
    old = scene.find(line=10)
    scene.tell()
    scene.host.gone_commits = {HEAD}
    scene.host.change(7, head_commit="b" * 40)
    triage(old)
    scene.find(line=20)

    with pytest.raises(TransientError):
        scene.tell()

    assert row(old).edited_at is not None


def test_where_no_scan_follows_it_is_told_in_the_conversation(scene):
    finding = scene.find()
    scene.host.gone_commits = {HEAD}
    scene.host.change(7, head_commit="b" * 40)
    with pytest.raises(TransientError):
        scene.tell()
    scene.clock += timedelta(minutes=20)

    scene.tell()

    assert not scene.host.comment(7, key(finding)).is_inline
    assert row(finding).place == CommentPlace.CONVERSATION


def test_a_head_without_its_commit_is_not_waited_for(scene):
    finding = scene.find()
    scene.host.gone_commits = {HEAD}

    scene.tell()

    assert row(finding).place == CommentPlace.CONVERSATION


def test_a_commit_that_goes_away_while_posting_leaves_the_conversation(scene):
    finding = scene.find()
    scene.host.fail(4, Fault.BEFORE, GoneError("commit: gone."))

    scene.tell()

    assert row(finding).place == CommentPlace.CONVERSATION
    assert scene.host.keys(7) == [key(finding)]


def test_a_head_that_moved_on_leaves_the_place_at_the_scanned_commit(scene):
    finding = scene.find()
    scene.host.change(7, head_commit="b" * 40)

    scene.tell()

    assert (row(finding).commit, row(finding).place) == (HEAD, CommentPlace.LINE)


# Refusals


def test_a_busy_host_is_tried_again_and_what_was_done_is_kept(scene):
    first, second = scene.find(line=10), scene.find(line=20)
    scene.tell()
    triage(first)
    triage(second)
    scene.host.fail(len(scene.host.calls) + 2, Fault.BEFORE)

    with pytest.raises(CodeHostBusyError):
        scene.tell()
    assert row(first).edited_at is not None
    assert row(second).edited_at is None

    assert calls_of(scene) == ["edit_comment", "set_status"]


def test_lost_access_is_told_on_the_page_and_at_the_connection(scene):
    finding = scene.find()
    scene.host.broken = AccessLostError("connection: the token was revoked; enter a new one.")

    review = scene.tell()

    assert review.obstacle == "connection: the token was revoked; enter a new one."
    assert row(finding).state == CommentState.PLANNED
    connection = RepositoryLink.objects.get().connection
    assert connection.state == ConnectionState.BROKEN

    scene.host.broken = None
    assert scene.tell().obstacle == ""
    assert scene.host.keys(7) == [key(finding)]


def test_a_connection_that_cannot_even_sign_in_is_told_in_the_same_way(scene, monkeypatch):
    def refuse(link):
        raise AccessLostError("connection: the app was deleted; create it anew.")

    monkeypatch.setitem(REVIEW_HOSTS, ConnectionKind.GITHUB, refuse)
    finding = scene.find()

    review = scene.tell()

    assert review.obstacle == "connection: the app was deleted; create it anew."
    assert row(finding).state == CommentState.PLANNED
    assert RepositoryLink.objects.get().connection.state == ConnectionState.BROKEN


def test_a_comment_that_is_refused_at_its_line_goes_to_the_conversation_and_no_other(scene):
    findings = [scene.find(line=line) for line in (10, 20, 30)]
    culprit = findings[1]
    scene.host.refused_lines = {key(culprit)}
    with pytest.raises(TransientError, match="does not list all"):
        scene.tell()

    scene.tell()

    assert scene.host.keys(7) == [key(findings[0]), key(findings[2]), key(culprit)]
    assert row(culprit).place == CommentPlace.CONVERSATION
    assert {row(one).place for one in findings if one != culprit} == {CommentPlace.LINE}
    assert calls_of(scene) == []


def test_where_all_are_refused_at_their_lines_all_go_to_the_conversation(scene):
    findings = [scene.find(line=line) for line in (10, 20)]
    scene.host.refused_lines = {key(one) for one in findings}

    scene.tell()

    assert scene.host.keys(7) == [key(one) for one in findings]
    assert {row(one).place for one in findings} == {CommentPlace.CONVERSATION}


def test_a_comment_that_is_refused_everywhere_is_kept_with_the_reason(scene):
    good, bad = scene.find(line=10), scene.find(line=20, path="app/other.py")
    scene.host.refused_keys = {key(bad)}
    with pytest.raises(TransientError):
        scene.tell()

    review = scene.tell()

    assert scene.host.keys(7) == [key(good)]
    assert row(bad).state == CommentState.REFUSED
    assert row(bad).error == "comment: the code host takes no such comment."
    assert review.obstacle == ""
    assert calls_of(scene) == []


def test_what_was_refused_is_tried_again_on_other_code(scene):
    bad = scene.find()
    scene.host.refused_keys = {key(bad)}
    scene.tell()
    scene.host.refused_keys = set()
    scene.host.add_change_request(7, commit="b" * 40, lines={"app/db.py": range(1, 100)})
    scene.start_scan(commit="b" * 40)
    scene.find_again(bad)

    scene.tell()

    assert scene.host.keys(7) == [key(bad)]
    assert (row(bad).state, row(bad).error) == (CommentState.POSTED, "")


def test_an_edit_that_is_refused_is_noted_and_the_others_are_made(scene):
    first, second = scene.find(line=10), scene.find(line=20)
    scene.tell()
    triage(first)
    triage(second)
    scene.host.fail(len(scene.host.calls) + 1, Fault.BEFORE, ReviewRefusedError("It is locked."))

    scene.tell()

    assert (row(first).state, row(first).error) == (CommentState.POSTED, "It is locked.")
    assert row(second).edited_at is not None
    scene.tell()
    assert (row(first).error, row(first).edited_at is not None) == ("", True)


# Where nothing is posted


def test_without_a_code_host_comments_are_kept_here_until_there_is_one(scene):
    finding = scene.find()
    scene.link.delete()

    review = scene.tell()

    assert row(finding).state == CommentState.KEPT_HERE
    assert (row(finding).path, row(finding).start_line) == ("app/db.py", 10)
    assert "no connected repository" in review.obstacle
    assert scene.host.calls == []

    RepositoryLinkFactory(project=scene.project, connection=scene.link.connection)
    assert scene.tell().obstacle == ""
    assert scene.host.keys(7) == [key(finding)]


def test_what_is_kept_here_follows_its_finding(scene):
    finding = scene.find(line=10)
    scene.link.delete()
    scene.tell()
    scene.start_scan(commit="b" * 40)
    scene.find_again(finding, line=33)

    scene.tell()

    assert (row(finding).commit, row(finding).start_line) == ("b" * 40, 33)


def test_with_comments_switched_off_they_are_kept_here_until_switched_on(scene):
    settings = ReviewSettings.objects.create(comments=False)
    finding = scene.find()

    assert calls_of(scene) == ["set_status"]
    assert row(finding).state == CommentState.KEPT_HERE
    assert Review.objects.get().obstacle == (
        "Comments are switched off for this organization; switch them on in Settings, Comments."
    )

    settings.comments = True
    settings.save()
    scene.tell()
    assert scene.host.keys(7) == [key(finding)]


def test_a_comment_that_may_stand_there_is_taken_over_though_no_new_one_may_be_posted(scene):
    finding = scene.find()
    scene.host.fail(4, Fault.AFTER)
    with pytest.raises(CodeHostBusyError):
        scene.tell()
    ReviewSettings.objects.create(comments=False)

    scene.tell()

    assert row(finding).state == CommentState.POSTED


# The status


def test_the_status_is_pending_while_findings_are_analyzed_and_is_then_replaced(scene):
    scene.find()
    scene.tell(is_analyzing=True)
    status_id, status = scene.host.statuses[HEAD]
    assert status.state == StatusState.PENDING

    assert calls_of(scene) == ["set_status"]
    assert scene.host.statuses[HEAD][0] == status_id
    assert scene.host.statuses[HEAD][1].state == StatusState.NEUTRAL


def test_another_commit_gets_a_status_of_its_own(scene):
    scene.start_scan()
    scene.tell()
    scene.start_scan(commit="b" * 40)

    scene.tell()

    assert scene.host.statuses[HEAD][0] != scene.host.statuses["b" * 40][0]
    assert Review.objects.get().status_commit == "b" * 40


def test_the_status_can_be_switched_off(scene):
    ReviewSettings.objects.create(posts_status=False)
    scene.find()

    assert "set_status" not in calls_of(scene)


def test_a_status_that_is_refused_says_so_and_is_tried_again(scene):
    finding = scene.find()
    scene.host.fail(6, Fault.BEFORE, AccessLostError("checks: the app may not write checks."))

    review = scene.tell()

    assert scene.host.keys(7) == [key(finding)]
    assert review.obstacle == "The status could not be set: checks: the app may not write checks."
    assert RepositoryLink.objects.get().connection.state == ConnectionState.UNCHECKED
    assert calls_of(scene) == ["set_status"]


def test_a_commit_that_is_gone_needs_no_status(scene):
    scene.start_scan()
    scene.host.gone_commits = {HEAD}

    assert scene.tell().obstacle == ""
    assert calls_of(scene) == []


# Wanting and giving up


def test_wanting_a_review_makes_it_once_and_announces_it_each_time(
    scene, django_capture_on_commit_callbacks
):
    heard = []

    def hear(review_ids, **_announcement):
        heard.extend(review_ids)

    review_wanted.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            first = want_review(change_request_id=scene.change_request.id, at=scene.clock)
            later = scene.clock + timedelta(minutes=1)
            second = want_review(change_request_id=scene.change_request.id, at=later)
    finally:
        review_wanted.disconnect(hear)

    assert heard == [first.pk, second.pk]
    assert first.pk == second.pk
    assert Review.objects.get().next_attempt_at == scene.clock


def test_a_review_that_is_wanted_while_it_runs_begins_again(scene):
    review = scene.claim()
    want_review(change_request_id=scene.change_request.id, at=scene.clock)

    assert jobs.finish(review, now=scene.clock) is True


def test_the_reviews_of_a_finding_are_those_of_the_change_requests_that_it_stands_in(scene):
    told, untold = scene.find(line=10), scene.find(line=20, triage_state="ignored")
    review = scene.tell()
    elsewhere = scene.put_on_primary(scene.find(line=30)).finding
    Finding.objects.filter(pk=elsewhere.pk).first().instances.filter(ref=scene.ref).delete()
    other = ChangeRequestFactory(project=scene.project, number=8)
    want_review(change_request_id=other.pk, at=scene.clock)

    assert reviews_of_findings([told.pk]) == [review.pk]
    assert reviews_of_findings([untold.pk]) == [review.pk]
    assert reviews_of_findings([told.pk, untold.pk]) == [review.pk]
    assert reviews_of_findings([elsewhere.pk]) == []
    assert reviews_of_findings([]) == []


def test_a_review_that_was_given_up_says_why_until_it_comes_through(scene):
    finding = scene.find()
    review = scene.claim()

    give_up_telling(review=review, reason="The code host did not answer.")

    assert Review.objects.get().obstacle == "The code host did not answer."
    jobs.finish(review, now=scene.clock, error="The code host did not answer.")
    assert scene.tell().obstacle == ""
    assert scene.host.keys(7) == [key(finding)]


def test_who_has_lost_the_claim_gives_nothing_up(scene):
    review = scene.claim()
    Review.objects.filter(pk=review.pk).update(claims=review.claims + 1)

    give_up_telling(review=review, reason="It did not answer.")

    assert Review.objects.get().obstacle == ""


# How much it costs


def statements_of(scene, captured):
    with captured() as context:
        scene.tell()
    return len(context)


def test_telling_of_many_findings_costs_the_same_statements_as_of_one(
    scene, django_capture_queries
):
    scene.find(line=1)
    of_one = statements_of(scene, django_capture_queries)
    scene.modes = {f"acme.rule-{number}": "comment" for number in range(300)}
    scene.start_scan()
    for number in range(300):
        scene.find(line=number % 90 + 1, rule=f"acme.rule-{number}")

    of_many = statements_of(scene, django_capture_queries)

    assert len(scene.host.keys(7)) == 301
    # The first finding is gone from the second scan: its comment is edited.
    assert of_many <= of_one + 8


@pytest.fixture
def django_capture_queries():
    return lambda: CaptureQueriesContext(connection)
