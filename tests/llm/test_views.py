"""The page Settings, Assistant."""

import pytest
from django.test import Client

from core.encryption import decrypt, encrypt
from llm.models import AssistantSettings, LogMode, ModelCall, ProviderKind
from llm.providers.targets import host_of
from tenants.models import AuditEvent
from tests.llm.logged import CallFactory
from tests.llm.questions import NOW
from tests.model_server import answers, status

PAGE = "/orgs/acme/settings/assistant"
TEST = f"{PAGE}/test"
KEY = "sk-own-0123456789-abcd"
SWITCHES = {
    "is_enabled": "on",
    "judges": "on",
    "fixes": "on",
    "uses_memories": "on",
    "least_fix_confidence": "1",
    "findings_per_scan": "1000",
    "monthly_budget_usd": "",
    "retention_days": "182",
    "log_mode": "full",
    "provider": "installation",
}
HTMX = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def this_machine(settings):
    settings.CREDENTIAL_KEYS = ["a" * 64]
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]


@pytest.fixture
def browser(ada):
    client = Client()
    client.force_login(ada)
    return client


def own(url, **fields):
    return {**SWITCHES, "provider": "compatible", "base_url": url, "model": "own-model", **fields}


def row():
    return AssistantSettings.objects.get()


def stored_own(url, **fields):
    values = {
        "provider": ProviderKind.COMPATIBLE,
        "base_url": url,
        "model": "own-model",
        "encrypted_api_key": encrypt(KEY),
        "consented_at": NOW,
        "consented_host": host_of(url),
    }
    return AssistantSettings.objects.create(**{**values, **fields})


@pytest.mark.parametrize("person", ["mel", "vic"])
@pytest.mark.parametrize("path", ["", "/test"])
def test_the_settings_are_for_admins(acme, person, path, request):
    client = Client()
    client.force_login(request.getfixturevalue(person))

    response = client.post(PAGE + path, SWITCHES)

    assert response.status_code == 403
    assert not AssistantSettings.objects.exists()


def test_only_admins_see_the_links(acme, mel, browser):
    member = Client()
    member.force_login(mel)

    assert PAGE in browser.get("/orgs/acme/findings").content.decode()
    assert PAGE not in member.get("/orgs/acme/findings").content.decode()


def test_the_page_says_where_code_goes_and_what_it_costs(acme, browser, settings, serve_model):
    settings.ASSISTANT_INPUT_PRICE_USD = "0.25"
    server = serve_model()
    CallFactory(cost_usd="3.5")
    AssistantSettings.objects.create(monthly_budget_usd=10)

    page = browser.get(PAGE).content.decode()

    assert server.url.removesuffix("/v1") in page
    assert "test-model" in page
    assert "$3.50" in page
    assert "of $10.00" in page
    assert "$0.25 in" in page


def test_without_prices_the_page_says_that_costs_are_unknown(acme, browser):
    page = browser.get(PAGE).content.decode()

    assert "costs are not known" in page
    assert "$0.00" not in page


def test_switches_and_limits_are_stored_and_written_down(acme, ada, browser):
    changed = {
        **SWITCHES,
        "fixes": "",
        "least_fix_confidence": "3",
        "monthly_budget_usd": "25.50",
        "retention_days": "30",
        "log_mode": "metadata",
        "findings_per_scan": "10",
    }
    del changed["fixes"]

    response = browser.post(PAGE, changed)

    assert response.status_code == 302
    stored = row()
    assert (stored.fixes, stored.judges, stored.least_fix_confidence) == (False, True, 3)
    assert (str(stored.monthly_budget_usd), stored.retention_days) == ("25.50", 30)
    assert (stored.log_mode, stored.findings_per_scan) == (LogMode.METADATA, 10)
    event = AuditEvent.objects.get(action="assistant.changed")
    assert event.actor == ada
    assert event.before == {
        "fixes": True,
        "least_fix_confidence": 1,
        "monthly_budget_usd": None,
        "retention_days": 182,
        "log_mode": "full",
        "findings_per_scan": 1000,
    }
    assert event.after["monthly_budget_usd"] == "25.50"


