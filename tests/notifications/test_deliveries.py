"""The outbox: each key once, however often and from however many sides it is asked for."""

from datetime import timedelta

import pytest

from core.errors import NotFoundError
from notifications.announcements import delivery_wanted
from notifications.deliveries import Draft, retry, want_again, want_deliveries
from notifications.models import Channel, Delivery, DeliveryKind
from tenants import jobs
from tenants.audit import Actor
from tenants.jobs import JobStatus
from tenants.models import AuditEvent
from tenants.scope import organization_scope
from tests.factories import DeliveryFactory, SubscriptionFactory
from tests.notifications.scene import NOW

pytestmark = pytest.mark.django_db


def draft(key="scan:1:mail:3", **facts):
    return Draft(
        **{
            "channel": Channel.MAIL,
            "kind": DeliveryKind.SCAN,
            "key": key,
            "recipient": "team@acme.example",
            **facts,
        }
    )


@pytest.fixture
def heard():
    """The ids that were announced."""
    ids = []

    def hear(delivery_ids, **_announcement):
        ids.append(list(delivery_ids))

    delivery_wanted.connect(hear)
    yield ids
    delivery_wanted.disconnect(hear)


def test_a_message_is_written_down_once_however_often_it_is_wanted(acme):
    first = want_deliveries([draft(facts={"note": "first"})], now=NOW)
    again = want_deliveries([draft(facts={"note": "second"}), draft()], now=NOW)

    row = Delivery.objects.get()
    assert (first, again) == ([row.pk], [])
    assert (row.status, row.facts, row.next_attempt_at) == ("waiting", {"note": "first"}, NOW)


def test_two_drafts_of_one_key_are_one_message(acme):
    ids = want_deliveries([draft(), draft(), draft("scan:2:mail:3")], now=NOW)

    assert len(ids) == 2
    assert sorted(Delivery.objects.values_list("key", flat=True)) == [
        "scan:1:mail:3",
        "scan:2:mail:3",
    ]


def test_new_messages_are_announced_once_they_are_stored(
    acme, heard, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        ids = want_deliveries([draft()], now=NOW)
        want_deliveries([draft()], now=NOW)
        want_deliveries([], now=NOW)

    assert heard == [ids]


def test_another_organization_has_keys_of_its_own(acme, rival):
    want_deliveries([draft()], now=NOW)

    with organization_scope(rival.id):
        ids = want_deliveries([draft()], now=NOW)
        assert Delivery.objects.get().pk == ids[0]


def test_what_falls_into_quiet_hours_waits_for_their_end(acme):
    quiet = SubscriptionFactory(quiet_from=11 * 60, quiet_until=13 * 60)

    want_deliveries([draft(subscription=quiet)], now=NOW)

    assert Delivery.objects.get().next_attempt_at == NOW + timedelta(hours=1)


def test_a_test_waits_for_no_hour(acme):
    quiet = SubscriptionFactory(quiet_from=11 * 60, quiet_until=13 * 60)

    want_deliveries([draft(subscription=quiet, kind=DeliveryKind.TEST)], now=NOW)

    assert Delivery.objects.get().next_attempt_at == NOW


def test_a_message_that_is_to_wait_waits_at_least_that_long(acme):
    quiet = SubscriptionFactory(quiet_from=12 * 60 + 10, quiet_until=13 * 60)
    in_a_while = NOW + timedelta(minutes=20)

    want_deliveries(
        [
            draft("a", not_before=NOW + timedelta(seconds=20)),
            draft("b", subscription=quiet, not_before=in_a_while),
        ],
        now=NOW,
    )

    times = dict(Delivery.objects.values_list("key", "next_attempt_at"))
    assert times == {"a": NOW + timedelta(seconds=20), "b": NOW + timedelta(hours=1)}


def test_a_long_recipient_is_cut_to_what_fits(acme):
    want_deliveries([draft(recipient="x" * 500)], now=NOW)

    assert len(Delivery.objects.get().recipient) == 320


def test_a_sent_message_is_brought_up_to_date_when_asked(acme):
    sent = DeliveryFactory(status=JobStatus.DONE, sent_at=NOW)

    want_again(delivery_ids=[sent.pk], at=NOW)
    want_again(delivery_ids=[], at=NOW)

    sent.refresh_from_db()
    assert (sent.status, sent.sent_at, sent.attempts) == (JobStatus.WAITING, NOW, 0)


def test_a_message_that_is_being_sent_is_looked_at_again_afterwards(acme):
    row = DeliveryFactory(next_attempt_at=NOW)
    claimed = jobs.claim(Delivery, job_id=row.pk, now=NOW)

    want_again(delivery_ids=[row.pk], at=NOW)
    begins_again = jobs.finish(claimed, now=NOW)

    row.refresh_from_db()
    assert (begins_again, row.status) == (True, JobStatus.WAITING)


def test_a_dead_letter_is_sent_again_by_hand_and_the_audit_log_says_by_whom(acme, ada):
    dead = DeliveryFactory(
        status=JobStatus.FAILED, error="The server is away.", is_in_doubt=True, attempts=30
    )

    row = retry(delivery_id=dead.pk, actor=Actor.person(ada), now=NOW)

    dead.refresh_from_db()
    assert row.pk == dead.pk
    assert (dead.status, dead.error, dead.attempts) == (JobStatus.WAITING, "", 0)
    assert (dead.is_in_doubt, dead.may_repeat, dead.next_attempt_at) == (True, True, NOW)
    event = AuditEvent.objects.get()
    assert (event.action, event.object_label, event.actor) == ("delivery.retried", dead.key, ada)


def test_a_dead_letter_that_surely_did_not_arrive_leaves_nothing_to_decide(acme, ada):
    dead = DeliveryFactory(status=JobStatus.FAILED, error="There is no such channel.")

    retry(delivery_id=dead.pk, actor=Actor.person(ada), now=NOW)

    assert not Delivery.objects.get().may_repeat


@pytest.mark.parametrize("status", ["waiting", "running", "done"])
def test_a_message_that_is_not_dead_is_not_sent_again(acme, ada, status):
    row = DeliveryFactory(status=status, is_in_doubt=True)

    retry(delivery_id=row.pk, actor=Actor.person(ada), now=NOW)

    row.refresh_from_db()
    assert (row.status, row.is_in_doubt, row.may_repeat) == (status, True, False)
    assert not AuditEvent.objects.exists()


def test_a_dead_letter_of_another_organization_is_not_there(acme, ada, rival):
    with organization_scope(rival.id):
        theirs = DeliveryFactory(status=JobStatus.FAILED)

    with pytest.raises(NotFoundError):
        retry(delivery_id=theirs.pk, actor=Actor.person(ada), now=NOW)

    with organization_scope(rival.id):
        assert Delivery.objects.get().status == JobStatus.FAILED
