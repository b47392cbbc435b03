"""The openai provider against a real HTTP server."""

import socket

import pytest

from llm.models import ModelCall, Outcome
from llm.runner import ModelBusyError, NoAnswerError
from tests.llm.questions import GOOD, Judgment, ask_it
from tests.model_server import (
    Reply,
    answers,
    completion,
    cut,
    raw,
    refuses,
    stalls,
    status,
    truncated,
)


def outcomes():
    return list(ModelCall.objects.order_by("id").values_list("outcome", flat=True))


def test_a_good_answer_is_parsed_with_its_usage(acme, serve_model):
    server = serve_model(answers(GOOD))

    answer = ask_it()

    assert answer.value == Judgment(**GOOD)
    call = answer.call
    assert (call.provider, call.model, call.outcome) == ("openai", "test-model", "answered")
    assert (call.input_tokens, call.cached_tokens, call.output_tokens) == (120, 100, 30)
    (request,) = server.requests
    assert request["path"] == "/v1/chat/completions"
    assert request["model"] == "test-model"
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert request["max_completion_tokens"] == 8000
    assert server.headers[0]["authorization"] == "Bearer a-key-for-tests"


def test_the_answers_shape_is_asked_for_as_a_strict_schema(acme, serve_model):
    server = serve_model(answers(GOOD))

    ask_it()

    told = server.requests[0]["response_format"]
    assert told["type"] == "json_schema"
    assert (told["json_schema"]["name"], told["json_schema"]["strict"]) == ("Judgment", True)
    schema = told["json_schema"]["schema"]
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["conclusion", "confidence", "quotes"]


def test_a_server_without_schemas_is_asked_in_words_from_then_on(acme, serve_model):
    rejected = status(400, "'response_format' of type 'json_schema' is not supported")
    server = serve_model(rejected, answers(GOOD), answers(GOOD))

    ask_it()
    ask_it()

    assert outcomes() == ["rejected", "answered", "answered"]
    assert ["response_format" in request for request in server.requests] == [True, False, False]
    assert all("JSON schema" in request["messages"][0]["content"] for request in server.requests)


def test_both_optional_parameters_may_be_refused(acme, serve_model):
    server = serve_model(
        status(422, "unknown field max_completion_tokens"),
        status(400, "response_format is unavailable now"),
        answers(GOOD),
    )

    ask_it()

    assert outcomes() == ["rejected", "rejected", "answered"]
    assert set(server.requests[2]) == {"model", "messages", "path"}


@pytest.mark.parametrize(
    "content",
    [
        '```json\n{"conclusion": "needs_review", "confidence": 0.5, "quotes": []}\n```',
        'Here it is:\n{"conclusion": "needs_review", "confidence": 0.5, "quotes": []}\nDone.',
        '<think>{"no": 1}</think>{"conclusion":"needs_review","confidence":0.5,"quotes":[]}',
    ],
)
def test_an_answer_among_other_text_is_found(acme, serve_model, content):
    serve_model(completion(content))

    assert ask_it().value == Judgment(**GOOD)
    assert outcomes() == ["answered"]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (completion("I think it is fine."), "Invalid JSON"),
        (completion('{"conclusion": "safe"}'), "conclusion"),
        (completion("[]"), "Input should be an object"),
        (completion(""), "The reply has no content."),
        (completion(None), "The reply has no content."),
        (completion(["parts"]), "The reply is not a chat completion."),
        (raw('{"choices": []}'), "The reply has no choices."),
        (raw("{}"), "The reply has no choices."),
        (raw("{nonsense"), "The reply is not a chat completion."),
        (raw("<html>", content_type="text/html"), "The reply is not a chat completion."),
        (raw("[" * 100_000), "The reply is not a chat completion."),
        (Reply(body=b"\xff\xfe\x00"), "The reply is not a chat completion."),
    ],
)
def test_garbage_is_asked_about_once_more(acme, serve_model, reply, problem):
    server = serve_model(reply, answers(GOOD))

    assert ask_it().value == Judgment(**GOOD)
    assert outcomes() == ["invalid", "repaired"]
    assert problem in server.requests[1]["messages"][-1]["content"]


def test_garbage_twice_is_no_answer(acme, serve_model):
    serve_model(raw("<html>"), raw("<html>"))

    with pytest.raises(NoAnswerError) as caught:
        ask_it()

    assert caught.value.outcome == Outcome.INVALID
    assert caught.value.call.response == "<html>"
    assert outcomes() == ["invalid", "invalid"]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (refuses(), Outcome.REFUSED),
        (truncated(), Outcome.TRUNCATED),
        (completion(None, finish_reason="content_filter"), Outcome.REFUSED),
        (status(400, "context length exceeded"), Outcome.REJECTED),
        (status(401, "Incorrect API key provided"), Outcome.REJECTED),
        (status(404, "The model does not exist"), Outcome.REJECTED),
        (Reply(status=307, headers={"Location": "/elsewhere"}), Outcome.REJECTED),
    ],
)
def test_what_another_try_would_not_mend_is_final(acme, serve_model, reply, outcome):
    server = serve_model(reply, default=answers(GOOD))

    with pytest.raises(NoAnswerError) as caught:
        ask_it()

    assert caught.value.outcome == outcome
    assert outcomes() == [outcome]
    assert len(server.requests) == 1


