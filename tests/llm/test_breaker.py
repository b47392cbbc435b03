"""The circuit breaker, with a clock that we hold."""

from llm.breaker import FAILURES_TO_OPEN, REST_SECONDS, Breaker


def failed(breaker, *, times=FAILURES_TO_OPEN, at=100.0):
    for _ in range(times):
        breaker.note_failure(at=at)
    return breaker


def test_a_few_failures_change_nothing():
    breaker = failed(Breaker(), times=FAILURES_TO_OPEN - 1)

    assert breaker.seconds_to_wait(at=100.0) == 0


def test_failures_in_a_row_give_the_provider_a_rest():
    breaker = failed(Breaker())

    assert breaker.seconds_to_wait(at=100.0) == REST_SECONDS
    assert breaker.seconds_to_wait(at=105.0) == REST_SECONDS - 5


def test_a_success_in_between_starts_the_count_anew():
    breaker = failed(Breaker(), times=FAILURES_TO_OPEN - 1)
    breaker.note_success()

    assert failed(breaker, times=1).seconds_to_wait(at=100.0) == 0


def test_after_the_rest_one_call_goes_ahead_and_the_others_wait():
    breaker = failed(Breaker())
    later = 100.0 + REST_SECONDS

    assert breaker.seconds_to_wait(at=later) == 0
    assert breaker.seconds_to_wait(at=later) == REST_SECONDS


def test_a_first_success_opens_the_way_for_all():
    breaker = failed(Breaker())
    breaker.seconds_to_wait(at=100.0 + REST_SECONDS)

    breaker.note_success()

    assert breaker.seconds_to_wait(at=100.0 + REST_SECONDS) == 0
