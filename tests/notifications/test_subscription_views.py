"""Settings, Subscriptions: who hears of scans, added, changed and ended by admins."""

import pytest

from notifications.models import Delivery, Subscription
from tenants.jobs import JobStatus
from tenants.models import AuditEvent
from tenants.scope import organization_scope
from tests.factories import (
    DeliveryFactory,
    ProjectFactory,
    SlackWorkspaceFactory,
    SubscriptionFactory,
)

pytestmark = pytest.mark.django_db

PAGE = "/orgs/acme/settings/subscriptions"


@pytest.fixture
def browser(client, ada):
    client.force_login(ada)
    return client


@pytest.fixture
def channel(acme):
    return SubscriptionFactory(
        channel="slack",
        address="",
        workspace=SlackWorkspaceFactory(),
        slack_channel_id="C1",
        slack_channel_name="security",
    )


def words(page):
    return " ".join(page.content.decode().split())


def test_without_a_subscription_the_page_says_so(browser):
    page = browser.get(PAGE)

    assert page.status_code == 200
    assert "Nobody hears of scans yet" in words(page)


def test_an_address_is_subscribed_to_everything_new(browser, ada):
    answer = browser.post(PAGE, {"address": "Team@Acme.example", "tells_scans": "on"}, follow=True)

    row = Subscription.objects.get()
    assert "team@acme.example is subscribed." in words(answer)
    assert (row.channel, row.address, row.project, row.tag) == (
        "mail", "team@acme.example", None, "",
    )  # fmt: skip
    assert (row.products, row.modes) == ([], [])
    assert (row.tells_scans, row.tells_failed_scans) == (True, False)
    assert (row.quiet_from, row.quiet_until, row.created_by) == (None, None, ada)
    event = AuditEvent.objects.get()
    assert (event.action, event.object_label) == ("subscription.added", "team@acme.example")


def test_a_filter_and_quiet_hours_are_stored(browser):
    project = ProjectFactory()

    browser.post(
        PAGE,
        {
            "address": "team@acme.example",
            "scope": f"project:{project.pk}",
            "tells_failed_scans": "on",
            "products": ["sast", "secrets"],
            "modes": ["block"],
            "quiet_from": "22:30",
            "quiet_until": "06:15",
        },
    )

    row = Subscription.objects.get()
    assert (row.project, row.products, row.modes) == (project, ["sast", "secrets"], ["block"])
    assert (row.tells_scans, row.tells_failed_scans) == (False, True)
    assert (row.quiet_from, row.quiet_until) == (22 * 60 + 30, 6 * 60 + 15)


def test_all_boxes_ask_for_what_none_asks_for(browser):
    browser.post(
        PAGE,
        {
            "address": "team@acme.example",
            "tells_scans": "on",
            "products": ["sast", "sca", "secrets"],
            "modes": ["monitor", "comment", "block"],
        },
    )

    row = Subscription.objects.get()
    assert (row.products, row.modes) == ([], [])


def test_a_tag_of_a_project_may_be_subscribed(browser):
    ProjectFactory(tags=["team-red", "payments"])

    browser.post(PAGE, {"address": "a@b.example", "scope": "tag:payments", "tells_scans": "on"})

    assert Subscription.objects.get().tag == "payments"


GOOD = {"address": "team@acme.example", "tells_scans": "on"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"address": ""}, "Enter the mail address"),
        ({"address": "team"}, "Enter one mail address"),
        ({"address": "a@b.example, c@d.example"}, "Enter one mail address"),
        ({"tells_scans": ""}, "Choose what it should hear of."),
        ({"scope": "project:999999"}, "Select a valid choice"),
        ({"scope": "tag:unknown"}, "Select a valid choice"),
        ({"products": "everything"}, "Select a valid choice"),
        ({"modes": "disabled"}, "Select a valid choice"),
        ({"quiet_from": "22:00"}, "Enter both times"),
        ({"quiet_until": "22:00"}, "Enter both times"),
        ({"quiet_from": "25:00", "quiet_until": "06:00"}, "Enter a valid time"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "end when they begin"),
    ],
)
def test_what_would_not_work_is_refused_and_kept_in_the_form(browser, fields, why):
    page = browser.post(PAGE, {**GOOD, **fields})

    assert page.status_code == 422
    assert why in words(page)
    assert not Subscription.objects.exists()
    assert not AuditEvent.objects.exists()


def test_an_address_hears_of_the_same_projects_once(browser):
    browser.post(PAGE, GOOD)

    again = browser.post(PAGE, {**GOOD, "address": "TEAM@acme.example"})

    assert again.status_code == 422
    assert "hears of these projects already" in words(again)
    assert Subscription.objects.count() == 1


