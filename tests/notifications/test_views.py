"""The pages of change requests."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from findings.models import ChangeRequest
from integrations.models import RepositoryLink
from notifications.models import CommentState, Review, ReviewCommand, ReviewComment
from notifications.showing import Asked, page_of_change_requests
from tenants.jobs import JobStatus
from tests.factories import (
    ChangeRequestFactory,
    FindingFactory,
    ProjectFactory,
    ReviewCommentFactory,
    ReviewFactory,
    VerdictFactory,
)
from tests.notifications.scene import NOW, Scene, many

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(acme, monkeypatch):
    return Scene(monkeypatch)


@pytest.fixture
def local_scene(scene):
    """A change request of a project that is connected to nothing."""
    RepositoryLink.objects.all().delete()
    return scene


@pytest.fixture
def as_mel(client, mel):
    client.force_login(mel)
    return client


def address(name, *rest):
    return reverse(f"notifications:{name}", args=["acme", *rest])


def list_of(client, **query):
    return client.get(address("change-requests"), query).content.decode()


def page_of(client, change_request):
    return client.get(address("change-request", change_request.pk)).content.decode()


def review_of(scene, **fields):
    return ReviewFactory(change_request=scene.change_request, **fields)


# The list


def test_without_any_the_list_says_where_they_come_from(as_mel):
    assert "No change request was scanned yet" in list_of(as_mel)


def test_the_list_tells_what_how_many_and_how_far(as_mel):
    row = ChangeRequestFactory(project=ProjectFactory(name="acme/shop"), title="<b>Search</b>")
    ReviewCommentFactory(review=ReviewFactory(change_request=row, status=JobStatus.DONE))

    body = list_of(as_mel)

    assert "&lt;b&gt;Search&lt;/b&gt;" in body
    assert "acme/shop" in body
    assert "Up to date" in body
    assert address("change-request", row.pk) in body


def test_the_list_is_narrowed_by_project_and_state(as_mel):
    shop, site = ProjectFactory(), ProjectFactory()
    ChangeRequestFactory(project=shop, title="Open one")
    ChangeRequestFactory(project=shop, title="Merged one", state="merged")
    ChangeRequestFactory(project=site, title="Other one")

    of_shop = list_of(as_mel, project=shop.pk)
    merged = list_of(as_mel, state="merged")

    assert ("Open one" in of_shop, "Other one" in of_shop) == (True, False)
    assert ("Merged one" in merged, "Open one" in merged) == (True, False)
    assert "No change request fits" in list_of(as_mel, project=site.pk, state="closed")


def test_the_list_is_paged_by_key(acme):
    rows = [ChangeRequestFactory() for _ in range(5)]

    first = page_of_change_requests(Asked(), size=2)
    second = page_of_change_requests(Asked(before=first.next_before), size=2)
    last = page_of_change_requests(Asked(before=second.next_before), size=2)

    assert [one.pk for one in [*first.rows, *second.rows, *last.rows]] == [
        row.pk for row in reversed(rows)
    ]
    assert last.next_before is None


@pytest.mark.parametrize("junk", ["x", "-1", "9" * 40, "²", ""])
def test_an_address_with_junk_shows_the_first_page(as_mel, junk):
    ChangeRequestFactory(title="Open one")

    response = as_mel.get(
        address("change-requests"), {"before": junk, "project": junk, "state": junk}
    )

    assert response.status_code == HTTPStatus.OK
    assert "Open one" in response.content.decode()


def test_the_list_takes_as_many_queries_for_many_as_for_one(as_mel):
    def queries():
        with CaptureQueriesContext(connection) as taken:
            list_of(as_mel)
        return len(taken)

    ReviewCommentFactory()
    list_of(as_mel)
    few = queries()
    for _ in range(6):
        ReviewCommentFactory()

    assert queries() == few


# One change request


def test_comments_that_nobody_can_post_are_shown_as_their_readers_would_see_them(
    as_mel, local_scene
):
    finding = local_scene.find()
    VerdictFactory(finding=finding, conclusion="false_positive", reason="It is a constant.")
    local_scene.tell()

    body = page_of(as_mel, local_scene.change_request)

    assert ReviewComment.objects.get().state == CommentState.KEPT_HERE
    assert "Shown here only" in body
    assert "<strong>Maybe safe to ignore: SQL injection</strong>" in body
    assert "<summary>Not worth fixing? Reply with a command</summary>" in body
    assert "It is a constant." in body
    assert "has no connected repository" in body


def test_a_posted_comment_leads_to_the_code_host(as_mel, scene):
    finding = scene.find()
    scene.tell()
    ReviewComment.objects.update(url="https://code.example/acme/shop/pull/7#r1")

    body = page_of(as_mel, scene.change_request)

    assert 'href="https://code.example/acme/shop/pull/7#r1"' in body
    assert "Posted" in body
    assert f"app/db.py:{finding.start_line}" in body


def test_an_address_that_is_none_of_the_web_is_no_link(as_mel, scene):
    ChangeRequest.objects.update(url="javascript:alert(1)")
    ReviewCommentFactory(review=review_of(scene), url="javascript:alert(1)")

    assert "javascript:" not in page_of(as_mel, scene.change_request)


def test_what_went_wrong_with_a_comment_is_told(as_mel, scene):
    review = review_of(scene)
    ReviewCommentFactory(review=review, state="refused", error="The line is not in the diff.")
    ReviewCommentFactory(review=review, state="deleted")

    body = page_of(as_mel, scene.change_request)

    assert "The line is not in the diff." in body
    assert "Deleted at the code host" in body
    assert body.count("Its finding is no longer known here.") == 2


def test_a_rule_with_many_findings_is_one_comment(as_mel, local_scene):
    many(local_scene)
    local_scene.tell()

    body = page_of(as_mel, local_scene.change_request)

    assert "6 findings" in body
    assert "triaged on the findings page" in body
    assert body.count('class="card comment"') == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"status": "waiting", "error": "GitHub is busy."}, "GitHub is busy."),
        ({"status": "waiting"}, "The next try is at"),
        ({"status": "running"}, "are being brought up to date"),
        ({"status": "failed", "error": "The token was revoked."}, "The token was revoked."),
        ({"status": "done", "obstacle": "The app is suspended."}, "The app is suspended."),
        ({"status": "done", "finished_at": NOW}, "Everything that there is to say was told"),
    ],
)
def test_how_far_the_review_has_come_is_told(as_mel, scene, fields, told):
    review_of(scene, **fields)

    assert told in page_of(as_mel, scene.change_request)


def test_commands_stand_with_their_answers(as_mel, scene):
    comment = ReviewCommentFactory(review=review_of(scene))
    for external_id, of_comment in (("1", comment), ("2", None)):
        ReviewCommand.objects.create(
            change_request=scene.change_request, comment=of_comment, external_id=external_id,
            text_hash="a" * 64, author="<eve>", verb="fp", state="refused",
            answer="You need **write access**.",
        )  # fmt: skip

    body = page_of(as_mel, scene.change_request)

    assert body.count("<strong>&lt;eve&gt;</strong>") == 2
    assert body.count("You need <strong>write access</strong>.") == 2
    assert "Commands outside our threads" in body


def test_a_page_takes_as_many_queries_for_many_comments_as_for_one(as_mel, local_scene):
    def queries():
        with CaptureQueriesContext(connection) as taken:
            page_of(as_mel, local_scene.change_request)
        return len(taken)

    local_scene.modes.update({f"r.{number}": "comment" for number in range(1, 8)})
    local_scene.find(1, rule="r.1")
    local_scene.tell()
    few = queries()
    for number in range(2, 8):
        local_scene.find(number, rule=f"r.{number}", path=f"app/{number}.py")
    local_scene.tell()

    assert ReviewComment.objects.count() == 7
    assert queries() == few


def test_a_member_has_it_tried_again(as_mel, scene):
    review_of(scene, status=JobStatus.FAILED, error="x", next_attempt_at=NOW + timedelta(days=9))

    response = as_mel.post(address("try-again", scene.change_request.pk))

    assert response.headers["Location"] == address("change-request", scene.change_request.pk)
    assert [str(one) for one in get_messages(response.wsgi_request)] == [
        "The comments are being brought up to date."
    ]
    review = Review.objects.get()
    assert (review.status, review.error, review.attempts) == (JobStatus.WAITING, "", 0)


def test_who_only_reads_is_offered_no_other_try(client, vic, scene):
    review_of(scene, status=JobStatus.FAILED)
    client.force_login(vic)

    response = client.post(address("try-again", scene.change_request.pk))

    assert response.status_code == HTTPStatus.FORBIDDEN
    assert "Try again" not in page_of(client, scene.change_request)
    assert Review.objects.get().status == JobStatus.FAILED


def test_a_stranger_is_told_that_there_is_none(as_mel):
    assert as_mel.get(address("change-request", 99)).status_code == HTTPStatus.NOT_FOUND
    assert as_mel.post(address("try-again", 99)).status_code == HTTPStatus.NOT_FOUND


# A finding's page


def test_a_findings_page_leads_to_its_comments(as_mel, local_scene):
    local_scene.modes["r.lone"] = "block"
    lone, *others = [local_scene.find(50, rule="r.lone"), *many(local_scene)]
    local_scene.tell()

    def panel(finding):
        return as_mel.get(address("comments-panel", finding.pk)).content.decode()

    of_lone = ReviewComment.objects.get(kind="finding")
    of_rule = ReviewComment.objects.get(kind="rule")
    page = address("change-request", local_scene.change_request.pk)
    assert f'href="{page}#comment-{of_lone.pk}"' in panel(lone)
    assert f'href="{page}#comment-{of_rule.pk}"' in panel(others[2])
    assert "In change requests" not in panel(FindingFactory(project=local_scene.project))


def test_a_findings_page_has_a_slot_for_its_comments(as_mel, scene):
    finding = scene.find()

    body = as_mel.get(reverse("console:finding", args=["acme", finding.pk])).content.decode()

    assert f'hx-get="{address("comments-panel", finding.pk)}"' in body
