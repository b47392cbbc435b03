"""Sending a claimed message: exactly once, whatever dies when, and each try on record."""

from datetime import timedelta

import pytest

from core.errors import ProblemError, TransientError
from notifications.claims import ClaimLostError
from notifications.models import Channel, Delivery, DeliveryAttempt
from notifications.senders.protocol import (
    NotSentError,
    RefusedError,
    Sent,
    UnknownOutcomeError,
)
from notifications.senders.registry import SENDERS
from notifications.sending import deliver
from pipeline.jobs import run_job
from pipeline.trades import DELIVERIES
from tenants import jobs
from tenants.jobs import JobStatus
from tests.factories import DeliveryFactory, SubscriptionFactory
from tests.notifications.scene import NOW

pytestmark = pytest.mark.django_db

ARRIVED = Sent(external_ids={"ts": "1.2"}, body_hash="a" * 64, answer="200 OK")


class FakeSender:
    """A channel that keeps what it was told; `fails` is raised before or after it took it."""

    def __init__(self):
        self.calls, self.held = [], []
        self.fails_before = self.fails_after = self.fails_to_find = None
        self.says = self.changed = ARRIVED
        self.during = lambda: None

    def find(self, delivery):
        self.calls.append("find")
        if self.fails_to_find:
            raise self.fails_to_find
        return ARRIVED if delivery.key in self.held else None

    def send(self, delivery, *, begin):
        self.calls.append("send")
        if self.says is None:
            return None
        begin()
        self.during()
        if self.fails_before:
            raise self.fails_before
        self.held.append(delivery.key)
        if self.fails_after:
            raise self.fails_after
        return self.says

    def change(self, delivery):
        self.calls.append("change")
        return self.changed


@pytest.fixture
def sender(monkeypatch):
    fake = FakeSender()
    monkeypatch.setitem(SENDERS, Channel.MAIL, fake)
    return fake


@pytest.fixture
def claimed(acme):
    row = DeliveryFactory(next_attempt_at=NOW)
    return jobs.claim(Delivery, job_id=row.pk, now=NOW)


def again(delivery):
    """Claim it once more, as the next try does."""
    Delivery.objects.filter(pk=delivery.pk).update(status=JobStatus.WAITING, next_attempt_at=NOW)
    return jobs.claim(Delivery, job_id=delivery.pk, now=NOW)


def stored(delivery):
    return Delivery.objects.get(pk=delivery.pk)


def test_a_message_that_arrives_says_where_it_stands(sender, claimed):
    deliver(delivery=claimed, now=NOW)

    row = stored(claimed)
    assert (row.sent_at, row.external_ids, row.body_hash) == (NOW, {"ts": "1.2"}, "a" * 64)
    assert not row.is_in_doubt
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.delivery_id, attempt.at) == (row.pk, NOW)
    assert (attempt.answer, attempt.error) == ("200 OK", "")


def test_the_doubt_is_stored_before_the_call(sender, claimed):
    seen = []
    sender.during = lambda: seen.append(stored(claimed).is_in_doubt)

    deliver(delivery=claimed, now=NOW)

    assert seen == [True]


def test_a_message_that_surely_was_not_taken_is_sent_again_without_a_search(sender, claimed):
    sender.fails_before = NotSentError("The server is away.")
    with pytest.raises(NotSentError):
        deliver(delivery=claimed, now=NOW)
    assert not stored(claimed).is_in_doubt
    sender.fails_before = None

    deliver(delivery=again(claimed), now=NOW)

    assert sender.calls == ["send", "send"]
    assert sender.held == [claimed.key]
    assert list(DeliveryAttempt.objects.order_by("id").values_list("error", flat=True)) == [
        "The server is away.",
        "",
    ]


def test_what_arrived_although_nobody_noted_it_is_found_and_not_sent_again(sender, claimed):
    sender.fails_after = TransientError("The line broke.")
    with pytest.raises(TransientError):
        deliver(delivery=claimed, now=NOW)
    assert stored(claimed).is_in_doubt

    sender.changed = None

    deliver(delivery=again(claimed), now=NOW)

    assert sender.calls == ["send", "find", "change"]
    assert sender.held == [claimed.key]
    row = stored(claimed)
    assert (row.sent_at, row.is_in_doubt, row.external_ids) == (NOW, False, {"ts": "1.2"})


def test_what_is_found_is_brought_up_to_date_for_it_was_written_by_an_earlier_try(sender, claimed):
    sender.fails_after = TransientError("The line broke.")
    with pytest.raises(TransientError):
        deliver(delivery=claimed, now=NOW)
    sender.changed = Sent(external_ids={"ts": "1.2"}, body_hash="b" * 64, answer="changed")

    deliver(delivery=again(claimed), now=NOW)

    row = stored(claimed)
    assert (row.sent_at, row.body_hash) == (NOW, "b" * 64)
    assert row.tries.order_by("-id")[0].answer == "changed"


def test_what_did_not_arrive_is_looked_for_and_then_sent(sender, claimed):
    sender.fails_before = TransientError("The line broke.")
    with pytest.raises(TransientError):
        deliver(delivery=claimed, now=NOW)
    sender.fails_before = None

    deliver(delivery=again(claimed), now=NOW)

    assert sender.calls == ["send", "find", "send"]
    assert sender.held == [claimed.key]


def test_a_worker_that_dies_after_the_call_leaves_one_message(sender, claimed):
    sender.fails_after = MemoryError()
    with pytest.raises(MemoryError):
        deliver(delivery=claimed, now=NOW)
    sender.fails_after = None

    deliver(delivery=again(claimed), now=NOW)

    assert sender.held == [claimed.key]


