"""An admin's way through the settings of the assistant and the model log, in a real browser."""

from playwright.sync_api import expect

from llm.models import AssistantSettings, ModelCall
from tests.browser.pages import look_at, sign_in
from tests.llm.logged import CallFactory
from tests.model_server import answers


def test_an_admin_brings_a_provider_of_her_own(house, visit, serve_model, settings):
    server = serve_model(default=answers({"works": True}))
    settings.ASSISTANT_PROVIDER = "offline"
    settings.ALLOW_PRIVATE_ADDRESSES = ["127.0.0.1"]
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/settings/assistant")
    look_at(page, "assistant-installation")
    page.goto("/orgs/acme/settings/assistant")
    page.get_by_label("A server that speaks").check()
    page.get_by_label("Address").fill("https://10.0.0.8/v1")
    page.get_by_label("Model", exact=True).fill("test-model")
    page.locator("#id_api_key").fill("sk-own-key-0123456789abcd")
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#test-outcome")).to_contain_text("private address")
    page.get_by_label("Address").fill(server.url)
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#test-outcome")).to_contain_text("test-model answered in")

    page.locator(".save-bar").get_by_role("button", name="Save").click()
    expect(page.locator("#consent")).to_be_visible()
    expect(page.locator("#consent")).to_contain_text(server.url.removesuffix("/v1"))
    look_at(page, "assistant-consent")
    page.get_by_role("button", name="Agree and save").click()

    expect(page.locator("#toasts")).to_contain_text("saved")
    row = AssistantSettings.objects.get()
    assert (row.provider, row.model) == ("compatible", "test-model")
    assert row.consented_by.email == "ada@acme.example"
    look_at(page, "assistant-own")


def test_an_admin_reads_exports_and_deletes_what_was_asked(house, visit):
    CallFactory.create_batch(3)
    CallFactory(subject_id=house["real"].id, outcome="invalid", error="at the top: no JSON")
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/settings/model-log")
    look_at(page, "model-log")
    page.goto("/orgs/acme/settings/model-log?outcome=invalid")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Verdict").click()
    expect(page.get_by_role("heading", name="Sent: user")).to_be_visible()
    look_at(page, "model-call")
    page.reload()

    page.get_by_role("button", name="Delete text …").click()
    page.get_by_role("button", name="Delete text", exact=True).click()

    expect(page.locator("#toasts")).to_contain_text("deleted")
    assert ModelCall.objects.filter(request="").count() == 1
    page.goto("/orgs/acme/settings/model-log?outcome=refused")
    look_at(page, "model-log-empty")
