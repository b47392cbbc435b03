"""Asking, with whatever provider."""

import json
from datetime import timedelta

import pytest
from django.db import transaction

from llm.models import ModelCall, Outcome
from llm.prompts import RenderedPrompt
from llm.providers.base import Finish, ProviderError, ProviderReply, Retry, Usage
from llm.runner import ModelBusyError, NoAnswerError, is_offline_provider
from tenants.scope import NoScopeError, organization_scope
from tests.llm.questions import GOOD, NOW, OFFLINE, Judgment, ask_it


def outcomes():
    return list(ModelCall.objects.order_by("id").values_list("outcome", flat=True))


def test_an_answer_is_parsed_and_the_call_is_recorded(acme, script_model, settings):
    settings.ASSISTANT_INPUT_PRICE_USD = "2"
    settings.ASSISTANT_CACHED_PRICE_USD = "0.5"
    settings.ASSISTANT_OUTPUT_PRICE_USD = "8"
    usage = Usage(input_tokens=1000, cached_tokens=400, output_tokens=50)
    script_model(ProviderReply(text=json.dumps(GOOD), usage=usage))

    answer = ask_it()

    assert answer.value == Judgment(**GOOD)
    assert not answer.is_offline
    call = ModelCall.objects.get()
    assert call == answer.call
    assert (call.purpose, call.subject_id, call.prompt_version) == ("judge", 7, "v" * 64)
    assert (call.provider, call.model) == ("scripted", "scripted-model")
    assert (call.outcome, call.error) == (Outcome.ANSWERED, "")
    assert (call.input_tokens, call.cached_tokens, call.output_tokens) == (1000, 400, 50)
    assert str(call.cost_usd) == "0.001800"
    assert (call.created_at, call.expires_at) == (NOW, NOW + timedelta(days=182))
    assert call.response == json.dumps(GOOD)


def test_the_request_is_recorded_exactly_as_it_was_sent(acme, script_model):
    provider = script_model(GOOD)

    call = ask_it().call

    sent = [{"role": m.role, "content": m.text} for m in provider.requests[0].messages]
    assert json.loads(call.request) == sent
    assert [message["role"] for message in sent] == ["system", "user"]
    assert sent[0]["content"].startswith("You judge.\n\nAnswer with one JSON object")
    assert sent[1]["content"] == "Is this safe?"


def test_secrets_leave_neither_by_the_prompt_nor_into_the_log(acme, script_model):
    provider = script_model(GOOD)
    prompt = RenderedPrompt(system="s", user='password = "hunter2-and-more"', version="v")

    call = ask_it(prompt=prompt).call

    assert provider.requests[0].messages[1].text == 'password = "[redacted:secret]"'
    assert "hunter2" not in call.request


def test_the_secrets_of_a_repair_are_redacted_too(acme, script_model):
    provider = script_model('{"password": "hunter2-and-more"}', GOOD)

    ask_it()

    assert "hunter2" not in provider.requests[1].messages[2].text


def test_characters_that_cannot_be_sent_or_stored_do_no_harm(acme, script_model):
    script_model('{"conclusion": "needs\x00', {**GOOD, "quotes": [{"text": "a\x00b", "line": 1}]})
    prompt = RenderedPrompt(system="s", user="half \ud83d a\x00pair", version="v")

    answer = ask_it(prompt=prompt)

    assert answer.value.quotes[0].text == "a\ufffdb"
    assert json.loads(answer.call.request)[1]["content"] == "half ? a\ufffdpair"


def test_an_answer_that_does_not_fit_is_repaired_once(acme, script_model):
    provider = script_model({**GOOD, "confidence": 7}, GOOD)

    answer = ask_it()

    assert answer.value == Judgment(**GOOD)
    assert outcomes() == ["invalid", "repaired"]
    asked_again = provider.requests[1].messages
    assert [message.role for message in asked_again] == ["system", "user", "assistant", "user"]
    assert asked_again[:2] == provider.requests[0].messages
    assert "at confidence: Input should be less than or equal to 1" in asked_again[3].text


