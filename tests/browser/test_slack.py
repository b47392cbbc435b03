"""Settings, Slack in a real browser; and the messages, drawn as Slack draws them."""

from django.utils import timezone
from playwright.sync_api import expect

from integrations.models import SlackWorkspace
from integrations.slack_accounts import link_url
from notifications.models import DeliveryKind
from tenants.models import User
from tests.browser.pages import SCREENSHOTS, look_at, sign_in
from tests.notifications.slack_scene import SlackScene
from tests.slack_server.rendering import page_of
from tests.slack_server.rows import a_channel, a_workspace, an_account
from tests.slack_server.server import TOKEN, SlackServer


def test_an_admin_connects_slack_and_sees_channels_and_people(house, visit, settings):
    page = visit()
    sign_in(page)
    page.goto("/orgs/acme/settings/slack")
    look_at(page, "slack-first")
    page.goto("/orgs/acme/settings/slack")
    page.get_by_role("button", name="Connect Slack").click()
    look_at(page, "slack-steps")
    with SlackServer() as slack:
        settings.SLACK_URL = slack.url
        page.goto("/orgs/acme/settings/slack")
        page.get_by_text("Or by a bot token").click()
        page.get_by_label("Bot User OAuth Token").fill("xoxb-wrong-token")
        page.get_by_label("Signing Secret").last.fill("sign-acme")
        page.get_by_role("button", name="Check and save").click()
        expect(page.get_by_text("invalid_auth")).to_be_visible()
        page.get_by_label("Bot User OAuth Token").fill(TOKEN)
        page.get_by_label("Signing Secret").last.fill("sign-acme")
        page.get_by_role("button", name="Check and save").click()
        expect(page.get_by_role("heading", name="Acme", exact=False).first).to_be_visible()
    workspace = SlackWorkspace.objects.get()
    ada = User.objects.get(email="ada@acme.example")
    a_channel(workspace=workspace)
    a_channel(workspace=workspace, tag="payments")
    an_account(workspace=workspace, person=ada)
    page.goto("/orgs/acme/settings/slack")
    page.get_by_role("button", name="Send test message to #security").first.click()
    expect(page.locator("#toasts")).to_contain_text("on its way to #security")
    look_at(page, "slack-workspace")
    page.goto("/orgs/acme/settings/slack")
    page.get_by_role("button", name="Remove workspace …").click()
    look_at(page, "slack-remove")


def test_a_member_says_who_she_is_in_slack(house, visit):
    workspace = a_workspace()
    url = link_url(workspace=workspace, slack_user_id="U0ADA", name="ada.l", now=timezone.now())
    page = visit()
    sign_in(page)
    page.goto(url[url.index("/orgs/") :])
    look_at(page, "slack-link")
    page.reload()

    page.get_by_role("button", name="Yes, link").click()

    expect(page.locator("#toasts")).to_contain_text("Linked.")


def test_messages_as_slack_draws_them(house, browser, settings):
    with SlackServer() as slack:
        scene = SlackScene(slack, settings, project="acme/payments")
        scene.link(User.objects.get(email="ada@acme.example"))
        findings = [scene.find(line) for line in range(10, 23)]
        ids = [one.pk for one in findings]
        scene.run(scene.want(DeliveryKind.SCAN, finding_ids=ids, count=13))
        scene.ask(findings[0])
        decided = scene.ask(findings[1])
        type(findings[1]).objects.filter(pk=findings[1].pk).update(triage_state="ignored")
        type(decided).objects.filter(pk=decided.pk).update(status="waiting")
        scene.run(decided)
        scene.run(scene.want(DeliveryKind.FAILED_SCAN))
        scene.run(scene.want(DeliveryKind.TEST))
        drawn = page_of(slack.messages)
        assert slack.complaints == []
    page = browser.new_page(viewport={"width": 700, "height": 900})
    page.set_content(drawn)
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "slack-messages.png", full_page=True)
    page.close()
