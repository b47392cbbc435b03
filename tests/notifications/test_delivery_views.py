"""Settings, Deliveries: what went out, what waits, and dead letters that are sent again."""

import re
from datetime import timedelta

import pytest

from notifications.models import Delivery, DeliveryAttempt
from tenants.jobs import JobStatus
from tenants.models import AuditEvent
from tests.factories import DeliveryFactory, ScanFactory
from tests.notifications.scene import NOW

pytestmark = pytest.mark.django_db

PAGE = "/orgs/acme/settings/deliveries"


@pytest.fixture
def browser(client, ada):
    client.force_login(ada)
    return client


def rows(page):
    """Return the messages that a page lists, by the number of their link."""
    return [int(number) for number in re.findall(rf'href="{PAGE}/(\d+)"', page.content.decode())]


def words(page):
    return " ".join(page.content.decode().split())


def test_without_a_message_the_page_says_how_one_comes(browser):
    page = browser.get(PAGE)

    assert page.status_code == 200
    assert "Nothing was sent yet" in words(page)
    assert 'href="/orgs/acme/settings/subscriptions"' in words(page)


def test_messages_are_listed_newest_first_with_what_became_of_them(browser):
    digest = DeliveryFactory(kind="digest", key="d", status=JobStatus.DONE, sent_at=NOW)
    states = [
        DeliveryFactory(next_attempt_at=NOW),
        DeliveryFactory(status=JobStatus.RUNNING),
        DeliveryFactory(status=JobStatus.DONE, sent_at=NOW),
        DeliveryFactory(status=JobStatus.DONE, digest=digest),
        DeliveryFactory(status=JobStatus.DONE),
        DeliveryFactory(status=JobStatus.FAILED, error="No such mailbox."),
        DeliveryFactory(status=JobStatus.FAILED, sent_at=NOW),
    ]

    page = browser.get(PAGE)

    assert rows(page) == [row.pk for row in reversed([digest, *states])]
    badges = re.findall(
        r'<span class="badge[^"]*">\s*<svg.*?</svg>\s*([^<]+?)\s*</span>', words(page)
    )
    assert badges == [
        "Sent, but out of date", "Dead letter", "Nothing to say any more", "In a digest", "Sent",
        "Being sent", "Waiting", "Sent",
    ]  # fmt: skip
    assert "until 2026-11-22 12:00 UTC" in words(page)
    assert "No such mailbox." in words(page)
    assert "2 messages could not be sent." in words(page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("channel=mail", {"waiting", "sent", "dead"}),
        ("channel=slack", {"slack"}),
        ("channel=webhook", set()),
        ("status=waiting", {"waiting", "slack"}),
        ("status=sent", {"sent"}),
        ("status=dead", {"dead"}),
        ("status=in_digest", set()),
        ("channel=mail&status=dead", {"dead"}),
        ("channel=pigeon&status=lost&before=x", {"waiting", "sent", "dead", "slack"}),
    ],
)
def test_the_address_chooses_messages(browser, query, found):
    made = {
        "waiting": DeliveryFactory(),
        "sent": DeliveryFactory(status=JobStatus.DONE, sent_at=NOW),
        "dead": DeliveryFactory(status=JobStatus.FAILED),
        "slack": DeliveryFactory(channel="slack"),
    }

    page = browser.get(f"{PAGE}?{query}")

    assert set(rows(page)) == {made[name].pk for name in found}


def test_a_filter_that_nothing_fits_leads_back(browser):
    DeliveryFactory()

    page = browser.get(f"{PAGE}?status=dead")

    assert "No message fits" in words(page)
    assert f'href="{PAGE}">Show all' in words(page)


def test_pages_go_on_by_key_and_keep_the_filter(browser):
    made = [DeliveryFactory() for _ in range(52)]

    first = browser.get(f"{PAGE}?channel=mail")
    second = browser.get(f"{PAGE}?channel=mail&before={rows(first)[-1]}")

    assert rows(first) == [row.pk for row in made[:1:-1]]
    assert f"?channel=mail&amp;status=&amp;before={made[2].pk}" in first.content.decode()
    assert rows(second) == [made[1].pk, made[0].pk]