def test_an_answer_that_does_not_fit_twice_is_none(acme, script_model):
    script_model("No.", {**GOOD, "extra": 1})

    with pytest.raises(NoAnswerError) as caught:
        ask_it()

    assert caught.value.outcome == Outcome.INVALID
    assert caught.value.call == ModelCall.objects.latest("id")
    assert outcomes() == ["invalid", "invalid"]
    assert caught.value.call.error == "at extra: Extra inputs are not permitted"


def test_an_empty_answer_is_not_quoted_in_the_repair(acme, script_model):
    provider = script_model(ProviderReply(text="", flaw="The reply has no content."), GOOD)

    ask_it()

    assert [message.role for message in provider.requests[1].messages] == ["system", "user", "user"]
    assert "The reply has no content." in provider.requests[1].messages[2].text


@pytest.mark.parametrize(
    ("finish", "outcome"),
    [(Finish.REFUSED, Outcome.REFUSED), (Finish.TRUNCATED, Outcome.TRUNCATED)],
)
def test_a_refusal_and_a_cut_answer_are_final(acme, script_model, finish, outcome):
    script_model(ProviderReply(text=json.dumps(GOOD), finish=finish))

    with pytest.raises(NoAnswerError) as caught:
        ask_it()

    assert caught.value.outcome == outcome
    assert outcomes() == [outcome]


def test_a_quick_failure_is_tried_again_twice(acme, script_model):
    failures = [ProviderError(Outcome.UNAVAILABLE, "down", retry=Retry.SOON) for _ in range(2)]
    script_model(*failures, GOOD)

    assert ask_it().value == Judgment(**GOOD)
    assert outcomes() == ["unavailable", "unavailable", "answered"]


def test_a_third_failure_is_left_to_the_pipeline(acme, script_model):
    script_model(*[ProviderError(Outcome.UNAVAILABLE, "down", retry=Retry.SOON) for _ in "123"])

    with pytest.raises(ModelBusyError, match="down"):
        ask_it()

    assert outcomes() == ["unavailable"] * 3


def test_a_long_wait_that_was_asked_for_is_left_to_the_pipeline(acme, script_model):
    script_model(
        ProviderError(Outcome.RATE_LIMITED, "slowly", retry=Retry.SOON, retry_after_seconds=120.0)
    )

    with pytest.raises(ModelBusyError) as caught:
        ask_it()

    assert caught.value.retry_after_seconds == 120.0
    assert outcomes() == ["rate_limited"]


def test_what_a_provider_says_of_a_failure_is_redacted_and_cut(acme, script_model):
    detail = 'api_key="hunter2-and-more" ' + "x" * 2000
    script_model(ProviderError(Outcome.REJECTED, detail, retry=Retry.NEVER))

    with pytest.raises(NoAnswerError) as caught:
        ask_it()

    assert "hunter2" not in caught.value.detail
    assert "hunter2" not in caught.value.call.error
    assert len(caught.value.call.error) == 1000


def test_without_a_model_the_rules_of_thumb_answer_and_are_recorded(acme):
    answer = ask_it()

    assert is_offline_provider()
    assert answer.is_offline
    assert answer.value == OFFLINE
    assert (answer.call.provider, answer.call.model) == ("offline", "rules of thumb")
    assert (answer.call.outcome, answer.call.cost_usd) == (Outcome.ANSWERED, 0)


def test_asking_inside_a_transaction_is_an_error(acme, script_model):
    provider = script_model(GOOD)

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        ask_it()

    assert provider.requests == []


@pytest.mark.django_db
def test_asking_without_a_scope_is_an_error():
    with pytest.raises(NoScopeError):
        ask_it()


def test_a_call_belongs_to_the_organization_that_asked(acme, rival, script_model):
    script_model(GOOD)

    ask_it()

    with organization_scope(rival.id):
        assert not ModelCall.objects.exists()


def test_no_prompt_and_no_answer_is_written_to_the_program_log(acme, script_model, caplog):
    caplog.set_level("DEBUG")
    failure = ProviderError(Outcome.UNAVAILABLE, "Is this safe?", retry=Retry.SOON)
    script_model(failure, "not json", GOOD)

    ask_it()

    assert "Is this safe?" not in caplog.text
    assert "not json" not in caplog.text
