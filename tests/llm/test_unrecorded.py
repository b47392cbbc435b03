"""Asking without a record: for the command line, which may have no database and no Valkey."""

import threading

import pytest

from llm.models import Outcome
from llm.providers.base import Finish, ProviderError, ProviderReply, Retry, Usage
from llm.providers.registry import installation_provider
from llm.runner import ModelBusyError, NoAnswerError, ask_unrecorded
from tests.fakes import ScriptedProvider
from tests.llm.questions import GOOD, OFFLINE, PROMPT, Judgment
from tests.model_server import answers


def ask(provider):
    # Without the mark django_db, a question to the database would fail the test.
    return ask_unrecorded(
        prompt=PROMPT, answer_type=Judgment, offline_answer=lambda: OFFLINE, provider=provider
    )


def test_an_answer_comes_with_what_all_its_tries_took(settings):
    settings.ASSISTANT_INPUT_PRICE_USD = "2"
    settings.ASSISTANT_OUTPUT_PRICE_USD = "8"
    usage = Usage(input_tokens=1000, output_tokens=50)
    good = Judgment(**GOOD).model_dump_json()
    provider = ScriptedProvider(
        ProviderReply(text="no json", usage=usage), ProviderReply(text=good, usage=usage)
    )

    answer = ask(provider)

    assert answer.value == Judgment(**GOOD)
    assert answer.usage == Usage(input_tokens=2000, output_tokens=100)
    assert str(answer.cost_usd) == "0.004800"
    assert not answer.is_offline
    assert len(provider.requests[1].messages) == 4


def test_rules_of_thumb_answer_without_anything_else():
    answer = ask(installation_provider())

    assert answer.value == OFFLINE
    assert answer.is_offline
    assert answer.cost_usd == 0


def test_no_answer_is_an_error_without_a_call():
    refusal = ProviderReply(text="no", finish=Finish.REFUSED)

    with pytest.raises(NoAnswerError, match="refused") as caught:
        ask(ScriptedProvider(refusal))

    assert (caught.value.outcome, caught.value.call, caught.value.call_id) == (
        Outcome.REFUSED,
        None,
        None,
    )


def test_a_passing_failure_is_tried_again_and_then_left_to_the_caller():
    busy = [ProviderError(Outcome.RATE_LIMITED, "wait", retry=Retry.SOON) for _ in range(3)]

    assert ask(ScriptedProvider(busy[0], GOOD)).value == Judgment(**GOOD)
    with pytest.raises(ModelBusyError, match="wait"):
        ask(ScriptedProvider(*busy))


def test_no_valkey_is_needed_and_the_process_keeps_the_limit(serve_model, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.ASSISTANT_CONCURRENCY = 2
    server = serve_model(default=answers(GOOD))
    provider = installation_provider()
    threads = [threading.Thread(target=ask, args=[provider]) for _ in range(6)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(server.requests) == 6
    assert server.most_at_once <= 2
