"""Which provider serves an organization."""

import pytest

from core.encryption import encrypt
from llm.models import AssistantSettings, ProviderKind
from llm.providers.openai import close_connections
from llm.providers.registry import current_provider, installation_provider
from llm.providers.targets import deployment_of, host_of, target_of
from llm.runner import NoAnswerError, is_offline_provider, who_answers
from tenants.scope import organization_scope
from tests.llm.questions import GOOD, NOW, ask_it
from tests.model_server import answers

DEPLOYMENT = "https://acme.openai.azure.com/openai/deployments/gpt-x"


@pytest.fixture(autouse=True)
def keys(settings):
    settings.CREDENTIAL_KEYS = ["a" * 64]
    yield
    close_connections()


def own(url="https://models.example/v1", **fields):
    values = {
        "provider": ProviderKind.COMPATIBLE,
        "base_url": url,
        "model": "own-model",
        "encrypted_api_key": encrypt("sk-own"),
        "consented_at": NOW,
        "consented_host": host_of(url),
    }
    return AssistantSettings.objects.create(**{**values, **fields})


def test_without_settings_the_installations_provider_answers(acme, script_model):
    provider = script_model()

    assert current_provider() is provider
    assert installation_provider() is provider


def test_an_organization_that_lets_nothing_leave_gets_rules_of_thumb(acme, script_model):
    provider = script_model(GOOD)
    AssistantSettings.objects.create(is_enabled=False)

    answer = ask_it()

    assert answer.is_offline
    assert is_offline_provider()
    assert provider.requests == []


def test_the_settings_of_one_organization_are_not_anothers(acme, rival, script_model):
    provider = script_model()
    AssistantSettings.objects.create(is_enabled=False)

    with organization_scope(rival.id):
        assert current_provider() is provider


def test_an_own_provider_is_asked_with_its_own_key_alone(acme, serve_model, settings, monkeypatch):
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "the-operators")
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    server = serve_model(answers(GOOD))
    settings.OPENAI_BASE_URL = "http://127.0.0.1:1/v1"
    own(server.url)

    call = ask_it().call

    assert (call.provider, call.model) == ("compatible", "own-model")
    assert server.headers[0]["authorization"] == "Bearer sk-own"
    assert "the-operators" not in str(server.headers)
    assert server.requests[0]["model"] == "own-model"


def test_an_own_provider_at_a_private_address_is_never_called(acme, serve_model, settings):
    server = serve_model(answers(GOOD))
    settings.ASSISTANT_PROVIDER = "offline"
    own(server.url)

    with pytest.raises(NoAnswerError, match="private address"):
        ask_it()

    assert server.requests == []


def test_the_installations_own_address_may_be_private(acme, serve_model):
    serve_model(answers(GOOD))

    assert ask_it().call.outcome == "answered"


@pytest.mark.parametrize(
    "fields",
    [{"consented_at": None}, {"consented_host": ""}, {"consented_host": "https://other.example"}],
)
def test_without_a_consent_to_its_host_an_own_provider_is_not_used(acme, fields):
    own(**fields)

    assert current_provider().is_offline


def test_a_key_that_cannot_be_read_is_said_and_nobody_else_answers(acme, script_model, settings):
    provider = script_model(GOOD)
    own()
    settings.CREDENTIAL_KEYS = ["b" * 64]

    with pytest.raises(NoAnswerError, match="enter the credential anew") as caught:
        ask_it()

    assert caught.value.call.outcome == "rejected"
    assert provider.requests == []
    assert not is_offline_provider()


def test_answers_of_another_provider_are_told_apart(acme, script_model):
    script_model()
    before = who_answers()

    own()

    assert who_answers() != before
    assert "own-model" in who_answers()


def test_limits_of_two_organizations_at_one_address_are_not_shared():
    shared = {"address": "https://m.example", "model": "m", "api_key": "k"}
    keys = {
        target_of(kind=ProviderKind.COMPATIBLE, owner=owner, **shared).limit_key
        for owner in ("1", "2", "")
    }

    assert len(keys) == 3


@pytest.mark.parametrize(
    ("uri", "base_url", "query", "model"),
    [
        (
            f"{DEPLOYMENT}/chat/completions?api-version=2024-10-21",
            DEPLOYMENT,
            {"api-version": "2024-10-21"},
            "gpt-x",
        ),
        (
            "https://acme.openai.azure.com/openai/v1/chat/completions",
            "https://acme.openai.azure.com/openai/v1",
            {},
            "",
        ),
    ],
)
def test_an_azure_target_is_read_from_its_full_uri(uri, base_url, query, model):
    target = target_of(kind=ProviderKind.AZURE, address=uri, model="", api_key="k", owner="1")

    assert (target.base_url, target.query, target.model) == (base_url, query, model)
    assert target.headers == {"api-key": "k"}
    assert deployment_of(uri) == model


def test_azure_gets_its_key_in_its_own_header(acme, serve_model, settings):
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    server = serve_model(answers(GOOD))
    host = server.url.removesuffix("/v1")
    uri = f"{host}/openai/deployments/gpt-x/chat/completions?api-version=2024-10-21"
    own(uri, provider=ProviderKind.AZURE, model="")

    call = ask_it().call

    assert server.requests[0]["path"] == (
        "/openai/deployments/gpt-x/chat/completions?api-version=2024-10-21"
    )
    assert server.headers[0]["api-key"] == "sk-own"
    assert "authorization" not in server.headers[0]
    assert (call.provider, call.model) == ("azure", "gpt-x")


def test_openais_own_address_is_never_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "https://operators.example/v1")

    target = target_of(kind=ProviderKind.OPENAI, address="", model="m", api_key="k", owner="1")

    assert target.base_url == "https://api.openai.com/v1"


def test_a_key_is_not_shown_with_its_target():
    target = target_of(kind=ProviderKind.OPENAI, address="", model="m", api_key="sk-1", owner="1")

    assert "sk-1" not in repr(target)
