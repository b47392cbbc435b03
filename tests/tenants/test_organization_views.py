"""The page Settings, General."""

import pytest

from tenants.models import AuditEvent, Organization

PAGE = "/orgs/acme/settings/general"


def words(page):
    return " ".join(page.content.decode().split())


@pytest.fixture
def browser(client, ada):
    client.force_login(ada)
    return client


def test_the_page_shows_what_is_stored(browser, acme):
    Organization.objects.filter(pk=acme.pk).update(time_zone="Europe/Berlin")

    page = words(browser.get(PAGE))

    assert 'value="Acme"' in page
    assert '<option value="Europe/Berlin" selected>' in page
    assert page.count("<option") > 300


def test_what_is_entered_is_stored_and_told_in_the_audit_log(browser, acme, ada):
    answer = browser.post(
        PAGE, {"name": " Acme & Sons ", "time_zone": "America/New_York"}, follow=True
    )

    acme.refresh_from_db()
    assert (acme.name, acme.time_zone, acme.slug) == ("Acme & Sons", "America/New_York", "acme")
    assert "Acme &amp; Sons" in words(answer)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor) == ("organization.changed", ada)
    assert event.before == {"name": "Acme", "time_zone": "UTC"}
    assert event.after == {"name": "Acme & Sons", "time_zone": "America/New_York"}


def test_saving_what_holds_already_is_no_act(browser):
    browser.post(PAGE, {"name": "Acme", "time_zone": "UTC"})

    assert not AuditEvent.objects.exists()


def test_a_zone_that_we_do_not_offer_stays_where_it_is_stored(browser, acme):
    Organization.objects.filter(pk=acme.pk).update(time_zone="Etc/GMT+3")

    answer = browser.post(PAGE, {"name": "Acme Two", "time_zone": "Etc/GMT+3"})

    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": ""}, "Enter what the organization is called."),
        ({"name": "   "}, "Enter what the organization is called."),
        ({"name": "x" * 201}, "at most 200 characters"),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"time_zone": ""}, "Choose a time zone."),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"time_zone": "../../etc/passwd"}, "Select a valid choice"),
    ],
)
def test_what_would_not_work_is_refused(browser, acme, fields, why):
    page = browser.post(PAGE, {"name": "Other", "time_zone": "UTC", **fields})

    assert page.status_code == 422
    assert why in words(page)
    acme.refresh_from_db()
    assert (acme.name, acme.time_zone) == ("Acme", "UTC")
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("person", ["mel", "vic"])
def test_only_admins_see_or_change_it(client, request, acme, person):
    client.force_login(request.getfixturevalue(person))

    answers = [client.get(PAGE), client.post(PAGE, {"name": "x", "time_zone": "UTC"})]

    assert {answer.status_code for answer in answers} == {403}
    acme.refresh_from_db()
    assert acme.name == "Acme"


def test_an_organization_changes_itself_alone(browser, rival):
    browser.post(PAGE, {"name": "Other", "time_zone": "Asia/Tokyo"})

    rival.refresh_from_db()
    assert (rival.name, rival.time_zone) == ("Rival", "UTC")
