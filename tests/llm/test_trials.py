"""Trying a provider: the exact reason of each failure."""

import re
import socket
import traceback

import pytest

from core.encryption import encrypt
from llm import trials
from llm.conversation import request_for
from llm.models import AssistantSettings, ModelCall, ProviderKind
from llm.providers.base import ProviderError
from llm.providers.openai import from_target
from llm.providers.registry import own_target
from llm.trials import PROMPT, TrialAnswer, try_provider
from tests.llm.questions import NOW
from tests.model_server import answers, completion, raw, refuses, stalls, status, truncated

WORKS = answers({"works": True})


@pytest.fixture(autouse=True)
def this_machine(settings):
    settings.CREDENTIAL_KEYS = ["a" * 64]
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]


def wanted(url, **fields):
    values = {"provider": ProviderKind.COMPATIBLE, "base_url": url, "model": "own-model"}
    key = encrypt("sk-own-key-of-acme")
    return AssistantSettings(**{**values, "encrypted_api_key": key, **fields})


def test_a_provider_that_answers_in_json_is_good(acme, serve_model):
    server = serve_model(WORKS)

    trial = try_provider(wanted=wanted(server.url), now=NOW)

    assert trial.is_good
    assert trial.reason.startswith("own-model answered in ")
    call = ModelCall.objects.get()
    assert (call.purpose, call.outcome, call.model) == ("connection_test", "answered", "own-model")
    assert call.input_tokens == 120


def test_a_refused_parameter_is_left_out_as_in_earnest(acme, serve_model):
    server = serve_model(status(400, "unknown parameter response_format"), WORKS)

    assert try_provider(wanted=wanted(server.url), now=NOW).is_good
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [
        answers({"works": True, "sk-own-key-of-acme": 1}),
        completion("You sent sk-own-key-of-acme."),
        raw('{"error": "sk-own-key-of-acme"}'),
        raw("sk-own-key-of-acme"),
        refuses("No: sk-own-key-of-acme"),
        status(401, "bad sk-own-key-of-acme"),
        status(500, "bad " + "x" * 490 + "sk-own-key-of-acme"),
    ],
)
def test_a_server_that_repeats_the_key_leaves_it_in_no_log(acme, serve_model, reply):
    server = serve_model(reply)

    trial = try_provider(wanted=wanted(server.url), now=NOW)

    call = ModelCall.objects.get()
    assert "sk-own" not in f"{trial.reason} {call.request} {call.response} {call.error}"


def test_the_error_of_a_server_that_repeats_the_key_does_not_hold_it(acme, serve_model):
    server = serve_model(status(401, "bad sk-own-key-of-acme"))
    provider = from_target(own_target(wanted(server.url, organization=acme)))
    request = request_for(prompt=PROMPT, answer_type=TrialAnswer, offline_answer=lambda: None)

    with pytest.raises(ProviderError) as caught:
        provider.complete(request)

    assert "sk-own" not in "".join(traceback.format_exception(caught.value))
    assert "sk-own" not in repr(caught.value)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (status(401, "bad sk-own-key-of-acme"), r"401 \(it rejects the key\): bad \[key\]$"),
        (status(403, "not yours"), r"403 \(the key may not use this model\): not yours"),
        (status(404, "no such model"), r"404 \(it knows no such model or address\)"),
        (status(429, "quota"), r"429 \(it asks us to wait, or its quota is used up\): quota"),
        (status(500, "oops"), r"answered 500: oops"),
        (status(302), r"answered 302"),
        (completion("Certainly! It works."), r"answers, but not with the JSON asked for"),
        (answers({"works": True, "more": 1}), r"not with the JSON asked for: at more"),
        (completion(""), r"The reply has no content"),
        (raw("<html>Welcome</html>"), r"The reply is not a chat completion"),
        (raw("{}"), r"The reply has no choices"),
        (refuses(), r"refused to answer"),
        (truncated(), r"cut off"),
    ],
)
def test_each_failure_says_what_it_is(acme, serve_model, reply, reason):
    server = serve_model(reply)

    trial = try_provider(wanted=wanted(server.url), now=NOW)

    assert not trial.is_good
    assert re.search(reason, trial.reason), trial.reason
    assert len(server.requests) == 1
    assert ModelCall.objects.exclude(outcome="answered").count() == 1


def test_silence_is_told_as_such(acme, serve_model, monkeypatch):
    monkeypatch.setattr(trials, "TIMEOUT_SECONDS", 0.2)
    server = serve_model(stalls())

    trial = try_provider(wanted=wanted(server.url), now=NOW)

    assert trial.reason == "The provider gave no answer within 0 seconds."


def test_a_port_where_nobody_listens(acme):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    trial = try_provider(wanted=wanted(url), now=NOW)

    assert "refuses the connection" in trial.reason


def test_a_name_that_nobody_knows(acme):
    trial = try_provider(wanted=wanted("https://nowhere.invalid/v1"), now=NOW)

    assert "not known to the name servers (DNS)" in trial.reason


def test_a_private_address(acme):
    trial = try_provider(wanted=wanted("https://10.0.0.8/v1"), now=NOW)

    assert trial.reason == (
        "10.0.0.8 leads to a private address, which calls may not reach. An operator can list it"
        " in ALLOW_PRIVATE_ADDRESSES."
    )


def test_a_server_that_speaks_no_tls(acme, serve_model):
    server = serve_model(WORKS)

    trial = try_provider(wanted=wanted(server.url.replace("http", "https")), now=NOW)

    assert "TLS" in trial.reason


def test_a_key_that_cannot_be_read(acme, settings):
    row = wanted("https://models.example/v1")
    settings.CREDENTIAL_KEYS = ["b" * 64]

    assert "enter the credential anew" in try_provider(wanted=row, now=NOW).reason


def test_an_installation_without_a_model_has_nothing_to_try(acme):
    trial = try_provider(wanted=AssistantSettings(), now=NOW)

    assert trial.is_good
    assert "rules of thumb" in trial.reason
    assert not ModelCall.objects.exists()


def test_the_installations_own_model_is_tried_at_any_address(acme, serve_model, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = []
    serve_model(WORKS)

    assert try_provider(wanted=AssistantSettings(), now=NOW).is_good


def test_a_used_up_budget_does_not_keep_an_admin_from_repairing(acme, serve_model):
    AssistantSettings.objects.create(monthly_budget_usd=0)
    server = serve_model(WORKS)

    assert try_provider(wanted=wanted(server.url), now=NOW).is_good