def test_the_words_of_a_refusal_are_kept(acme, serve_model):
    serve_model(refuses("Not this."))

    with pytest.raises(NoAnswerError) as caught:
        ask_it()

    assert caught.value.call.response == "Not this."
    assert caught.value.call.output_tokens == 30


def test_a_rate_limit_is_waited_for_when_it_is_short(acme, serve_model):
    serve_model(status(429, headers={"Retry-After": "0"}), answers(GOOD))

    assert ask_it().value == Judgment(**GOOD)
    assert outcomes() == ["rate_limited", "answered"]


@pytest.mark.parametrize(
    ("retry_after", "seconds"), [("90", 90.0), ("999999", 3600.0), ("1e999", 3600.0)]
)
def test_a_long_rate_limit_is_handed_to_the_pipeline(acme, serve_model, retry_after, seconds):
    serve_model(status(429, headers={"Retry-After": retry_after}))

    with pytest.raises(ModelBusyError) as caught:
        ask_it()

    assert caught.value.retry_after_seconds == seconds
    assert outcomes() == ["rate_limited"]


@pytest.mark.parametrize("retry_after", ["soon", "nan", "-5", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_strange_retry_after_does_no_harm(acme, serve_model, retry_after):
    serve_model(status(429, headers={"Retry-After": retry_after}), answers(GOOD))

    ask_it()

    assert outcomes() == ["rate_limited", "answered"]


def test_an_exhausted_quota_is_not_asked_again_at_once(acme, serve_model):
    body = b'{"error": {"message": "no credit", "code": "insufficient_quota"}}'
    serve_model(Reply(status=429, body=body))

    with pytest.raises(ModelBusyError) as caught:
        ask_it()

    assert caught.value.retry_after_seconds == 600.0


def test_a_server_that_always_fails_is_tried_three_times(acme, serve_model):
    server = serve_model(default=status(500, "oops"))

    with pytest.raises(ModelBusyError, match="The provider answered 500: oops"):
        ask_it()

    assert outcomes() == ["unavailable"] * 3
    assert len(server.requests) == 3


def test_a_cut_connection_is_tried_again(acme, serve_model):
    serve_model(cut(), answers(GOOD))

    assert ask_it().value == Judgment(**GOOD)
    assert outcomes() == ["unavailable", "answered"]


def test_a_server_that_does_not_answer_in_time_is_left_to_the_pipeline(acme, serve_model, settings):
    settings.ASSISTANT_TIMEOUT_SECONDS = 0.2
    serve_model(stalls())

    with pytest.raises(ModelBusyError, match="in time"):
        ask_it()

    assert outcomes() == ["timeout"]


def test_nobody_listening_is_a_failure_like_others(acme, serve_model, settings):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        serve_model()
        settings.OPENAI_BASE_URL = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"

        with pytest.raises(ModelBusyError, match="connection"):
            ask_it()

    assert outcomes() == ["unavailable"] * 3


def test_an_answer_without_end_is_refused(acme, serve_model):
    serve_model(raw("x" * 4_000_001))

    with pytest.raises(NoAnswerError, match="larger than"):
        ask_it()

    assert outcomes() == ["invalid"]


def test_a_server_that_keeps_failing_is_left_in_peace(acme, serve_model):
    server = serve_model(default=status(503))
    for _ in range(3):
        with pytest.raises(ModelBusyError):
            ask_it()

    with pytest.raises(ModelBusyError, match="left in peace") as caught:
        ask_it()

    assert len(server.requests) == 8
    assert caught.value.retry_after_seconds == pytest.approx(20, abs=5)


@pytest.mark.parametrize(
    "usage",
    [None, "many", {"prompt_tokens": -5}, {"prompt_tokens": "9"}, {"prompt_tokens_details": 3}],
)
def test_a_server_that_counts_strangely_costs_no_answer(acme, serve_model, usage):
    import json

    content = {"message": {"content": json.dumps(GOOD)}}
    serve_model(raw(json.dumps({"choices": [content], "usage": usage})))

    call = ask_it().call

    assert (call.input_tokens, call.output_tokens) == (0, 0)


def test_a_server_without_a_key_is_asked(acme, serve_model, settings):
    server = serve_model(answers(GOOD))
    settings.OPENAI_API_KEY = ""

    ask_it()

    assert server.headers[0]["authorization"] == "Bearer none"


def test_connections_are_kept_between_questions(acme, serve_model):
    from llm.providers.registry import current_provider

    serve_model(answers(GOOD))

    assert current_provider() is current_provider()