def test_where_nobody_can_tell_a_person_decides(sender, claimed):
    sender.fails_after = TransientError("The line broke.")
    with pytest.raises(TransientError):
        deliver(delivery=claimed, now=NOW)
    sender.fails_to_find = UnknownOutcomeError("It may have arrived.")

    with pytest.raises(UnknownOutcomeError):
        deliver(delivery=again(claimed), now=NOW)

    assert stored(claimed).is_in_doubt
    assert DeliveryAttempt.objects.order_by("-id").first().error == "It may have arrived."
    assert sender.held == [claimed.key]


def test_where_nobody_can_tell_it_is_sent_once_more_after_a_person_has_decided(sender, claimed):
    sender.fails_to_find = UnknownOutcomeError("It may have arrived.")
    Delivery.objects.filter(pk=claimed.pk).update(is_in_doubt=True, may_repeat=True)

    deliver(delivery=again(claimed), now=NOW)

    row = stored(claimed)
    assert sender.calls == ["find", "send"]
    assert (row.sent_at, row.is_in_doubt, row.may_repeat) == (NOW, False, False)


def test_what_a_person_decided_of_one_doubt_holds_for_no_other(sender, claimed):
    sender.fails_to_find = UnknownOutcomeError("It may have arrived.")
    sender.fails_after = TransientError("The line broke.")
    Delivery.objects.filter(pk=claimed.pk).update(is_in_doubt=True, may_repeat=True)
    with pytest.raises(TransientError):
        deliver(delivery=again(claimed), now=NOW)

    with pytest.raises(UnknownOutcomeError):
        deliver(delivery=again(claimed), now=NOW)

    assert sender.held == [claimed.key]
    assert (stored(claimed).is_in_doubt, stored(claimed).may_repeat) == (True, False)


def test_a_search_that_may_work_later_is_waited_for_whatever_a_person_decided(sender, claimed):
    sender.held.append(claimed.key)
    sender.fails_to_find = TransientError("The line broke.")
    Delivery.objects.filter(pk=claimed.pk).update(is_in_doubt=True, may_repeat=True)
    with pytest.raises(TransientError):
        deliver(delivery=again(claimed), now=NOW)
    sender.fails_to_find = sender.changed = None

    deliver(delivery=again(claimed), now=NOW)

    assert sender.held == [claimed.key]
    assert (stored(claimed).sent_at, stored(claimed).may_repeat) == (NOW, False)


def test_a_refusal_leaves_no_doubt(sender, claimed):
    sender.fails_before = RefusedError("There is no such channel.")

    with pytest.raises(ProblemError):
        deliver(delivery=claimed, now=NOW)

    row = stored(claimed)
    assert (row.is_in_doubt, row.sent_at) == (False, None)


def test_where_there_is_nothing_to_say_any_more_nothing_is_sent_or_tried(sender, claimed):
    sender.says = None

    deliver(delivery=claimed, now=NOW)

    row = stored(claimed)
    assert (row.sent_at, row.is_in_doubt) == (None, False)
    assert not DeliveryAttempt.objects.exists()


def test_a_sent_message_is_changed_where_it_stands(sender, claimed):
    deliver(delivery=claimed, now=NOW)
    sender.changed = Sent(external_ids={"ts": "1.2"}, body_hash="b" * 64, answer="updated")

    deliver(delivery=again(claimed), now=NOW)

    assert sender.calls == ["send", "change"]
    assert (stored(claimed).body_hash, stored(claimed).sent_at) == ("b" * 64, NOW)


def test_a_sent_message_that_needs_no_change_is_left_alone(sender, claimed):
    deliver(delivery=claimed, now=NOW)
    sender.changed = None

    deliver(delivery=again(claimed), now=NOW)

    assert DeliveryAttempt.objects.count() == 1
    assert stored(claimed).body_hash == "a" * 64


def test_a_message_that_is_late_waits_for_the_end_of_quiet_hours(sender, acme):
    quiet = SubscriptionFactory(quiet_from=11 * 60, quiet_until=13 * 60)
    row = DeliveryFactory(subscription=quiet, next_attempt_at=NOW)

    again_in = run_job(trade=DELIVERIES, job_id=row.pk, now=NOW)

    at = NOW + timedelta(hours=1)
    assert (sender.calls, again_in) == ([], None)
    assert (stored(row).status, stored(row).next_attempt_at) == (JobStatus.WAITING, at)
    run_job(trade=DELIVERIES, job_id=row.pk, now=at)
    assert sender.held == [row.key]


def test_a_test_is_sent_in_quiet_hours_too(sender, acme):
    quiet = SubscriptionFactory(quiet_from=11 * 60, quiet_until=13 * 60)
    row = DeliveryFactory(subscription=quiet, kind="test", next_attempt_at=NOW)

    run_job(trade=DELIVERIES, job_id=row.pk, now=NOW)

    assert sender.held == [row.key]


def test_a_worker_that_lost_its_claim_sends_nothing(sender, claimed):
    again(claimed)

    with pytest.raises(ClaimLostError):
        deliver(delivery=claimed, now=NOW)

    assert sender.held == []
    assert not stored(claimed).is_in_doubt


def test_a_record_of_a_try_keeps_no_secret_and_fits(sender, claimed):
    secret = "xoxb-" + "1" * 12 + "-" + "2" * 12 + "-" + "a" * 24
    sender.fails_before = NotSentError(f"{secret} was refused. " + "x" * 2000)

    with pytest.raises(NotSentError):
        deliver(delivery=claimed, now=NOW)

    error = DeliveryAttempt.objects.get().error
    assert secret not in error
    assert len(error) == 1000
