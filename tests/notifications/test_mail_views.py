"""The page of a member's own mails, and the link that ends them without signing in."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from insights.models import TaskChoice
from llm.models import AssistantSettings
from notifications.mail_links import Unsubscription, unsubscribe_url
from notifications.mail_preferences import gets_monday_mail, members_with_monday_mail
from notifications.models import Delivery, MailPreference, Subscription
from tenants.jobs import JobStatus
from tenants.models import AuditEvent, Membership
from tests.factories import DeliveryFactory, SubscriptionFactory
from tests.notifications.mail_scene import tasks_of

pytestmark = pytest.mark.django_db


def page_of(organization="acme"):
    return reverse("notifications:mail-preferences", args=[organization])


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def link_of(organization, **who):
    whole = unsubscribe_url(Unsubscription(organization_id=organization.pk, **who))
    return whole[whole.index("/mails/") :]


def test_an_admin_leaves_the_monday_mail_and_comes_back(ada):
    client = signed_in(ada)

    client.post(page_of(), {"weekly": "on"})
    assert not gets_monday_mail(Membership.objects.get())

    client.post(page_of(), {"weekly": "on", "monday": "on"})
    assert gets_monday_mail(Membership.objects.get())
    actions = AuditEvent.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["mail_preference.changed", "mail_preference.changed"]


def test_an_admin_switches_it_off_for_the_organization(ada):
    signed_in(ada).post(page_of(), {"monday": "on"})

    assert not AssistantSettings.objects.get().sends_weekly_mail
    assert not members_with_monday_mail().exists()
    assert AuditEvent.objects.get().action == "weekly_mail.changed"


@pytest.mark.parametrize("name", ["mel", "vic"])
def test_who_is_no_admin_changes_nothing(name, request):
    client = signed_in(request.getfixturevalue(name))

    page = client.get(page_of())
    client.post(page_of(), {})

    assert "Admins get the three tasks" in page.content.decode()
    assert not AssistantSettings.objects.exists()
    assert not MailPreference.objects.exists()


def test_the_page_says_when_the_next_one_comes(ada, acme, time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z")
    type(acme).objects.filter(pk=acme.pk).update(time_zone="Europe/Berlin")

    page = signed_in(ada).get(page_of()).content.decode()

    assert "Monday, 30 November 2026, 08:00 (Europe/Berlin)" in page


def test_who_asks_for_this_weeks_gets_it_or_hears_why_not(vic, time_machine):
    time_machine.move_to("2026-11-24T12:00:00Z")
    client = signed_in(vic)
    address = reverse("notifications:send-monday-mail", args=["acme"])

    TaskChoice.objects.create(status=JobStatus.DONE, finished_at=timezone.now())
    without = client.post(address, follow=True).content.decode()
    assert "nothing to recommend this week" in without
    assert not Delivery.objects.exists()

    tasks_of(date(2026, 11, 23))
    client.post(address)
    assert Delivery.objects.get().recipient == "vic@acme.example"


def test_opening_the_link_ends_nothing(acme, ada):
    member = Membership.objects.get()

    page = Client().get(link_of(acme, member_id=member.pk))

    assert page.status_code == 200
    assert "the Monday mail of Acme to ada@acme.example" in page.content.decode()
    assert gets_monday_mail(member)


def test_one_click_of_a_mail_program_ends_the_monday_mail(acme, ada):
    member = Membership.objects.get()
    link = link_of(acme, member_id=member.pk)

    done = Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})
    again = Client().post(link)

    assert (done.status_code, again.status_code) == (200, 200)
    assert not gets_monday_mail(member)
    assert AuditEvent.objects.get().actor_label == "Link of a mail"


def test_the_link_of_a_subscription_removes_it_and_no_other(acme):
    one, other = SubscriptionFactory(), SubscriptionFactory()

    done = Client().post(link_of(acme, subscription_id=one.pk))

    assert "There will be no more of mails to" in done.content.decode()
    assert list(Subscription.objects.all()) == [other]
    assert AuditEvent.objects.get().action == "subscription.removed"


def test_what_waits_for_a_subscription_ends_with_it(acme):
    row = SubscriptionFactory()
    dead = DeliveryFactory(subscription=row, status=JobStatus.FAILED)

    Client().post(link_of(acme, subscription_id=row.pk))

    dead.refresh_from_db()
    assert (dead.status, dead.sent_at) == (JobStatus.DONE, None)


def test_a_link_that_was_used_says_so(acme):
    row = SubscriptionFactory()
    link = link_of(acme, subscription_id=row.pk)
    Client().post(link)

    assert "had ended already" in Client().get(link).content.decode()


@pytest.mark.parametrize("change", [lambda link: link[:-1], lambda link: link + "x"])
def test_a_link_that_we_did_not_sign_leads_nowhere(acme, change):
    row = SubscriptionFactory()

    response = Client().post(change(link_of(acme, subscription_id=row.pk)))

    assert response.status_code == 404
    assert Subscription.objects.exists()


def test_a_link_names_rows_of_its_own_organization_alone(acme, rival):
    row = SubscriptionFactory()

    Client().post(link_of(rival, subscription_id=row.pk))

    assert Subscription.objects.exists()