def test_a_list_takes_the_same_number_of_queries_for_one_and_for_many(
    browser, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(20):
        row = DeliveryFactory(scan=ScanFactory())
        DeliveryAttempt.objects.create(delivery=row)

    with django_assert_max_num_queries(14):
        browser.get(PAGE)


def test_a_message_shows_every_try_newest_first(browser):
    row = DeliveryFactory(scan=ScanFactory(), status=JobStatus.DONE, sent_at=NOW)
    DeliveryAttempt.objects.create(
        delivery=row, at=NOW, milliseconds=20_000, error="The server did not answer."
    )
    DeliveryAttempt.objects.create(
        delivery=row, at=NOW + timedelta(minutes=1), milliseconds=35, answer="250 OK"
    )

    page = words(browser.get(f"{PAGE}/{row.pk}"))

    assert page.index("250 OK") < page.index("The server did not answer.")
    assert "35 ms" in page
    assert "20000 ms" in page
    assert f'href="/orgs/acme/scans/{row.scan_id}"' in page
    assert "Send again" not in page


def test_a_digest_and_its_parts_lead_to_each_other(browser):
    digest = DeliveryFactory(kind="digest")
    part = DeliveryFactory(digest=digest, status=JobStatus.DONE)

    assert f'href="{PAGE}/{part.pk}"' in words(browser.get(f"{PAGE}/{digest.pk}"))
    assert f'href="{PAGE}/{digest.pk}"' in words(browser.get(f"{PAGE}/{part.pk}"))


def test_a_dead_letter_is_sent_again(browser, ada):
    row = DeliveryFactory(status=JobStatus.FAILED, error="No such mailbox.")
    before = words(browser.get(f"{PAGE}/{row.pk}"))

    answer = browser.post(f"{PAGE}/{row.pk}/retry", follow=True)

    assert "Send again" in before
    assert "may have arrived" not in before
    assert "is being sent again" in words(answer)
    assert Delivery.objects.get().status == JobStatus.WAITING
    assert AuditEvent.objects.get().actor == ada


def test_a_letter_that_may_have_arrived_is_asked_about_first(browser):
    row = DeliveryFactory(status=JobStatus.FAILED, is_in_doubt=True)

    page = words(browser.get(f"{PAGE}/{row.pk}"))

    assert "An earlier try may have arrived" in page
    assert "<dialog" in page


def test_in_slack_the_channel_is_looked_at_before_it_is_sent_twice(browser):
    row = DeliveryFactory(channel="slack", status=JobStatus.FAILED, is_in_doubt=True)

    page = words(browser.get(f"{PAGE}/{row.pk}"))

    assert "An earlier try may have arrived" in page
    assert "The channel is looked at first" in page


def test_hostile_text_is_escaped(browser):
    row = DeliveryFactory(
        recipient="<script>alert(1)</script>", status=JobStatus.FAILED, error="<b>x</b>"
    )

    for address in (PAGE, f"{PAGE}/{row.pk}"):
        page = words(browser.get(address))
        assert "<script>alert" not in page
        assert "<b>x" not in page


@pytest.mark.parametrize("person", ["mel", "vic"])
def test_only_admins_see_or_retry_messages(client, request, acme, person):
    client.force_login(request.getfixturevalue(person))
    row = DeliveryFactory(status=JobStatus.FAILED)

    answers = [
        client.get(PAGE),
        client.get(f"{PAGE}/{row.pk}"),
        client.post(f"{PAGE}/{row.pk}/retry"),
    ]

    assert {answer.status_code for answer in answers} == {403}
    assert Delivery.objects.get().status == JobStatus.FAILED
    assert PAGE not in client.get("/orgs/acme/findings").content.decode()


def test_the_sidebar_leads_admins_to_it(browser):
    assert f'href="{PAGE}"' in browser.get("/orgs/acme/findings").content.decode()