def test_an_address_may_hear_of_several_projects_apart(browser):
    projects = [ProjectFactory(), ProjectFactory()]

    for project in projects:
        browser.post(PAGE, {**GOOD, "scope": f"project:{project.pk}"})

    assert Subscription.objects.count() == 2


def test_slack_channels_are_listed_with_addresses(browser, channel):
    SubscriptionFactory(
        address="team@acme.example",
        quiet_from=22 * 60,
        quiet_until=7 * 60,
        products=["secrets", "sast"],
        modes=["block"],
    )

    page = words(browser.get(PAGE))

    assert page.index("#security") < page.index("team@acme.example")
    assert "22:00 to 07:00" in page
    assert "Code, Secrets · Block" in page


def test_a_subscription_is_changed(browser, channel):
    page = words(browser.get(f"{PAGE}/{channel.pk}"))

    answer = browser.post(
        f"{PAGE}/{channel.pk}", {"tells_verdicts": "on", "modes": ["block"]}, follow=True
    )

    assert 'name="tells_verdicts"' in page
    assert "What #security hears of is changed." in words(answer)
    channel.refresh_from_db()
    assert (channel.tells_scans, channel.tells_verdicts, channel.modes) == (False, True, ["block"])
    event = AuditEvent.objects.get()
    assert (event.before["modes"], event.after["modes"]) == ([], ["block"])


def test_what_did_not_change_is_no_act(browser):
    row = SubscriptionFactory()

    browser.post(f"{PAGE}/{row.pk}", {"tells_scans": "on", "tells_verdicts": "on"})

    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("fields", [{}, {"tells_verdicts": "on"}])
def test_a_mail_subscription_must_hear_of_something(browser, fields):
    row = SubscriptionFactory()

    page = browser.post(f"{PAGE}/{row.pk}", fields)

    assert page.status_code == 422
    assert "Choose what it should hear of." in words(page)
    row.refresh_from_db()
    assert row.tells_scans


def test_a_subscription_cannot_become_another(browser):
    project = ProjectFactory()
    SubscriptionFactory(address="a@b.example", project=project)
    row = SubscriptionFactory(address="a@b.example")

    page = browser.post(f"{PAGE}/{row.pk}", {"tells_scans": "on", "scope": f"project:{project.pk}"})

    assert page.status_code == 422
    assert "hears of these projects already" in words(page)


def test_an_archived_project_of_its_own_can_still_be_chosen(browser):
    row = SubscriptionFactory(project=ProjectFactory(is_archived=True))

    page = browser.post(
        f"{PAGE}/{row.pk}",
        {"tells_scans": "on", "tells_verdicts": "on", "scope": f"project:{row.project_id}"},
    )

    assert page.status_code == 302


def test_a_removed_subscription_hears_of_nothing_more(browser, channel):
    waiting = DeliveryFactory(channel="slack", subscription=channel, recipient="#security")
    sent = DeliveryFactory(subscription=channel, status=JobStatus.DONE, recipient="#security")

    answer = browser.post(f"{PAGE}/{channel.pk}/remove", follow=True)

    assert "#security hears of nothing more" in words(answer)
    assert not Subscription.objects.exists()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.sent_at) == (JobStatus.DONE, None)
    assert waiting.error == "The subscription was removed before it was sent."
    assert Delivery.objects.get(pk=sent.pk).error == ""
    assert AuditEvent.objects.get().action == "subscription.removed"


def test_the_subscription_of_another_organization_is_not_there(browser, rival):
    with organization_scope(rival.id):
        theirs = SubscriptionFactory()

    answers = [
        browser.get(f"{PAGE}/{theirs.pk}"),
        browser.post(f"{PAGE}/{theirs.pk}", {"tells_scans": "on"}),
        browser.post(f"{PAGE}/{theirs.pk}/remove"),
    ]

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize("person", ["mel", "vic"])
def test_only_admins_see_or_change_subscriptions(client, request, acme, person):
    client.force_login(request.getfixturevalue(person))
    row = SubscriptionFactory()

    answers = [
        client.get(PAGE),
        client.post(PAGE, GOOD),
        client.get(f"{PAGE}/{row.pk}"),
        client.post(f"{PAGE}/{row.pk}/remove"),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert Subscription.objects.count() == 1


def test_the_list_takes_a_constant_number_of_queries(browser, django_assert_max_num_queries):
    for _ in range(20):
        SubscriptionFactory(project=ProjectFactory())

    with django_assert_max_num_queries(14):
        browser.get(PAGE)
