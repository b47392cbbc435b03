"""How an organization is spoken to in change requests, and the page that says so."""

import pytest
from django.test import Client

from llm.models import AssistantSettings
from notifications.announcements import review_wanted
from notifications.models import CommentState, ReviewSettings
from notifications.review_settings import (
    commands_offered,
    review_settings,
    save_review_settings,
)
from tenants.audit import Actor
from tenants.models import AuditEvent
from tests.factories import ChangeRequestFactory, RepositoryLinkFactory, ReviewCommentFactory
from tests.notifications.scene import NOW

pytestmark = pytest.mark.django_db

PAGE = "/orgs/acme/settings/change-requests"
DEFAULTS = {
    "comments": "on",
    "posts_status": "on",
    "judges_in_comments": "on",
    "noise_filter": "note",
    "command_prefix": "/semgrep",
}


@pytest.fixture
def browser(ada):
    client = Client()
    client.force_login(ada)
    return client


def without(name):
    return {key: value for key, value in DEFAULTS.items() if key != name}


def test_without_a_row_the_defaults_hold(acme):
    settings = review_settings()

    assert (settings.comments, settings.posts_status, settings.answers_in_public) == (
        True,
        True,
        False,
    )
    assert settings.command_prefix == "/semgrep"
    assert not ReviewSettings.objects.exists()


@pytest.mark.parametrize(
    ("answers", "is_public", "kind", "base_url", "offered"),
    [
        (False, False, "github", "https://github.com", "/semgrep"),
        (False, True, "github", "https://github.com", ""),
        (False, None, "github", "https://github.com", "/semgrep"),
        (True, True, "github", "https://github.com", "/semgrep"),
        (False, True, "github", "https://github.acme.example", "/semgrep"),
        (False, True, "gitlab", "https://gitlab.com", "/semgrep"),
    ],
)
def test_commands_are_offered_where_they_are_taken(
    acme, answers, is_public, kind, base_url, offered
):
    settings = ReviewSettings(answers_in_public=answers)
    link = RepositoryLinkFactory(
        is_public=is_public, connection__kind=kind, connection__base_url=base_url
    )

    assert commands_offered(settings, link=link) == offered


def test_without_a_repository_commands_are_named(acme):
    assert commands_offered(ReviewSettings(), link=None) == "/semgrep"


def test_what_was_saved_is_told_in_the_audit_log_and_nothing_else(acme, ada):
    wanted = ReviewSettings(command_prefix="/assay", posts_status=False)

    save_review_settings(wanted=wanted, actor=Actor.person(ada), now=NOW)

    stored = ReviewSettings.objects.get()
    assert (stored.command_prefix, stored.posts_status, stored.comments) == ("/assay", False, True)
    assert stored.changed_at == NOW
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("reviews.changed", ada)
    assert event.before == {"posts_status": True, "command_prefix": "/semgrep"}
    assert event.after == {"posts_status": False, "command_prefix": "/assay"}


def test_saving_what_holds_already_is_no_act(acme, ada):
    save_review_settings(wanted=ReviewSettings(), actor=Actor.person(ada), now=NOW)

    assert not AuditEvent.objects.exists()


def test_the_page_shows_what_is_stored(browser):
    ReviewSettings.objects.create(comments=False, command_prefix="/assay")
    AssistantSettings.objects.create(noise_filter="hide")

    page = browser.get(PAGE)

    assert page.status_code == 200
    assert page.context["form"]["comments"].value() is False
    assert page.context["form"]["posts_status"].value() is True
    assert page.context["form"]["noise_filter"].value() == "hide"
    assert 'value="/assay"' in page.content.decode()
    assert '<option value="hide" selected>' in " ".join(page.content.decode().split())


def test_what_is_entered_is_stored_in_both_places(browser, ada):
    AssistantSettings.objects.create(fixes=False, monthly_budget_usd="12.00")

    answer = browser.post(
        PAGE,
        {
            "answers_in_public": "on",
            "noise_filter": "hide",
            "command_prefix": "/assay",
        },
    )

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    stored, assistant = ReviewSettings.objects.get(), AssistantSettings.objects.get()
    assert (stored.comments, stored.posts_status, stored.answers_in_public) == (False, False, True)
    assert stored.command_prefix == "/assay"
    assert (assistant.judges_in_comments, assistant.noise_filter) == (False, "hide")
    assert (assistant.fixes, assistant.monthly_budget_usd) == (False, 12)
    acts = AuditEvent.objects.order_by("id")
    assert [act.action for act in acts] == ["reviews.changed", "assistant.changed"]
    assert acts[1].after == {"judges_in_comments": False, "noise_filter": "hide"}
    assert {act.actor for act in acts} == {ada}


@pytest.mark.parametrize(
    ("prefix", "why"),
    [
        ("", "Enter how commands begin"),
        ("assay", "Begin with a slash"),
        ("/", "Begin with a slash"),
        ("/Assay", "Begin with a slash"),
        ("/two words", "Begin with a slash"),
        ("/a<b", "Begin with a slash"),
        ("/semgrep\n/close", "Begin with a slash"),
        ("/merge", "GitLab has a quick action"),
        ("/fp", "That is a command by itself"),
    ],
)
def test_a_prefix_that_would_not_work_is_refused_with_the_remedy(browser, prefix, why):
    answer = browser.post(PAGE, {**DEFAULTS, "command_prefix": prefix})

    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not ReviewSettings.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_unknown_filter_is_refused(browser):
    answer = browser.post(PAGE, {**DEFAULTS, "noise_filter": "all"})

    assert answer.status_code == 422
    assert not ReviewSettings.objects.exists()


def test_switching_comments_on_tells_open_change_requests_what_was_kept_here(
    browser, django_capture_on_commit_callbacks
):
    ReviewSettings.objects.create(comments=False)
    kept = ReviewCommentFactory(state=CommentState.KEPT_HERE).review
    ReviewCommentFactory(state=CommentState.POSTED)
    ReviewCommentFactory(
        state=CommentState.KEPT_HERE,
        review__change_request=ChangeRequestFactory(state="merged"),
    )
    heard = []

    def hear(review_ids, **_announcement):
        heard.extend(review_ids)

    review_wanted.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(PAGE, DEFAULTS)
    finally:
        review_wanted.disconnect(hear)

    assert heard == [kept.pk]


@pytest.mark.parametrize("person", ["mel", "vic"])
def test_only_admins_may_see_or_change_it(acme, request, person):
    client = Client()
    client.force_login(request.getfixturevalue(person))

    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, without("comments")).status_code == 403
    assert not ReviewSettings.objects.exists()
    assert "/settings/change-requests" not in client.get("/orgs/acme/findings").content.decode()


def test_the_sidebar_leads_admins_to_it(browser):
    assert f'href="{PAGE}"' in browser.get("/orgs/acme/findings").content.decode()
