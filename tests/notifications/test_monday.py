"""The Monday mail: to each admin once, at eight o'clock where the organization is."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection

from insights.models import RecommendedTask, TaskChoice
from llm.models import AssistantSettings
from notifications.models import Delivery, MailPreference
from notifications.monday import next_monday_mail, want_monday_mail_now, want_monday_mails
from pipeline.tasks import plan_monday_mails
from tenants.jobs import JobStatus
from tenants.models import Membership, Organization, Role
from tenants.scope import organization_scope
from tests import mail_server
from tests.factories import MembershipFactory, ProjectFactory, UserFactory
from tests.insights.test_priorities import a_finding
from tests.mail_server import MailServer
from tests.notifications.mail_scene import EIGHT, MONDAY, a_monday_mail, send, tasks_of, use

pytestmark = pytest.mark.django_db


def live_in(organization, time_zone):
    Organization.objects.filter(pk=organization.pk).update(time_zone=time_zone)


def keys():
    return sorted(Delivery.objects.values_list("key", flat=True))


@pytest.fixture
def tasks(acme):
    tasks_of(MONDAY)


@pytest.mark.parametrize(
    ("time_zone", "monday", "due"),
    [
        ("UTC", date(2026, 11, 23), datetime(2026, 11, 23, 8, tzinfo=UTC)),
        # Summer time ends on the Sunday before, and begins on it.
        ("Europe/Berlin", date(2026, 10, 19), datetime(2026, 10, 19, 6, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 10, 26), datetime(2026, 10, 26, 7, tzinfo=UTC)),
        ("Europe/Berlin", date(2027, 3, 29), datetime(2027, 3, 29, 6, tzinfo=UTC)),
        ("America/New_York", date(2027, 3, 8), datetime(2027, 3, 8, 13, tzinfo=UTC)),
        ("America/New_York", date(2027, 3, 15), datetime(2027, 3, 15, 12, tzinfo=UTC)),
        # Monday morning there is Sunday here, and Monday night.
        ("Pacific/Auckland", date(2026, 11, 23), datetime(2026, 11, 22, 19, tzinfo=UTC)),
        ("Pacific/Honolulu", date(2026, 11, 23), datetime(2026, 11, 23, 18, tzinfo=UTC)),
        ("Asia/Kathmandu", date(2026, 11, 23), datetime(2026, 11, 23, 2, 15, tzinfo=UTC)),
        ("Nowhere/Land", date(2026, 11, 23), datetime(2026, 11, 23, 8, tzinfo=UTC)),
    ],
)
def test_it_goes_out_at_eight_by_the_wall_clock(acme, ada, time_zone, monday, due):
    live_in(acme, time_zone)
    tasks_of(monday)

    assert want_monday_mails(now=due - timedelta(seconds=1)) == []
    assert len(want_monday_mails(now=due)) == 1


def test_a_server_that_was_down_in_the_morning_sends_it_later_but_not_on_wednesday(tasks, ada):
    assert want_monday_mails(now=EIGHT + timedelta(hours=24)) == []
    assert len(want_monday_mails(now=EIGHT + timedelta(hours=23, minutes=59))) == 1


def test_weeks_at_the_end_of_a_year_are_told_apart(acme, ada):
    for day in (date(2026, 12, 28), date(2027, 1, 4)):
        tasks_of(day)
        want_monday_mails(now=datetime(day.year, day.month, day.day, 8, tzinfo=UTC))

    member = Membership.objects.get()
    assert keys() == [f"monday:2026-W53:{member.pk}", f"monday:2027-W01:{member.pk}"]


def test_it_goes_to_each_admin_and_nobody_else(tasks, ada, mel, vic):
    gone = UserFactory(email="gone@acme.example", is_active=False)
    MembershipFactory(user=gone, role=Role.ADMIN)
    left = MembershipFactory(user__email="left@acme.example", role=Role.ADMIN)
    MailPreference.objects.create(member=left, wants_monday=False)

    want_monday_mails(now=EIGHT)

    assert [one.recipient for one in Delivery.objects.all()] == ["ada@acme.example"]


def test_an_organization_that_has_switched_it_off_gets_none(tasks, ada):
    AssistantSettings.objects.create(sends_weekly_mail=False)

    assert want_monday_mails(now=EIGHT) == []


def test_a_week_without_tasks_has_no_mail(acme, ada):
    assert want_monday_mails(now=EIGHT) == []
    assert not Delivery.objects.exists()


def test_run_twice_it_sends_one(tasks, ada):
    first = want_monday_mails(now=EIGHT)

    assert len(first) == 1
    assert want_monday_mails(now=EIGHT + timedelta(minutes=10)) == []
    assert Delivery.objects.count() == 1


def test_an_organization_that_moves_on_monday_gets_no_second_one(tasks, acme, ada):
    live_in(acme, "Asia/Tokyo")
    want_monday_mails(now=EIGHT)
    live_in(acme, "America/Los_Angeles")

    assert want_monday_mails(now=datetime(2026, 11, 23, 16, tzinfo=UTC)) == []


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_the_same_moment_send_one(tasks, acme, ada):
    gate = threading.Barrier(2)

    def beat():
        with organization_scope(acme.pk):
            gate.wait(timeout=30)
            want_monday_mails(now=EIGHT)
        connection.close()

    threads = [threading.Thread(target=beat) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert Delivery.objects.count() == 1


def test_a_crash_in_the_middle_resumes_without_repeats(tasks, acme, ada, settings):
    MembershipFactory(user__email="bo@acme.example", role=Role.ADMIN)
    with MailServer(None, mail_server.CUT_SENDER) as server:
        use(settings, server)
        first, second = want_monday_mails(now=EIGHT)
        send(Delivery.objects.get(pk=first))
        send(Delivery.objects.get(pk=second), most=1)  # and then the worker died

        want_monday_mails(now=EIGHT + timedelta(minutes=10))
        for delivery in Delivery.objects.order_by("id"):
            send(delivery, now=EIGHT + timedelta(minutes=10))

    assert sorted(one["To"] for one in server.mails) == ["ada@acme.example", "bo@acme.example"]


def test_who_is_no_admin_any_more_when_it_is_sent_gets_none(tasks, ada):
    delivery = a_monday_mail(ada)
    Membership.objects.update(role=Role.MEMBER)

    send(delivery)

    assert mail.outbox == []


def test_who_has_left_it_meanwhile_gets_none(tasks, ada):
    delivery = a_monday_mail(ada)
    MailPreference.objects.create(member=Membership.objects.get(), wants_monday=False)

    send(delivery)

    assert mail.outbox == []


def test_who_asks_for_this_weeks_gets_it_whatever_her_role(tasks, mel):
    member = Membership.objects.get()

    assert want_monday_mail_now(member=member, now=EIGHT)
    assert want_monday_mail_now(member=member, now=EIGHT + timedelta(seconds=30))

    delivery = Delivery.objects.get()
    send(delivery)
    (sent,) = mail.outbox
    assert sent.recipients() == ["mel@acme.example"]
    assert "You asked for this mail." in sent.body
    assert "List-Unsubscribe" not in sent.extra_headers


def test_who_asks_before_the_tasks_are_chosen_gets_what_there_is(acme, mel):
    a_finding(ProjectFactory(), path="app/x.py")

    assert want_monday_mail_now(member=Membership.objects.get(), now=EIGHT)
    assert not RecommendedTask.objects.exists()

    send(Delivery.objects.get())
    (sent,) = mail.outbox
    assert "SQL in app/x.py" in sent.body


def test_who_asks_too_early_where_there_is_nothing_to_do_gets_none(acme, mel):
    assert want_monday_mail_now(member=Membership.objects.get(), now=EIGHT)

    assert send(Delivery.objects.get()).status == JobStatus.DONE
    assert mail.outbox == []


def test_where_the_week_has_nothing_to_do_there_is_no_mail_to_ask_for(acme, mel):
    TaskChoice.objects.create(status=JobStatus.DONE, finished_at=EIGHT - timedelta(hours=7))

    assert not want_monday_mail_now(member=Membership.objects.get(), now=EIGHT)
    assert not Delivery.objects.exists()


def test_asking_for_it_does_not_take_the_place_of_mondays(tasks, ada):
    want_monday_mail_now(member=Membership.objects.get(), now=EIGHT - timedelta(minutes=5))

    assert len(want_monday_mails(now=EIGHT)) == 1


def test_the_next_one_is_this_mondays_until_eight():
    early, late = EIGHT - timedelta(minutes=1), EIGHT

    assert next_monday_mail(time_zone="UTC", now=early) == EIGHT
    assert next_monday_mail(time_zone="UTC", now=late) == EIGHT + timedelta(days=7)


def test_the_beat_asks_each_organization(tasks, acme, rival, ada, ron, time_machine):
    time_machine.move_to(EIGHT)

    plan_monday_mails()

    assert [one.recipient for one in Delivery.objects.all()] == ["ada@acme.example"]
    with organization_scope(rival.pk):
        assert not Delivery.objects.exists()