def test_saving_what_stands_there_writes_no_event(acme, browser):
    browser.post(PAGE, SWITCHES)

    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("retention_days", "183", "less than or equal to 182"),
        ("retention_days", "0", "greater than or equal to 1"),
        ("monthly_budget_usd", "-1", "greater than or equal to 0"),
        ("monthly_budget_usd", "NaN", "Enter a number"),
        ("monthly_budget_usd", "1e99", "no more than"),
        ("findings_per_scan", "many", "whole number"),
        ("least_fix_confidence", "9", "valid choice"),
        ("log_mode", "none", "valid choice"),
        ("provider", "mine", "valid choice"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_saved(acme, browser, field, value, words):
    response = browser.post(PAGE, {**SWITCHES, field: value})

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not AssistantSettings.objects.exists()


def test_switching_off_needs_no_dialog_and_switching_on_does(acme, ada, browser):
    off = {name: value for name, value in SWITCHES.items() if name != "is_enabled"}
    assert browser.post(PAGE, off).status_code == 302
    assert not row().is_enabled

    asked = browser.post(PAGE, SWITCHES)
    assert "What leaves your repositories" in asked.content.decode()
    assert not row().is_enabled

    assert browser.post(PAGE, {**SWITCHES, "consent": "nobody"}).status_code == 302
    assert row().is_enabled
    assert row().consented_by == ada
    assert AuditEvent.objects.filter(action="assistant.consented").count() == 1


def test_an_own_provider_is_tried_then_agreed_to_then_stored(acme, ada, browser, serve_model):
    server = serve_model(default=answers({"works": True}))
    host = server.url.removesuffix("/v1")

    asked = browser.post(PAGE, own(server.url, api_key=KEY), headers=HTMX)
    assert asked.status_code == 200
    assert asked.headers["HX-Retarget"] == "#consent"
    assert host in asked.content.decode()
    assert KEY not in asked.content.decode()
    assert not AssistantSettings.objects.exists()

    saved = browser.post(PAGE, own(server.url, api_key=KEY, consent=host), headers=HTMX)
    assert (saved.status_code, saved.headers["HX-Redirect"]) == (204, PAGE)
    stored = row()
    assert (stored.provider, stored.base_url, stored.model) == (
        "compatible",
        server.url,
        "own-model",
    )
    assert decrypt(stored.encrypted_api_key) == KEY
    assert KEY not in stored.encrypted_api_key
    assert (stored.consented_by, stored.consented_host) == (ada, host)
    events = AuditEvent.objects.order_by("id")
    assert [event.action for event in events] == ["assistant.consented", "assistant.changed"]
    assert events[1].after["api_key"] == "set"
    assert KEY not in str([event.after for event in events])


def test_a_consent_to_another_host_is_none(acme, browser, serve_model):
    server = serve_model(default=answers({"works": True}))

    response = browser.post(PAGE, own(server.url, consent="https://other.example"))

    assert "What leaves your repositories" in response.content.decode()
    assert not AssistantSettings.objects.exists()


def test_a_provider_that_fails_is_not_stored_and_what_was_typed_stays(acme, browser, serve_model):
    server = serve_model(default=status(401, "wrong key"))
    sent = own(server.url, api_key=KEY, retention_days="77")

    fragment = browser.post(PAGE, sent, headers=HTMX)
    page = browser.post(PAGE, sent)

    for response in (fragment, page):
        assert response.status_code == 422
        assert "it rejects the key" in response.content.decode()
        assert KEY not in response.content.decode()
    assert server.url in page.content.decode()
    assert 'value="77"' in page.content.decode()
    assert not AssistantSettings.objects.exists()


def test_the_page_never_shows_a_stored_key(acme, browser):
    stored_own("https://models.example/v1")

    page = browser.get(PAGE).content.decode()

    assert KEY not in page
    assert "…abcd" in page
    assert row().encrypted_api_key not in page


def test_of_a_short_key_nothing_is_shown(acme, browser):
    stored_own("https://models.example/v1", encrypted_api_key=encrypt("sk-short"))

    assert "hort" not in browser.get(PAGE).content.decode().replace("short", "")


def test_a_blank_key_keeps_the_stored_one(acme, browser, serve_model):
    server = serve_model()
    stored_own(server.url)

    response = browser.post(PAGE, own(server.url, retention_days="7"))

    assert response.status_code == 302
    assert decrypt(row().encrypted_api_key) == KEY
    assert server.requests == []  # the provider did not change
    assert row().retention_days == 7


def test_the_stored_key_is_sent_to_no_other_host(acme, browser, serve_model):
    server = serve_model(default=answers({"works": True}))
    stored_own("https://models.example/v1")

    browser.post(TEST, own(server.url))
    azure = browser.post(
        TEST,
        own(f"{server.url}/deployments/x/chat/completions", provider="azure"),
    )

    assert "Bearer none" in {headers.get("authorization") for headers in server.headers}
    assert KEY not in str(server.headers)
    assert azure.status_code == 422
    assert "is sent nowhere else" in azure.content.decode()
    assert len(server.requests) == 1


def test_another_host_drops_the_stored_key(acme, browser, serve_model):
    server = serve_model(default=answers({"works": True}))
    stored_own("https://models.example/v1")

    browser.post(PAGE, own(server.url, consent=server.url.removesuffix("/v1")))

    assert (row().base_url, row().encrypted_api_key) == (server.url, "")


def test_a_key_can_be_removed(acme, browser, serve_model):
    server = serve_model(default=answers({"works": True}))
    stored_own(server.url)

    browser.post(PAGE, own(server.url, removes_key="on"))

    assert row().encrypted_api_key == ""
    event = AuditEvent.objects.get(action="assistant.changed")
    assert (event.before, event.after) == ({"api_key": "set"}, {"api_key": "not set"})


def test_a_replaced_key_is_written_down_as_such(acme, browser, serve_model):
    server = serve_model(default=answers({"works": True}))
    stored_own(server.url)

    browser.post(PAGE, own(server.url, api_key="sk-another-key-00000"))

    assert AuditEvent.objects.get(action="assistant.changed").after == {"api_key": "replaced"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"base_url": "http://models.example/v1"}, "must begin with https"),
        ({"base_url": ""}, "no web address"),
        ({"model": ""}, "Name the model"),
        ({"api_key": "sk with blanks"}, "copy it anew"),
        ({"api_key": "sk-\x1b[31m"}, "copy it anew"),
        ({"provider": "openai"}, "needs a key"),
        ({"provider": "azure", "api_key": KEY}, "full target URI"),
    ],
)
def test_what_cannot_be_a_provider_is_refused_before_any_call(acme, browser, fields, words):
    response = browser.post(TEST, own("https://models.example/v1", **fields), headers=HTMX)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ModelCall.objects.exists()


def test_a_test_of_unsaved_values_stores_none_of_them(acme, browser, serve_model):
    server = serve_model(answers({"works": True}))

    response = browser.post(TEST, own(server.url, api_key=KEY), headers=HTMX)

    assert response.status_code == 200
    assert "own-model answered in" in response.content.decode()
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert not AssistantSettings.objects.exists()


def test_going_back_to_the_installation_keeps_the_own_provider_for_later(acme, browser):
    stored_own("https://models.example/v1")

    response = browser.post(PAGE, SWITCHES)

    assert response.status_code == 302
    assert row().provider == "installation"
    assert row().base_url == "https://models.example/v1"
    assert decrypt(row().encrypted_api_key) == KEY


def test_settings_of_later_doors_are_left_alone(acme, browser):
    AssistantSettings.objects.create(judges_in_slack=False, noise_filter="hide")

    browser.post(PAGE, {**SWITCHES, "retention_days": "9"})

    assert (row().judges_in_slack, row().noise_filter) == (False, "hide")
