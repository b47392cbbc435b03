"""The slots, in a real Valkey."""

import threading
import uuid

import pytest
import redis

from llm.concurrency import NoFreeSlotError, Slots
from llm.runner import ModelBusyError
from tests.llm.questions import GOOD, ask_it
from tests.model_server import answers


def new_slots(limit, *, key=None, lease_seconds=60):
    return Slots(key=key or uuid.uuid4().hex, limit=limit, lease_seconds=lease_seconds)


def test_no_more_than_the_limit_are_taken_at_once():
    slots = new_slots(2)
    slots.take(wait_seconds=0)
    slots.take(wait_seconds=0)

    with pytest.raises(NoFreeSlotError):
        slots.take(wait_seconds=0)

    assert slots.count_taken() == 2


def test_a_slot_that_was_given_back_is_free():
    slots = new_slots(1)
    lease = slots.take(wait_seconds=0)

    slots.free(lease)

    slots.take(wait_seconds=0)
    assert slots.count_taken() == 1


def test_a_slot_is_given_back_also_after_an_error():
    slots = new_slots(1)

    with pytest.raises(ZeroDivisionError), slots.hold(wait_seconds=0):
        raise ZeroDivisionError

    assert slots.count_taken() == 0


def test_giving_back_one_lease_leaves_the_others():
    slots = new_slots(2)
    first = slots.take(wait_seconds=0)
    slots.take(wait_seconds=0)

    slots.free(first)
    slots.free(first)

    assert slots.count_taken() == 1


def test_the_lease_of_a_killed_worker_ends_by_itself():
    key = uuid.uuid4().hex
    # Whoever took it never gave it back; it has ended by the server's clock.
    new_slots(1, key=key, lease_seconds=0.001).take(wait_seconds=0)

    new_slots(1, key=key).take(wait_seconds=5)

    assert new_slots(1, key=key).count_taken() == 1


def test_providers_do_not_share_slots():
    new_slots(1).take(wait_seconds=0)

    assert new_slots(1).take(wait_seconds=0)


def test_a_waiting_caller_gets_the_slot_that_becomes_free():
    slots = new_slots(1)
    lease = slots.take(wait_seconds=0)
    got = []
    waiting = threading.Thread(target=lambda: got.append(slots.take(wait_seconds=30)))

    waiting.start()
    slots.free(lease)
    waiting.join()

    assert len(got) == 1


def test_many_threads_never_hold_more_than_the_limit():
    slots = new_slots(3)
    counts = []

    def work():
        for _ in range(5):
            with slots.hold(wait_seconds=30):
                counts.append(slots.count_taken())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(counts) == 40
    assert max(counts) <= 3
    assert slots.count_taken() == 0


def test_a_question_without_a_free_slot_is_left_to_the_pipeline(acme, serve_model, settings):
    settings.ASSISTANT_CONCURRENCY = 1
    settings.ASSISTANT_TIMEOUT_SECONDS = 0.2
    server = serve_model(answers(GOOD), default=answers(GOOD))
    from llm.providers.registry import current_provider

    slots = new_slots(1, key=current_provider().limit_key)
    lease = slots.take(wait_seconds=0)

    with pytest.raises(ModelBusyError, match="ASSISTANT_CONCURRENCY"):
        ask_it()

    assert server.requests == []
    slots.free(lease)
    settings.ASSISTANT_TIMEOUT_SECONDS = 30
    assert ask_it().call.outcome == "answered"
    assert slots.count_taken() == 0


def test_a_lost_counter_makes_the_model_busy_and_asks_nothing(
    acme, serve_model, settings, tmp_path
):
    server = serve_model(answers(GOOD))
    settings.REDIS_URL = f"unix://{tmp_path}/nowhere.sock"

    with pytest.raises(ModelBusyError, match="REDIS_URL") as caught:
        ask_it()

    assert isinstance(caught.value.__cause__, redis.RedisError)
    assert server.requests == []
